import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Machine } from '../contract.js'
import { appspec, archiveFolder, openYard, order, tar } from './fixture.js'
import type { Tree, Yard } from './fixture.js'
import { viewRefusal } from './view-host.js'

const refusal = await viewRefusal()
const views = [
  {
    view: 'on' as const,
    where: refusal === undefined ? 'in its own view' : `in its own view (not here: ${refusal})`
  },
  { view: 'off' as const, where: 'without an own view' }
]

const hook = (text: string, more = ''): Tree => ({
  'appspec.yml': appspec('BeforeInstall', 's.sh', more),
  's.sh': text
})

describe.each(views)('hooks $where', ({ view }) => {
  const story = view === 'on' && refusal !== undefined ? test.skip : test
  let yard: Yard
  let machine: Machine
  let count = 0
  const root = () => path.join(yard.scratch, 'instances', machine.id, 'root')

  beforeAll(async () => {
    if (view === 'on' && refusal !== undefined) return
    yard = openYard(view)
    machine = yard.fleet.launch({ instanceId: 'i-hooks', autoScalingGroup: 'web-asg', tags: {} })
    await machine.booted
  })
  afterAll(() => (yard as Yard | undefined)?.close())

  const download = async (tree: Tree) => {
    count += 1
    const command = order('DownloadBundle', {
      revision: { ...yard.put(`k${count}`, tar(tree)), version: 'v1' }
    })
    expect(await machine.run(command)).toMatchObject({ errorCode: 'Success' })
    return command
  }
  const run = async (tree: Tree, event = 'BeforeInstall') => machine.run({ ...(await download(tree)), event })

  story('get the environment of the agent and of their machine', async () => {
    const names =
      'LIFECYCLE_EVENT DEPLOYMENT_ID APPLICATION_NAME DEPLOYMENT_GROUP_NAME DEPLOYMENT_GROUP_ID BUNDLE_BUCKET BUNDLE_KEY BUNDLE_VERSION INSTANCE_ID AUTO_SCALING_GROUP PORT HOST STAGE'
    const script = `#!/bin/sh\nfor n in ${names}; do eval "echo $n=\\$$n"; done\npwd\nexit 1\n`
    const { logTail } = await run(hook(script))
    expect(logTail.replaceAll('[stdout]', '').split('\n')).toEqual([
      'LifecycleEvent - BeforeInstall',
      'Script - s.sh',
      'LIFECYCLE_EVENT=BeforeInstall',
      'DEPLOYMENT_ID=d-ONE',
      'APPLICATION_NAME=Shop',
      'DEPLOYMENT_GROUP_NAME=Web',
      'DEPLOYMENT_GROUP_ID=group-id',
      'BUNDLE_BUCKET=bundles',
      `BUNDLE_KEY=k${count}`,
      'BUNDLE_VERSION=v1',
      'INSTANCE_ID=i-hooks',
      'AUTO_SCALING_GROUP=web-asg',
      `PORT=${machine.address.port}`,
      'HOST=127.0.0.1',
      'STAGE=test',
      expect.stringMatching(/\/opt\/codedeploy-agent$/),
      ''
    ])
  })

  story('write below the machine, in the same place in both kinds of view', async () => {
    const script =
      '#!/bin/sh\nset -e\nmkdir -p "$INSTANCE_ROOT/app/data" "$INSTANCE_ROOT/etc/shop"\necho kept > "$INSTANCE_ROOT/app/data/f"\necho conf > "$INSTANCE_ROOT/etc/shop/c"\n'
    expect(await run(hook(script))).toMatchObject({ errorCode: 'Success', logTail: '' })
    expect(readFileSync(path.join(root(), 'app/data/f'), 'utf8')).toBe('kept\n')
    expect(readFileSync(path.join(root(), 'etc/shop/c'), 'utf8')).toBe('conf\n')
    expect(existsSync('/app/data/f') || existsSync('/etc/shop')).toBe(false)
  })

  story('a failing one reports its exit code and both outputs, in any writing system', async () => {
    const script = '#!/bin/sh\necho 배포를 시작합니다\necho "오류: 디스크" >&2\nsleep 0.05\nexit 7\n'
    const result = await run(hook(script))
    expect(result).toMatchObject({
      errorCode: 'ScriptFailed',
      scriptName: 's.sh',
      message: 'Script at specified location: s.sh failed with exit code 7'
    })
    expect(result.logTail).toContain('[stdout]배포를 시작합니다\n')
    expect(result.logTail).toContain('[stderr]오류: 디스크\n')
    const log = path.join(root(), path.dirname(archiveFolder), 'logs/scripts.log')
    expect(readFileSync(log, 'utf8')).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \[stdout\]배포를/m)
  })

  story('a killed one has no exit code', async () => {
    expect((await run(hook('#!/bin/sh\nkill -9 $$\n'))).message).toBe(
      'Script at specified location: s.sh failed with exit code '
    )
  })

  story('a missing one is reported with its whole path', async () => {
    expect(await run({ 'appspec.yml': appspec('BeforeInstall', 'scripts/none.sh') })).toEqual({
      errorCode: 'ScriptMissing',
      scriptName: 'scripts/none.sh',
      message: `Script does not exist at specified location: ${archiveFolder}/scripts/none.sh`,
      logTail: 'LifecycleEvent - BeforeInstall\n'
    })
  })

  const starts: [name: string, tree: Tree, message: string][] = [
    [
      'a CRLF file',
      hook('#!/bin/bash\r\necho hi\r\n'),
      `s.sh failed with error Errno::ENOENT with message No such file or directory - ${archiveFolder}/s.sh`
    ],
    [
      'an unknown interpreter',
      hook('#!/usr/bin/no-such-shell\n'),
      `s.sh failed with error Errno::ENOENT with message No such file or directory - ${archiveFolder}/s.sh`
    ],
    [
      'a path with a space',
      { 'appspec.yml': appspec('BeforeInstall', 'my script.sh'), 'my script.sh': '#!/bin/sh\n' },
      `my script.sh failed with error Errno::ENOENT with message No such file or directory - ${archiveFolder}/my`
    ],
    [
      'a folder',
      { 'appspec.yml': appspec('BeforeInstall', 'dir'), 'dir/': '' },
      `dir failed with error Errno::EACCES with message Permission denied - ${archiveFolder}/dir`
    ]
  ]
  story.each(starts)('%s cannot be started', async (_name, tree, message) => {
    const result = await run(tree)
    expect(result.errorCode).toBe('ScriptFailed')
    expect(result.message).toBe(`Script at specified location: ${message}`)
  })

  story('the shell runs a script without #!; one that is not executable is made executable', async () => {
    expect(await run(hook('echo hi; exit 3\n'))).toMatchObject({
      message: 'Script at specified location: s.sh failed with exit code 3'
    })
  })

  story('runas changes the message, but not the user', async () => {
    const spec =
      'version: 0.0\nos: linux\nhooks:\n  BeforeInstall:\n    - {location: s.sh, runas: nobody-here}\n'
    expect(await run({ 'appspec.yml': spec, 's.sh': 'exit 1\n' })).toMatchObject({
      message: 'Script at specified location: s.sh run as user nobody-here failed with exit code 1'
    })
  })

  story('run in order until one fails', async () => {
    const spec = `${appspec('BeforeInstall', 'one.sh')}    - location: two.sh\n    - location: three.sh\n`
    const trees = { 'one.sh': 'echo 1\n', 'two.sh': 'echo 2; exit 1\n', 'three.sh': 'echo 3\n' }
    expect(await run({ 'appspec.yml': spec, ...trees })).toMatchObject({
      scriptName: 'two.sh',
      logTail: 'LifecycleEvent - BeforeInstall\nScript - one.sh\n[stdout]1\nScript - two.sh\n[stdout]2\n'
    })
  })

  story('a slow one is killed with its whole process group', async () => {
    const pidFile = path.join(root(), 'tmp/slow.pid')
    const script =
      '#!/bin/sh\nsh -c \'trap "" TERM; echo $$ > "$INSTANCE_ROOT/tmp/slow.pid"; exec sleep 60\' &\necho waiting\nwait\n'
    const tree = hook(script)
    tree['appspec.yml'] = appspec('BeforeInstall', 's.sh').replace('timeout: 10', 'timeout: 1')
    expect(await run(tree)).toEqual({
      errorCode: 'ScriptTimedOut',
      scriptName: 's.sh',
      message: 'Script at specified location: s.sh failed to complete in 1 seconds',
      logTail: 'LifecycleEvent - BeforeInstall\nScript - s.sh\n[stdout]waiting\n'
    })
    const pid = readFileSync(pidFile, 'utf8').trim()
    // It is already dead, but its parent may take a moment to notice.
    const alive = `#!/bin/sh\nfor i in 1 2 3 4 5 6 7 8 9; do kill -0 ${pid} 2>/dev/null || exit 0; sleep 0.3; done\nexit 9\n`
    expect(await run(hook(alive))).toMatchObject({ errorCode: 'Success' })
  })

  story(
    'a background child that keeps the output open is waited for until the timeout, and then reported',
    async () => {
      const tree = hook('#!/bin/sh\nsleep 30 &\necho started\n')
      tree['appspec.yml'] = appspec('BeforeInstall', 's.sh').replace('timeout: 10', 'timeout: 1')
      expect(await run(tree)).toMatchObject({
        errorCode: 'UnknownError',
        scriptName: 's.sh',
        message: 'Script at specified location: s.sh failed to close STDOUT'
      })
    }
  )

  story('the tail of a long output has whole lines; one endless line empties it', async () => {
    const lines = await run(
      hook('#!/bin/sh\ni=0; while [ $i -lt 3000 ]; do i=$((i+1)); echo "line $i"; done; exit 1\n')
    )
    expect(lines.logTail).toMatch(/^\[stdout\]line \d+\n[^]*line 3000\n$/)
    expect(lines.logTail.length).toBeLessThan(2048)
    expect(lines.logTail.length).toBeGreaterThan(2000)
    const endless = await run(
      hook('#!/bin/sh\necho before\nhead -c 3000000 /dev/zero | tr "\\0" x\nexit 1\n')
    )
    expect(endless.logTail).toBe('')
  })

  story('an event without a script succeeds, and so does an unknown one', async () => {
    const command = await download(hook('exit 1\n'))
    for (const event of ['AfterInstall', 'Nonsense', 'ApplicationStop']) {
      expect(await machine.run({ ...command, event })).toEqual({
        errorCode: 'Success',
        scriptName: '',
        message: 'Succeeded',
        logTail: ''
      })
    }
  })

  const specs: [name: string, tree: Tree, message: string][] = [
    ['a broken AppSpec', { 'appspec.yml': 'version: 9\n' }, 'an invalid version value (9)'],
    ['no AppSpec', { 'a.txt': '' }, 'did not find an AppSpec file'],
    [
      'only appspec.yaml',
      { 'appspec.yaml': appspec('BeforeInstall', 's.sh') },
      'revision-relative path "appspec.yml"'
    ]
  ]
  story.each(specs)('%s fails the first event after the download', async (_name, tree, message) => {
    expect(await run(tree)).toEqual({
      errorCode: 'UnknownError',
      scriptName: '',
      message: expect.stringContaining(message),
      logTail: ''
    })
  })
})
