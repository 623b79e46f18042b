import { type Deployment, isOver, type Waits } from '../../src/domain/deployment.js'
import type { Diagnostics, EventStatus, Fleet, LifecycleEvent, Target } from '../../src/domain/event.js'
import type { FixedFleet } from '../../src/domain/fixed-fleet.js'
import type { DeploymentGroup } from '../../src/domain/group.js'
import type { HistoryRow } from '../../src/domain/history.js'
import type { Order } from '../../src/domain/order.js'
import type { StoredLocation } from '../../src/domain/revision.js'
import type { Attempt } from '../../src/domain/serving.js'
import { at } from './clock.js'

/** The events of an instance, in the service's order (docs/service.md, reference 2.1). */
export const INSTALL = [
  'ApplicationStop',
  'DownloadBundle',
  'BeforeInstall',
  'Install',
  'AfterInstall',
  'ApplicationStart',
  'ValidateService'
] as const
export const ALLOW = ['BeforeAllowTraffic', 'AllowTraffic', 'AfterAllowTraffic'] as const
export const BLOCK = ['BeforeBlockTraffic', 'BlockTraffic', 'AfterBlockTraffic'] as const
export const GREEN_EVENTS = [...INSTALL, ...ALLOW] as const

/** The deployment that a test is about, unless it names another. */
export const ID = 'd-AAAAAAAAA'

/** A commit that starts with eight of this digit, and ends otherwise. */
export const sha = (digit: string): string => `${digit.repeat(8)}${'01234567'.repeat(4)}`

/** Where the bundle of a commit is stored; the pin is that of one stored object. */
export const stored = (commit: string, pin: { version?: string; etag?: string } = {}): StoredLocation => ({
  kind: 's3',
  bucket: 'bundles',
  key: `codedeploy/shop/${commit}-0123456789ab.zip`,
  bundleType: 'zip',
  version: pin.version ?? `v-${commit.slice(0, 4)}`,
  etag: pin.etag ?? `"${commit.slice(0, 8)}"`
})

export const order = (members: Partial<Order> = {}): Order => ({
  application: 'shop',
  group: 'web',
  location: stored(sha('a')),
  description: 'x',
  fileExistsBehavior: 'DISALLOW',
  ignoreApplicationStopFailures: false,
  ...members
})

export const waits = (members: Partial<Waits> = {}): Waits => ({
  readyMinutes: 0,
  readyAction: 'CONTINUE_DEPLOYMENT',
  terminationMinutes: 480,
  blueAction: 'TERMINATE',
  ...members
})

/** It is running, unless a status is given; one that is over took 260 seconds. */
export const deployment = (members: Partial<Deployment> = {}): Deployment => {
  const { id = ID, group: name = 'web', status = 'InProgress', createdAt = at(0) } = members
  return {
    id,
    application: 'shop',
    group: name,
    status,
    creator: 'user',
    description: '',
    revision: stored(sha('a')),
    createdAt,
    ...(isOver(status) ? { completedAt: new Date(createdAt.getTime() + 260_000) } : {}),
    style: 'BLUE_GREEN',
    greenAutoScalingGroup: `CodeDeploy_${name}_${id}`,
    terminationWaitStarted: false,
    waits: waits(),
    ...members
  }
}

/** A rollback that the service itself started, of the deployment that a test is about. */
export const serviceRollback = (members: Partial<Deployment> = {}): Deployment =>
  deployment({ id: 'd-BACK00000', creator: 'codeDeployRollback', rollback: { of: ID }, ...members })

/** What the service writes, with its own apostrophes (docs/service.md, captures 2), if it sees no need for a rollback. */
export const NOT_REQUIRED =
  'Automatic rollback isn’t required because traffic hasn’t begun rerouting to the replacement environment'

/** A success of so many minutes ago; the digit is its revision, and `d-A5` is what that of `a` five minutes ago is called. */
export const attempt = (
  minutes: number,
  digit: string,
  members: Partial<Deployment> = {},
  targets: Target[] = []
): Attempt => ({
  deployment: deployment({
    id: `d-${digit.toUpperCase()}${minutes}`,
    revision: stored(sha(digit)),
    status: 'Succeeded',
    createdAt: at(-60 * minutes),
    ...members
  }),
  targets
})

export const group = (members: Partial<DeploymentGroup> = {}): DeploymentGroup => ({
  application: 'shop',
  name: 'web',
  id: 'group-id',
  style: 'BLUE_GREEN',
  trafficControl: true,
  provisioning: 'COPY_AUTO_SCALING_GROUP',
  autoScalingGroups: ['web-asg'],
  loadBalancers: ['web-tg'],
  targetGroups: ['web-tg'],
  deploymentConfig: 'CodeDeployDefault.AllAtOnce',
  waits: waits(),
  autoRollbackEvents: [],
  alarms: [],
  computePlatform: 'Server',
  ...members
})

/** A group with two fixed fleets, of which `blue-fleet` serves. */
export const fixedGroup = (members: Partial<DeploymentGroup> = {}): DeploymentGroup =>
  group({
    provisioning: 'DISCOVER_EXISTING',
    autoScalingGroups: ['blue-fleet'],
    waits: waits({ blueAction: 'KEEP_ALIVE', terminationMinutes: 0 }),
    ...members
  })

