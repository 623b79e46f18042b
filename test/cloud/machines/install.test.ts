import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { AgentCommand, Machine } from '../contract.js'
import { archiveFolder, deploy, openYard, order, tar } from './fixture.js'
import type { Tree, Yard } from './fixture.js'

let yard: Yard
let machine: Machine
let count = 0
beforeEach(async () => {
  yard = openYard('off')
  machine = yard.fleet.launch({ instanceId: 'i-install', tags: {} })
  await machine.booted
})
afterEach(() => yard.close())

const onMachine = (file: string) => path.join(yard.scratch, 'instances/i-install/root', file)
const text = (file: string) => readFileSync(onMachine(file), 'utf8')
const put = (file: string, content: string) => {
  mkdirSync(path.dirname(onMachine(file)), { recursive: true })
  writeFileSync(onMachine(file), content)
}
const mode = (file: string) => (statSync(onMachine(file)).mode & 0o7777).toString(8)
const spec = (files: [source: string, destination: string][], more = '') =>
  `version: 0.0\nos: linux\n${more}files:\n` +
  files.map(([source, destination]) => `  - source: ${source}\n    destination: ${destination}\n`).join('')

const install = (tree: Tree, given: Partial<AgentCommand> = {}) => {
  count += 1
  return deploy(
    machine,
    order('', { revision: yard.put(`k${count}`, tar(tree)), deploymentId: 'd-ONE', ...given })
  )
}
const succeeded = { errorCode: 'Success' }
const failedAt = (event: string, message: string) => ({
  event,
  errorCode: 'UnknownError',
  scriptName: '',
  message,
  logTail: ''
})

describe('files are installed where the AppSpec says, below the machine', () => {
  test('a folder, a file, and the whole bundle; destinations are folders', async () => {
    const tree = {
      'appspec.yml': spec([
        ['web', '/var/www'],
        ['conf/app.conf', '/etc/shop'],
        ['/', '/srv/all']
      ]),
      'web/index.html': 'hi',
      'web/sub/a.txt': 'a',
      'conf/app.conf': 'key=1'
    }
    expect(await install(tree)).toMatchObject(succeeded)
    expect(text('var/www/index.html') + text('var/www/sub/a.txt') + text('etc/shop/app.conf')).toBe(
      'hiakey=1'
    )
    expect(text('srv/all/conf/app.conf')).toBe('key=1')
    expect(existsSync(onMachine('srv/all/appspec.yml'))).toBe(true)
    expect(existsSync('/etc/shop')).toBe(false)
  })

  test("links to files stay links; a relative destination is in the agent's folder", async () => {
    const tree = { 'appspec.yml': spec([['a', 'here']]), 'a/real': 'x', 'a/link': { symlink: 'real' } }
    expect(await install(tree)).toMatchObject(succeeded)
    expect(readlinkSync(onMachine('opt/codedeploy-agent/here/link'))).toBe('real')
  })

  test('absolute links on the machine stay on the machine', async () => {
    mkdirSync(onMachine('srv/releases/1'), { recursive: true })
    symlinkSync('/srv/releases/1', onMachine('srv/current'))
    symlinkSync('../../../../../../../../../../tmp', onMachine('srv/out'))
    const files: [string, string][] = [
      ['a.txt', '/srv/current'],
      ['a.txt', '/srv/out/deep-inside']
    ]
    expect(await install({ 'appspec.yml': spec(files), 'a.txt': 'x' })).toMatchObject(succeeded)
    expect(text('srv/releases/1/a.txt') + text('tmp/deep-inside/a.txt')).toBe('xx')
    expect(existsSync('/tmp/deep-inside') || existsSync('/srv/releases')).toBe(false)
  })
})

