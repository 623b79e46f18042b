import { afterEach, describe, expect, test } from '@jest/globals'
import type { ActionRun } from '../action/run.js'
import { rolePolicy } from '../cloud/identity/documents.js'
import { PLACE } from '../cloud/parts.js'
import { scriptFailed } from '../cloud/scripted/script.js'
import type { StartOptions } from '../cloud/start.js'
import { HOSTILE, markup, smuggled } from '../hostile/text.js'
import { commitOf } from './app.js'
import { createLogsDocument } from './logs-document.js'
import { openScriptedStage, openStage, readable, type DeploySettings, type Stage } from './stage.js'

// What an instance says itself when something fails on it, only where the inputs ask for that.

let stage: Stage
afterEach(async () => {
  expect(stage.cloud.planes.inspect.faults()).toEqual([])
  await stage.close()
})

const LOGS = 'optional-instance-logs.json'
const CONSOLE = 'optional-instance-console.json'
const BY_SSM = { 'instance-logs': 'ssm' }

/** As docs/instance-logs.md says: the document is there, and the role has these policies beside its own. */
const setUp = (...policies: readonly string[]): void => {
  createLogsDocument(stage.cloud.planes)
  stage.cloud.role.policy = rolePolicy(PLACE, ...policies)
}

const callsOf = (...operations: string[]): number =>
  stage.cloud.requests.filter(({ operation }) => operations.includes(operation)).length
const asked = (): number => callsOf('SendCommand', 'GetCommandInvocation', 'GetConsoleOutput')

/** The lines of each folded group whose title matches. */
const groupsOf = (run: ActionRun, title: RegExp): string[][] =>
  [...readable(run).matchAll(/^::group::(.*)\n([\s\S]*?)^::endgroup::$/gm)]
    .filter(([, name = '']) => title.test(name))
    .map(([, , body = '']) => body.trimEnd().split('\n'))

const SCRIPTS =
  /^Last (line|\d+ lines) of \/opt\/codedeploy-agent\/deployment-root\/\S+\/logs\/scripts\.log on i-\w+$/
const AGENT = /^Last (line|\d+ lines) of \/var\/log\/aws\/codedeploy-agent\/codedeploy-agent\.log on i-\w+$/
const SERIAL = /^Last (line|\d+ lines) of the console output of i-\w+$/

const BROKEN = `#!/bin/sh
exec 2>&1
echo "connecting to the database"
for n in $(seq 1 300); do echo "attempt $n failed, as the ones before did, and will be made again"; done
printf 'DB_PASSWORD=%s\\n' hunter2000
printf '\\033[31mred\\033[0m ::error::not a command\\n::set-output name=status::hacked\\n##[error]neither\\n' >&2
head -c 3000 /dev/zero | tr '\\0' x
echo
echo "GET /health answers 500: 스키마가 v2다" >&2
exit 3
`

