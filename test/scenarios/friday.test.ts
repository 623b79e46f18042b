import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { afterEach, describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import type { ActionRun } from '../action/run.js'
import type { BrokenRole } from '../cloud/codedeploy/state.js'
import { defaultSwitches, type Switches } from '../cloud/contract.js'
import { rolePolicy } from '../cloud/identity/documents.js'
import { PLACE } from '../cloud/parts.js'
import type { StartOptions } from '../cloud/start.js'
import { clientsOf } from '../cloud/wire/clients.js'
import { sampled } from '../sample.js'
import { commitOf } from './app.js'
import { openScriptedStage, openStage, readable, type Stage } from './stage.js'

// v2 is bad, and somebody rolls back to v1 at a bad moment. How each of these ends is read from the table in docs/resilience.md.

let stage: Stage

/** Blue is gone as soon as the traffic has moved. */
const AT_ONCE = { terminationWait: 0 }
/** Blue outlives every test. */
const WAITING = { terminationWait: 600 }

const WHOLE = { 'wait-for': 'complete' }

/** v1 was replaced by v2. */
const afterV2 = async (options: StartOptions, inputs: Record<string, string> = {}): Promise<string[]> => {
  stage = await openScriptedStage(options)
  const waits = options.terminationWait === 0 ? WHOLE : { 'end-termination-wait': 'true' }
  const revisions: string[] = []
  for (const version of ['v1', 'v2']) {
    const { code, outputs } = await stage.deploy(version, { inputs: { ...waits, ...inputs } })
    expect(code).toBe(0)
    revisions.push(outputs['revision'] ?? '')
  }
  return revisions
}

const back = (inputs: Record<string, string> = {}): Promise<ActionRun> =>
  stage.rollback(commitOf('v1'), { inputs })

/** Resolves once the log of a run that is started with `onLog` shows this. */
const sight = (shows: RegExp): { onLog: (text: string) => void; seen: Promise<void> } => {
  let log = ''
  let resolve: () => void = () => undefined
  const seen = new Promise<void>((done) => (resolve = done))
  const onLog = (text: string): void => {
    log += text
    if (shows.test(log)) resolve()
  }
  return { onLog, seen }
}

/** Longer than any test: an event that takes so long ends only by a stop. */
const ENDLESS = { seconds: 200_000 }

/** While v2 replaces v1, this event of v2 does not end; then the rollback starts. */
const during = async (slow: string, switches: Partial<Switches> = {}): Promise<ActionRun> => {
  const script: StartOptions['script'] = {
    event: ({ event, revision, deploymentCreator }) =>
      event === slow && revision.key.includes(commitOf('v2')) && deploymentCreator === 'user'
        ? ENDLESS
        : undefined
  }
  stage = await openScriptedStage({ ...AT_ONCE, switches: { ...defaultSwitches, ...switches }, script })
  expect((await stage.deploy('v1', { inputs: WHOLE })).code).toBe(0)
  const { onLog, seen } = sight(new RegExp(`${slow} +\\S*InProgress`))
  const deploying = stage.deploy('v2', { onLog })
  await Promise.race([seen, deploying])
  const [, run] = await Promise.all([deploying, back()])
  return run
}

const SHIFTING = 'AfterAllowTraffic'

const whileAlarmFires = async (...policies: string[]): Promise<ActionRun> => {
  await afterV2({ ...AT_ONCE, seed: { alarms: ['5xx'] } })
  stage.cloud.role.policy = rolePolicy(PLACE, ...policies)
  stage.cloud.planes.inspect.alarms.set('5xx', 'ALARM')
  return back()
}

/** v2 cannot be stopped. Its servers really run. */
const afterBadStop = async (inPlace: boolean): Promise<void> => {
  stage = await openStage({ ...AT_ONCE, inPlace })
  const changes = { 'scripts/stop.sh': '#!/bin/sh\necho cannot stop >&2\nexit 1\n' }
  expect((await stage.deploy('v1', { inputs: WHOLE })).code).toBe(0)
  expect((await stage.deploy('v2', { inputs: WHOLE, changes })).code).toBe(0)
}

const UNVERSIONED = `${PLACE.bucket}-unversioned`

/** The bundle of v1, in a bucket that keeps versions or in one that does not. */
const bundleIn = async (bucket: string): Promise<{ Bucket: string; Key: string; VersionId?: string }> => {
  const inputs = { 's3-bucket': bucket }
  const policy = rolePolicy({ ...PLACE, bucket })
  stage = await openScriptedStage(AT_ONCE)
  stage.cloud.role.policy = policy
  const v1 = await stage.deploy('v1', { inputs: { ...WHOLE, ...inputs } })
  expect((await stage.deploy('v2', { inputs: { ...WHOLE, ...inputs } })).code).toBe(0)
  const [, Key = '', VersionId] =
    /^s3:\/\/[^/]+\/([^?]*)(?:\?versionId=(.*))?$/.exec(v1.outputs['revision'] ?? '') ?? []
  return { Bucket: bucket, Key, ...(VersionId === undefined ? {} : { VersionId }) }
}

const overwrittenIn = async (bucket: string): Promise<ActionRun> => {
  const { Bucket, Key } = await bundleIn(bucket)
  await clientsOf(stage.cloud).s3.send(new PutObjectCommand({ Bucket, Key, Body: 'something else' }))
  return back({ 's3-bucket': bucket })
}

const deleted = async (): Promise<ActionRun> => {
  const bundle = await bundleIn(PLACE.bucket)
  await clientsOf(stage.cloud).s3.send(new DeleteObjectCommand(bundle))
  return back()
}

const unversioned = async (): Promise<ActionRun> => {
  await bundleIn(UNVERSIONED)
  const run = await back({ 's3-bucket': UNVERSIONED })
  expect(
    readable(run).match(/^::warning::s3:\S+ has no version, so once it is overwritten or /gm)
  ).toHaveLength(1)
  return run
}

const SERVICE_ROLE = `arn:aws:iam::${PLACE.accountId}:role/CodeDeployServiceRole`

const withoutRole = async (
  how: BrokenRole,
  options: StartOptions = AT_ONCE,
  brokenRole: Switches['brokenRole'] = 'fails'
): Promise<ActionRun> => {
  await afterV2({ ...options, switches: { ...defaultSwitches, brokenRole } })
  stage.cloud.planes.inspect.brokenRoles.set(SERVICE_ROLE, how)
  return back()
}

const withoutTemplate = async (
  options: StartOptions = AT_ONCE,
  goneTemplate: Switches['goneTemplate'] = 'AUTO_SCALING_CONFIGURATION'
): Promise<ActionRun> => {
  await afterV2({ ...options, switches: { ...defaultSwitches, goneTemplate } })
  const { fleets } = stage.cloud.planes.inspect
  for (const { launchTemplate } of fleets.all()) fleets.goneTemplates.add(launchTemplate?.id ?? '?')
  return back()
}

/** The second run starts while the first one's deployment drains v2, which ends only once the second follows it. */
const twiceTheSame = async (): Promise<ActionRun> => {
  let drained = Promise.resolve()
  await afterV2({ ...AT_ONCE, balancing: { drain: () => drained } })
  let end: () => void = () => undefined
  drained = new Promise((resolve) => (end = resolve))
  const [draining, following] = [sight(/BlockTraffic +\S*InProgress/), sight(/^Following d-/m)]
  const first = stage.rollback(commitOf('v1'), { onLog: draining.onLog })
  await Promise.race([draining.seen, first])
  const second = stage.rollback(commitOf('v1'), { onLog: following.onLog })
  await Promise.race([following.seen, second])
  end()
  const codes = (await Promise.all([first, second])).map(({ code }) => code)
  expect([...codes, stage.cloud.planes.inspect.deployments().length]).toEqual([0, 0, 3])
  return second
}

/** The second run starts while the first one's deployment installs v1. Returns the first. */
const twoDifferent = async (): Promise<ActionRun> => {
  let isBack = false
  const script: StartOptions['script'] = {
    event: ({ event, revision }) =>
      isBack && event === 'Install' && revision.key.includes(commitOf('v1')) ? ENDLESS : undefined
  }
  stage = await openScriptedStage({ ...AT_ONCE, script })
  for (const version of ['v1', 'v3', 'v2'])
    expect((await stage.deploy(version, { inputs: WHOLE })).code).toBe(0)
  isBack = true
  const { onLog, seen } = sight(/Install +\S*InProgress/)
  const first = stage.rollback(commitOf('v1'), { onLog })
  await Promise.race([seen, first])
  const second = await stage.rollback(commitOf('v3'))
  expect([second.code, live()]).toEqual([0, ['v3']])
  return first
}

const SCENES: Record<string, () => Promise<ActionRun>> = {
  'while the new fleet installs': () => during('Install'),
  'while the traffic shifts': () => during(SHIFTING),
  'while the traffic shifts, and the service does not move it back': () =>
    during(SHIFTING, { stopWhileShifting: 'no-rollback' }),
  'in the termination wait': async () => {
    await afterV2(WAITING)
    return back()
  },
  'after blue is gone': async () => {
    await afterV2(AT_ONCE)
    return back()
  },
  'while an alarm of the group fires': () => whileAlarmFires('optional-alarm-override.json'),
  'while an alarm fires that the role may not turn off': () => whileAlarmFires(),
  'with a failing ApplicationStop of the bad version': async () => {
    await afterBadStop(false)
    return back()
  },
  'the same in place': async () => {
    await afterBadStop(true)
    return back()
  },
  'the same in place, with `ignore-application-stop-failures: true`': async () => {
    await afterBadStop(true)
    return back({ 'ignore-application-stop-failures': 'true' })
  },
  'with the bundle overwritten': () => overwrittenIn(PLACE.bucket),
  'with the bundle overwritten in a bucket that keeps no versions': () => overwrittenIn(UNVERSIONED),
  'with the bundle deleted': deleted,
  'from a bucket that keeps no versions': unversioned,
  'with the service role gone': () => withoutRole('gone'),
  'with the service role gone, in the termination wait': () => withoutRole('gone', WAITING),
  'with the service role gone, which CreateDeployment notices': () => withoutRole('gone', AT_ONCE, 'refused'),
  'with a service role that CodeDeploy may not assume': () => withoutRole('not-assumable'),
  'twice at once, to the same commit': twiceTheSame,
  'twice at once, to two commits: the one that lost': twoDifferent,
  'with the launch template gone': () => withoutTemplate(),
  'with the launch template gone, in the termination wait': () => withoutTemplate(WAITING),
  'with the launch template gone, which the service calls a validation error': () =>
    withoutTemplate(AT_ONCE, 'AUTOSCALING_VALIDATION_ERROR'),
  'with the launch template gone, which only Auto Scaling notices': () =>
    withoutTemplate(AT_ONCE, 'launches-nothing')
}

/** The versions that visitors may get: what was last installed on each healthy server of the target group. */
const live = (): string[] => {
  const { inspect } = stage.cloud.planes
  const versions = inspect.targetGroups
    .all()
    .flatMap(({ plane }) => plane.health())
    .filter(({ state }) => state === 'healthy')
    .map(({ machineId }) => {
      const installed = inspect
        .deployments()
        .findLast(({ targets }) =>
          targets
            ?.get(machineId)
            ?.events.some(({ name, status }) => name === 'Install' && status === 'Succeeded')
        )
      const text = JSON.stringify(installed?.revision ?? '')
      return ['v1', 'v2', 'v3'].find((version) => text.includes(commitOf(version))) ?? '?'
    })
  return [...new Set(versions)].sort()
}

/** The first red annotation of a run that failed, or the result of one that succeeded: its first two lines. */
const firstTwo = (run: ActionRun): string[] => {
  const lines = readable(run).split('\n')
  const red = lines.find((line) => line.startsWith('::error'))
  return red === undefined
    ? lines.slice(lines.findIndex((line) => line.startsWith('✓'))).slice(0, 2)
    : red
        .replace(/^::error[^:]*::/, '')
        .replaceAll('%25', '%')
        .split('%0A')
        .slice(0, 2)
}

/** The rows of the table: scene, what the run does, exit code, the two lines, in which `…` stands for anything. */
const ROWS = new Map(
  readFileSync('docs/resilience.md', 'utf8')
    .split('## Rolling back at a bad moment')[1]
    ?.split('\n## ')[0]
    ?.split('\n')
    .filter((line) => /^\| .* \| \d \|/.test(line))
    .map((line) => line.slice(2, -2).split(' | '))
    .map(([scene = '', , code = '', lines = '']) => [
      scene,
      { code: Number(code), lines: lines.split('<br>') }
    ])
)

const asPattern = (line: string): RegExp =>
  new RegExp(`^${line.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('…', '.+')}$`)

test('docs/resilience.md has a row for each scene, in this order', () => {
  expect([...ROWS.keys()]).toEqual(Object.keys(SCENES))
})

describe('a rollback', () => {
  afterEach(async () => {
    expect(stage.cloud.planes.inspect.faults()).toEqual([])
    await stage.close()
  })

  test.each(sampled(Object.entries(SCENES), 2))('%s', async (name, play) => {
    const run = await play()
    const row = ROWS.get(name)
    expect({ code: run.code, lines: firstTwo(run) }).toEqual({
      code: row?.code,
      lines: row?.lines.map((line) => expect.stringMatching(asPattern(line)))
    })
    if (run.code === 0) expect(live()).toEqual(['v1'])
  })
})