describe('a file that already exists', () => {
  const tree = (own = '') => ({ 'appspec.yml': spec([['a.txt', '/srv']], own), 'a.txt': 'new' })
  const exists = 'The deployment failed because a specified file already exists at this location: /srv/a.txt'
  const cases: [asked: string, own: string, message: string, content: string][] = [
    ['DISALLOW', '', exists, 'old'],
    ['OVERWRITE', '', 'Succeeded', 'new'],
    ['overwrite', '', 'Succeeded', 'new'],
    ['RETAIN', '', 'Succeeded', 'old'],
    ['DISALLOW', 'file_exists_behavior: OVERWRITE\n', 'Succeeded', 'new'],
    ['OVERWRITE', 'file_exists_behavior: DISALLOW\n', exists, 'old'],
    ['OVERWRITE', 'file_exists_behavior: RETAIN\n', 'Succeeded', 'old'],
    [
      'MAYBE',
      '',
      'The deployment failed because an invalid option was specified for fileExistsBehavior: MAYBE. Valid options include OVERWRITE, RETAIN, and DISALLOW.',
      'old'
    ]
  ]
  test.each(cases)('%s %s', async (fileExistsBehavior, own, message, content) => {
    put('srv/a.txt', 'old')
    const result = await install(tree(own), { fileExistsBehavior })
    expect(result.message).toBe(message)
    expect(result.event).toBe(message === 'Succeeded' ? 'ValidateService' : 'Install')
    expect(text('srv/a.txt')).toBe(content)
  })
})

describe("the group's previous revision", () => {
  test('is removed first: files, links and folders, but nothing that others created', async () => {
    const first = {
      'appspec.yml': spec([['app', '/srv/app']]),
      'app/old.txt': '1',
      'app/both.txt': '1',
      'app/d/x': '1'
    }
    const link = { 'app/l': { symlink: 'old.txt' } }
    expect(await install({ ...first, ...link })).toMatchObject(succeeded)
    put('srv/app/uploads.txt', 'of a visitor')
    const second = { 'appspec.yml': spec([['app', '/srv/app']]), 'app/both.txt': '2' }
    expect(await install(second, { deploymentId: 'd-TWO' })).toMatchObject(succeeded)
    expect(text('srv/app/both.txt') + text('srv/app/uploads.txt')).toBe('2of a visitor')
    for (const gone of ['srv/app/old.txt', 'srv/app/d', 'srv/app/l']) {
      expect(lstatSync(onMachine(gone), { throwIfNoEntry: false })).toBeUndefined()
    }
    expect(text('opt/codedeploy-agent/deployment-root/deployment-instructions/group-id-cleanup')).toBe(
      '/srv/app/both.txt\n'
    )
  })

  test('stays if it is from another group, and blocks the installation', async () => {
    const tree = { 'appspec.yml': spec([['a.txt', '/srv/app']]), 'a.txt': '1' }
    expect(await install(tree)).toMatchObject(succeeded)
    expect(await install(tree, { deploymentGroupId: 'other' })).toMatchObject({
      event: 'Install',
      message:
        'The deployment failed because a specified file already exists at this location: /srv/app/a.txt'
    })
  })
})

describe('permissions', () => {
  const tree = (lines: string): Tree => ({
    'appspec.yml': `${spec([['app', '/srv/app']])}permissions:\n${lines}`,
    'app/run.sh': '',
    'app/a.txt': '',
    'app/sub/b.txt': ''
  })

  test('set modes of what is copied or created, never of the named folder', async () => {
    const lines =
      "  - {object: /srv/app, pattern: '**', except: ['run.sh'], mode: 640, owner: root, group: root, type: [file]}\n" +
      "  - {object: /srv/app, pattern: '*.sh', mode: '0755', type: [file]}\n" +
      '  - {object: /srv/app, mode: 2750, type: [directory]}\n'
    const made = mode('srv')
    expect(await install(tree(lines))).toMatchObject(succeeded)
    expect(['srv/app/run.sh', 'srv/app/a.txt', 'srv/app/sub/b.txt', 'srv/app/sub', 'srv'].map(mode)).toEqual([
      '755',
      '640',
      '640',
      '2750',
      made
    ])
    expect(text('var/log/aws/codedeploy-agent/codedeploy-agent.log')).toContain(
      'owner root:root of /srv/app/a.txt'
    )
  })

  const because = (message: string) => failedAt('Install', `The deployment failed because ${message}`)
  const spec1 = 'the application specification file'
  const refused: [lines: string, message: string][] = [
    [
      '  - {object: /srv/app/a.txt, pattern: x, mode: 600}\n',
      `${spec1} includes an object (/srv/app/a.txt) with an invalid pattern (x), such as a pattern for a file applied to a directory. Correct the permissions section of the AppSpec file, and then try again.`
    ],
    [
      '  - {object: /srv/app/a.txt, except: [glob], mode: 600}\n',
      'the except parameter for a pattern in the permissions section (["glob"]) for the object named /srv/app/a.txt contains an invalid format. Update the AppSpec file, and then try again.'
    ],
    [
      '  - {object: /srv/app, mode: 600, type: [file]}\n  - {object: /srv/app/a.txt, mode: 644}\n',
      `the permissions setting for (/srv/app/a.txt) is specified more than once in ${spec1}. Update the files section of the AppSpec file, and then try again.`
    ],
    [
      "  - {object: /srv/app/a.txt, acls: ['d:user:name:rwx']}\n",
      'the -d parameter has been specified to apply an acl setting to a file. This parameter is supported for directories only. Update the AppSpec file, and then try again.'
    ]
  ]
  test.each(refused)('%s is refused', async (lines, message) => {
    expect(await install(tree(lines))).toEqual(because(message))
  })
})