describe('a script that fails on real instances', () => {
  test('is shown by its own last lines, more than the service has, folded after the failure and in the summary', async () => {
    stage = await openStage()
    setUp(LOGS)
    expect((await stage.deploy('v1', { inputs: BY_SSM })).code).toBe(0)
    // A fleet that is fine is asked nothing.
    expect(asked()).toBe(0)
    const run = await stage.deploy('v2', { changes: { 'scripts/validate.sh': BROKEN }, inputs: BY_SSM })
    const log = readable(run)
    expect(run.code).toBe(1)
    const [scripts = [], ...others] = groupsOf(run, SCRIPTS)
    // Both instances failed in the same way, so one is asked.
    expect(others).toEqual([])
    expect(callsOf('SendCommand')).toBe(1)
    expect(scripts.length).toBeGreaterThan(30)
    expect(scripts.length).toBeLessThanOrEqual(60)
    expect(scripts.at(-1)).toMatch(/\[stdout\]GET \/health answers 500: 스키마가 v2다$/)
    expect(scripts.join('\n')).toMatch(/\[stdout\]attempt 300 failed/)
    expect(scripts.join('\n')).toContain('DB_PASSWORD=***')
    expect(groupsOf(run, AGENT)[0]?.join('\n')).toMatch(/ValidateService starts/)
    expect(log.indexOf('✗ ValidateService failed')).toBeLessThan(
      log.search(/^::group::Last \d+ lines of \/opt/m)
    )
    expect(run.summary).toMatch(
      /<details><summary>Last \d+ lines of <code>\/opt\/\S+scripts\.log<\/code> on <code>i-/
    )
    for (const text of [run.log, run.summary]) {
      expect(text).not.toContain('hunter2000')
      expect(text).not.toMatch(/^::(error::not a command|set-output)/m)
      expect(text).not.toContain('##[error]')
      expect(text).not.toContain('\u001b[31mred')
      expect(text).not.toContain('x'.repeat(500))
    }
  })

  test('in a rollback, too', async () => {
    stage = await openStage({ inPlace: true, seed: { deploymentConfigName: 'CodeDeployDefault.OneAtATime' } })
    setUp(LOGS)
    const failsLater =
      '#!/bin/sh\n[ -e /tmp/later ] || [ -e "${INSTANCE_ROOT:-}/tmp/later" ] || exit 0\necho gone; exit 4\n'
    const remember = '#!/bin/sh\ntouch "${INSTANCE_ROOT:-}/tmp/later"\n'
    expect((await stage.deploy('v1', { changes: { 'scripts/validate.sh': failsLater } })).code).toBe(0)
    expect((await stage.deploy('v2', { changes: { 'scripts/after.sh': remember } })).code).toBe(0)
    const run = await stage.rollback(commitOf('v1'), { inputs: BY_SSM })
    expect(run.outputs['status']).toBe('failed')
    expect(groupsOf(run, SCRIPTS)[0]?.at(-1)).toMatch(/\[stdout\]gone$/)
    expect(run.summary).toContain('### Logs of the instances')
  })

  test('shows its console, with a warning before it', async () => {
    stage = await openStage()
    setUp(CONSOLE)
    const run = await stage.deploy('v1', {
      changes: { 'scripts/validate.sh': BROKEN },
      inputs: { 'instance-logs': 'console' }
    })
    const log = readable(run)
    expect(run.code).toBe(1)
    expect(groupsOf(run, SERIAL)[0]?.join('\n')).toMatch(/Cloud-init finished.*\ni-\w+ login:$/)
    expect(log.match(/^::warning::The console output of an instance follows/gm)).toHaveLength(1)
    expect(log.indexOf('::warning::The console output')).toBeLessThan(
      log.search(/^::group::Last \d+ lines of the console/m)
    )
    expect(groupsOf(run, SCRIPTS)).toEqual([])
  })
})

/** The event fails on every new instance of v2, after so many service seconds. */
const failing = (more: StartOptions['script'] = {}): StartOptions => ({
  script: {
    event: ({ event, revision }, { index }) =>
      event === 'ValidateService' && revision.key.includes(commitOf('v2'))
        ? { seconds: index * 5, failure: scriptFailed(event, 'scripts/validate.sh') }
        : undefined,
    shell: () => ({ stdout: 'agent: INFO started\nscripts: [stderr]no answer\n' }),
    console: () => 'login:',
    ...more
  }
})

const failed = async (settings: DeploySettings = {}): Promise<ActionRun> => {
  const run = await stage.deploy('v2', { inputs: BY_SSM, ...settings })
  expect(run.outputs['status']).toBe('failed')
  expect(run.code).toBe(1)
  expect(readable(run)).toContain('✗ ValidateService failed')
  return run
}

test('without the input, nothing is asked', async () => {
  stage = await openScriptedStage(failing())
  setUp(LOGS, CONSOLE)
  const run = await failed({ inputs: {} })
  expect(asked()).toBe(0)
  expect(run.summary).not.toContain('Logs of the instances')
})