/** A fixed fleet by the name of its Auto Scaling group, or by tags such as `Name=green`. */
export const fleet = (name: string): FixedFleet => ({ kind: 'auto-scaling-group', name })
export const tagged = (...tags: string[]): FixedFleet => ({
  kind: 'tags',
  tags: tags.map((tag) => {
    const [key = '', value] = tag.split('=')
    return [{ key, value }]
  })
})

/** What the agent says of a script that failed. */
export const failedDiagnostics = (members: Partial<Diagnostics> = {}): Diagnostics => ({
  errorCode: 'ScriptFailed',
  scriptName: 'scripts/validate.sh',
  message: 'Script at specified location: scripts/validate.sh failed with exit code 3',
  logTail:
    'LifecycleEvent - ValidateService\nScript - scripts/validate.sh\n[stdout]waiting for http://localhost:8080/health\n[stderr]curl: (7) Failed to connect to localhost port 8080\n[stderr]/opt/codedeploy-agent/deployment-root/g/d/deployment-archive/scripts/validate.sh: line 12: [: : integer expression expected\n',
  ...members
})

const SECONDS: Partial<Record<string, number>> = {
  DownloadBundle: 2.4,
  Install: 3.2,
  AfterInstall: 5.5,
  ApplicationStart: 12,
  ValidateService: 8,
  BeforeAllowTraffic: 8.5,
  AllowTraffic: 21,
  BlockTraffic: 31
}
const secondsOf = (name: string): number => SECONDS[name] ?? 0.4

/** What has not run has no times, what is running has no end, and what failed says why. */
const event = (name: string, status: EventStatus, start: number): LifecycleEvent => ({
  name,
  status,
  ...(status === 'Pending' || status === 'Skipped' ? {} : { startTime: at(start) }),
  ...(status === 'Succeeded' || status === 'Failed' ? { endTime: at(start + secondsOf(name)) } : {}),
  ...(status === 'Failed' ? { diagnostics: failedDiagnostics() } : {})
})

/** Events one after another from `start` (in seconds). Without statuses all succeeded; beyond those given they are Pending. */
export const events = (
  names: readonly string[],
  start = 0,
  statuses: readonly EventStatus[] = names.map(() => 'Succeeded')
): LifecycleEvent[] => {
  let next = start
  return names.map((name, index) => {
    const begins = next
    next += secondsOf(name)
    return event(name, statuses[index] ?? 'Pending', begins)
  })
}

/** Events that have not run. */
export const unrun = (
  names: readonly string[],
  status: 'Pending' | 'Skipped' = 'Pending'
): LifecycleEvent[] => names.map((name) => event(name, status, 0))

/** The id of an instance, as long as a real one. */
export const instance = (n: number): string => `i-0a1b2c3d4e5f6${String(n).padStart(4, '0')}`

/** An instance whose status is what its events show, unless another is given. */
export const target = (
  id: string,
  fleet: Fleet,
  its: LifecycleEvent[],
  status: Target['status'] = statusOf(its)
): Target => ({ id, fleet, status, events: its })

const statusOf = (its: readonly LifecycleEvent[]): Target['status'] => {
  if (its.some(({ status }) => status === 'Failed')) return 'Failed'
  if (its.every(({ status }) => status === 'Pending')) return 'Pending'
  return its.every(({ status }) => status === 'Succeeded') ? 'Succeeded' : 'InProgress'
}

/** The statuses of events of which the first `count` succeeded, with that of the next one if it is given. */
export const done = (count: number, last?: EventStatus): EventStatus[] => [
  ...Array.from({ length: count }, (): EventStatus => 'Succeeded'),
  ...(last === undefined ? [] : [last])
]

/** An instance whose first `count` events succeeded, with the status of the next one if it is given. */
export const green = (id: string, count = 0, last?: EventStatus): Target =>
  target(id, 'green', events(GREEN_EVENTS, 0, done(count, last)))
export const blue = (id: string, count = 0, last?: EventStatus): Target =>
  target(id, 'blue', events(BLOCK, 0, done(count, last)))

/** All of an instance's events succeeded, one after another from `start` (in seconds). */
export const served = (id: string, start = 0): Target => target(id, 'green', events(GREEN_EVENTS, start))
export const blocked = (id: string, start = 0): Target => target(id, 'blue', events(BLOCK, start))

/** An instance of the original fleet that takes traffic again. */
export const returned = (id: string, start = 0): Target => target(id, 'blue', events(ALLOW, start))

export const row = (members: Partial<HistoryRow> = {}): HistoryRow => {
  const { commit = sha('a'), status = 'Succeeded' } = members
  const { revision = stored(commit) } = members
  return {
    deploymentId: ID,
    commit,
    subject: '[BE] DEV -> PROD merge',
    status,
    who: 'mina',
    startedAt: at(0),
    completedAt: at(29_640),
    timeToTrafficMs: 192_000,
    durationMs: 29_640_000,
    live: false,
    served: status === 'Succeeded',
    creator: 'user',
    available: true,
    addressable: true,
    revisionText: revision.kind === 's3' ? `s3://${revision.bucket}/${revision.key}` : revision.text,
    revision,
    ...members
  }
}

/** An exception as the SDK throws it. */
export const refusal = (name: string, message = 'refused', httpStatusCode = 400): Error =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode } })

/** A connection that broke, as Node says it. */
export const broken = (code = 'ECONNRESET'): Error => Object.assign(new Error('socket hang up'), { code })