describe('an Install fails because of', () => {
  test('two sources for one destination', async () => {
    const files: [string, string][] = [
      ['x/a.txt', '/srv'],
      ['y/a.txt', '/srv']
    ]
    const { message } = await install({ 'appspec.yml': spec(files), 'x/a.txt': '', 'y/a.txt': '' })
    expect(message).toBe(
      `The deployment failed because the application specification file specifies two source files named ${archiveFolder}/y/a.txt and ${archiveFolder}/x/a.txt for the same destination (/srv/a.txt). Remove one of the source file paths from the AppSpec file, and then try again.`
    )
  })

  test('a missing source, also if its name is a pattern', async () => {
    const result = await install({ 'appspec.yml': spec([["'*.txt'", '/srv']]), 'a.txt': '' })
    expect(result).toEqual(
      failedAt('Install', `No such file or directory @ rb_sysopen - ${archiveFolder}/*.txt`)
    )
  })
})

describe('whose scripts run', () => {
  const scripts = (name: string, code: number): Tree => ({
    'appspec.yml':
      'version: 0.0\nos: linux\nhooks:\n' +
      ['ApplicationStop', 'BeforeBlockTraffic', 'BeforeAllowTraffic', 'AfterInstall']
        .map((event) => `  ${event}:\n    - location: say.sh\n`)
        .join(''),
    'say.sh': `echo ${name} >> "$INSTANCE_ROOT/said"\nexit ${code}\n`
  })
  const said = () => text('said').trim().split('\n')

  test('stop and block events use the last revision whose Install ended, even if its deployment failed', async () => {
    expect(await install(scripts('one', 1))).toMatchObject({
      event: 'AfterInstall',
      errorCode: 'ScriptFailed'
    })
    const two = order('ApplicationStop', {
      revision: yard.put('two', tar(scripts('two', 0))),
      deploymentId: 'd-TWO'
    })
    expect(await machine.run(two)).toMatchObject({ errorCode: 'ScriptFailed', scriptName: 'say.sh' })
    expect(await machine.run({ ...two, event: 'BeforeBlockTraffic' })).toMatchObject({
      errorCode: 'ScriptFailed'
    })
    await machine.run({ ...two, event: 'DownloadBundle' })
    expect(await machine.run({ ...two, event: 'BeforeBlockTraffic' })).toMatchObject(succeeded)
    expect(said()).toEqual(['one', 'one', 'one', 'two'])
  })

  test('a blue/green rollback blocks with the most recent one and allows with the last successful one', async () => {
    await install(scripts('one', 0), { deploymentId: 'd-1' })
    const two = order('DownloadBundle', {
      revision: yard.put('two', tar(scripts('two', 0))),
      deploymentId: 'd-2'
    })
    await machine.run(two)
    const back = {
      ...two,
      deploymentId: 'd-3',
      deploymentType: 'BLUE_GREEN' as const,
      deploymentCreator: 'codeDeployRollback'
    }
    await machine.run({ ...back, event: 'BeforeBlockTraffic' })
    await machine.run({ ...back, event: 'BeforeAllowTraffic' })
    expect(said().slice(-2)).toEqual(['two', 'one'])
  })
})