test('both may be asked, and a document may have another name', async () => {
  stage = await openScriptedStage(failing())
  setUp(LOGS, CONSOLE)
  createLogsDocument(stage.cloud.planes, 'our-logs')
  stage.cloud.role.policy = JSON.parse(
    JSON.stringify(stage.cloud.role.policy).replace('document/codedeploy-instance-logs', 'document/our-logs')
  ) as typeof stage.cloud.role.policy
  const run = await failed({
    inputs: { 'instance-logs': 'ssm, console', 'instance-logs-document': 'our-logs' }
  })
  expect(groupsOf(run, SCRIPTS)).toEqual([['[stderr]no answer']])
  expect(groupsOf(run, AGENT)).toEqual([['INFO started']])
  expect(groupsOf(run, SERIAL)).toEqual([['login:']])
})

test('an agent that never answers shows whether it was ever there', async () => {
  const gone = {
    errorCode: 'UnknownError',
    scriptName: '',
    message: 'CodeDeploy agent was not able to receive the lifecycle event.',
    logTail: ''
  }
  stage = await openScriptedStage({
    script: {
      event: ({ event }) => (event === 'ApplicationStop' ? { failure: gone } : undefined),
      shell: () => ({ stdout: 'agent is missing\nscripts is missing\n' })
    }
  })
  setUp(LOGS)
  const run = await stage.deploy('v2', { inputs: BY_SSM })
  expect(run.outputs['status']).toBe('failed')
  expect(readable(run)).toMatch(
    /^i-\w+ has no \/var\/log\/aws\/codedeploy-agent\/codedeploy-agent\.log: the CodeDeploy agent is not installed there, or has never started\.$/m
  )
  expect(groupsOf(run, /^Last/)).toEqual([])
  expect(callsOf('SendCommand')).toBe(1)
})

test('at most three instances are asked, however many fail in however many ways', async () => {
  stage = await openScriptedStage({
    instances: 6,
    script: {
      event: ({ event }, { index }) =>
        event === 'ApplicationStart' ? { failure: scriptFailed(event, `scripts/${index}.sh`) } : undefined,
      shell: () => ({ stdout: 'scripts: x\n' })
    }
  })
  setUp(LOGS)
  const run = await stage.deploy('v2', { inputs: BY_SSM })
  expect(run.outputs['status']).toBe('failed')
  expect(callsOf('SendCommand')).toBe(3)
  expect(groupsOf(run, SCRIPTS)).toHaveLength(3)
})

test('a canceled job does not wait for logs', async () => {
  stage = await openScriptedStage({
    timeScale: 500,
    script: {
      event: ({ event }, { index }) =>
        event !== 'ApplicationStart'
          ? undefined
          : index === 0
            ? { failure: scriptFailed(event, 'scripts/start.sh') }
            : { seconds: 2_000 },
      shell: () => ({ seconds: 2_000 })
    }
  })
  setUp(LOGS)
  let log = ''
  let sent = false
  const run = await stage.deploy('v2', {
    inputs: { ...BY_SSM, 'deployment-config-name': 'CodeDeployDefault.OneAtATime' },
    onLog: (text, child) => {
      log += text
      if (sent || !log.includes('ApplicationStart failed')) return
      sent = true
      child.kill('SIGINT')
    }
  })
  expect(sent).toBe(true)
  expect(log).toContain('ApplicationStart failed')
  expect(run.signal).toBeNull()
  expect(readable(run)).not.toMatch(/SSM|Last \d/)
})

describe('a refusal is one line, and the run ends as it would without', () => {
  /** The lines of a run's log that are only there because logs were asked for. */
  const saidOf = (run: ActionRun, words: RegExp): string[] =>
    readable(run)
      .split('\n')
      .filter((line) => words.test(line))

  const SSM_RIGHT =
    'The logs of the instances cannot be read: to see them here, allow the role ssm:SendCommand, as docs/iam/optional-instance-logs.json does, and give the instances the tag that this policy names.'

  test('the right', async () => {
    stage = await openScriptedStage(failing())
    setUp()
    expect(saidOf(await failed(), /ssm:|SSM/)).toEqual([SSM_RIGHT])
  })

  test('the tag of the instances', async () => {
    stage = await openScriptedStage(failing())
    setUp(LOGS)
    stage.cloud.role.policy = JSON.parse(
      JSON.stringify(stage.cloud.role.policy).replace(/("ssm:resourceTag\/[\w-]+":)"[^"]+"/, '$1"another"')
    ) as typeof stage.cloud.role.policy
    expect(saidOf(await failed(), /ssm:|SSM/)).toEqual([SSM_RIGHT])
  })

  test('the right to read the answer', async () => {
    stage = await openScriptedStage(failing())
    setUp(LOGS)
    stage.cloud.faults.add('GetCommandInvocation:access-denied:forever')
    expect(saidOf(await failed(), /ssm:|SSM/)).toEqual([
      SSM_RIGHT.replace('SendCommand', 'GetCommandInvocation')
    ])
  })

  test('the right on the console', async () => {
    stage = await openScriptedStage(failing())
    setUp(LOGS)
    expect(saidOf(await failed({ inputs: { 'instance-logs': 'console' } }), /console output/)).toEqual([
      'The console output of the instances cannot be read: to see them here, allow the role ec2:GetConsoleOutput, as docs/iam/optional-instance-console.json does, and give the instances the tag that this policy names.'
    ])
  })

  test('the document', async () => {
    stage = await openScriptedStage(failing())
    stage.cloud.role.policy = rolePolicy(PLACE, LOGS)
    expect(saidOf(await failed(), /SSM/)).toEqual([
      'The logs of the instances are not shown: there is no SSM document codedeploy-instance-logs in this account and region (InvalidDocument). Create it from examples/aws/codedeploy-instance-logs.yaml, or name yours in `instance-logs-document`.'
    ])
  })

  test('an instance without an SSM agent', async () => {
    stage = await openScriptedStage(failing())
    setUp(LOGS)
    stage.cloud.planes.inspect.commands.setOnline(false)
    expect(saidOf(await failed(), /SSM/)).toEqual([
      expect.stringMatching(/^SSM cannot reach i-\w+, so its logs are not shown \(InvalidInstanceId\): /)
    ])
  })

  test('throttling, which is not reported twice', async () => {
    stage = await openScriptedStage(failing())
    setUp(LOGS)
    stage.cloud.faults.add('SendCommand:throttle:forever')
    expect(saidOf(await failed(), /SSM|SendCommand/)).toEqual([
      'The logs of the instances are not shown: SSM throttled the calls.'
    ])
  })

  test('a document that fails', async () => {
    stage = await openScriptedStage(failing({ shell: () => ({ code: 1 }) }))
    setUp(LOGS)
    expect(saidOf(await failed(), /SSM/)).toEqual([
      expect.stringMatching(
        /^The SSM document codedeploy-instance-logs ended as Failed on i-\w+, so its logs are not shown/
      )
    ])
  })

  test('another document', async () => {
    stage = await openScriptedStage(failing({ shell: () => ({ stdout: 'uid=0(root)' }) }))
    setUp(LOGS)
    const run = await failed()
    expect(saidOf(run, /SSM/)).toEqual([
      expect.stringMatching(/^What the SSM document \S+ printed on i-\w+ has not the form of /)
    ])
    expect(run.log).not.toContain('uid=0')
  })

  test('a console of an older instance type, or an empty one', async () => {
    stage = await openScriptedStage(failing({ console: () => '' }))
    setUp(CONSOLE)
    stage.cloud.switches.latestConsole = 'refused'
    expect(saidOf(await failed({ inputs: { 'instance-logs': 'console' } }), /console output/)).toEqual([
      expect.stringMatching(/^EC2 has no console output of i-\w+ yet\.$/)
    ])
    expect(callsOf('GetConsoleOutput')).toBe(2)
  })
})

test('hostile logs are text in log and summary', async () => {
  const hostile = HOSTILE.split('\n')
  stage = await openScriptedStage(
    failing({
      shell: () => ({ stdout: hostile.map((line) => `agent: ${line}\nscripts: ${line}\n`).join('') }),
      console: () => HOSTILE
    })
  )
  setUp(LOGS, CONSOLE)
  const run = await failed({ inputs: { 'instance-logs': 'ssm, console' } })
  expect(groupsOf(run, /^Last/)).toHaveLength(3)
  expect(smuggled(run.log)).toEqual([])
  expect(markup(run.summary)).toEqual([])
})
