import type { Deployment } from '../../src/domain/deployment.js'
import type { EventStatus, Fleet, LifecycleEvent, Target, TargetStatus } from '../../src/domain/event.js'
import type { DeploymentGroup } from '../../src/domain/group.js'
import type { HistoryRow } from '../../src/domain/history.js'
import type { StoredLocation } from '../../src/domain/revision.js'
import { START } from './clock.js'

/** The ten events of a green instance, in the service's order (reference §2.1). */
export const GREEN_EVENTS = [
  'ApplicationStop',
  'DownloadBundle',
  'BeforeInstall',
  'Install',
  'AfterInstall',
  'ApplicationStart',
  'ValidateService',
  'BeforeAllowTraffic',
  'AllowTraffic',
  'AfterAllowTraffic'
] as const

export const BLUE_EVENTS = ['BeforeBlockTraffic', 'BlockTraffic', 'AfterBlockTraffic'] as const

export const sha = (digit: string): string => digit.repeat(40)

/** Where the bundle of a commit lies; the pin is that of one stored object. */
export const stored = (commit: string, pin: { version?: string; etag?: string } = {}): StoredLocation => ({
  kind: 's3',
  bucket: 'bundles',
  key: `codedeploy/shop/${commit}-0123456789ab.zip`,
  bundleType: 'zip',
  version: pin.version ?? `v-${commit.slice(0, 4)}`,
  etag: pin.etag ?? `"${commit.slice(0, 8)}"`
})

export const deployment = (members: Partial<Deployment> = {}): Deployment => ({
  id: 'd-AAAAAAAAA',
  application: 'shop',
  group: 'web',
  status: 'InProgress',
  creator: 'user',
  description: '',
  revision: stored(sha('a')),
  createdAt: new Date(START),
  style: 'BLUE_GREEN',
  terminationWaitStarted: false,
  ...members
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
  waits: {
    readyMinutes: 0,
    readyAction: 'CONTINUE_DEPLOYMENT',
    terminationMinutes: 60,
    blueAction: 'TERMINATE'
  },
  autoRollbackEvents: [],
  computePlatform: 'Server',
  ...members
})

const event = (name: string, status: EventStatus, second: number): LifecycleEvent => ({
  name,
  status,
  ...(status === 'Pending' || status === 'Skipped' ? {} : { startTime: new Date(START + second * 1000) }),
  ...(status === 'Succeeded' || status === 'Failed'
    ? { endTime: new Date(START + (second + 1) * 1000) }
    : {}),
  ...(status === 'Failed'
    ? {
        diagnostics: {
          errorCode: 'ScriptFailed',
          scriptName: 'scripts/check.sh',
          message: 'Script at specified location: scripts/check.sh failed with exit code 1',
          logTail: '[stderr]no answer'
        }
      }
    : {})
})

/** The statuses of events in order; those that are not given are Pending. */
export const target = (
  id: string,
  fleet: Fleet,
  {
    status,
    events,
    names
  }: { status?: TargetStatus; events?: readonly EventStatus[]; names?: readonly string[] } = {}
): Target => {
  const all = names ?? (fleet === 'blue' ? BLUE_EVENTS : GREEN_EVENTS)
  const statuses = all.map((_, at) => events?.[at] ?? 'Pending')
  return {
    id,
    fleet,
    status: status ?? statusOf(statuses),
    events: all.map((name, at) => event(name, statuses[at] ?? 'Pending', at))
  }
}

const statusOf = (statuses: readonly EventStatus[]): TargetStatus => {
  if (statuses.includes('Failed')) return 'Failed'
  if (statuses.every((status) => status === 'Pending')) return 'Pending'
  return statuses.every((status) => status === 'Succeeded') ? 'Succeeded' : 'InProgress'
}

const done = (count: number, last?: EventStatus): EventStatus[] => [
  ...Array.from({ length: count }, (): EventStatus => 'Succeeded'),
  ...(last === undefined ? [] : [last])
]

/** An instance whose first `count` events succeeded, with the status of the next one if it is given. */
export const green = (id: string, count = 0, last?: EventStatus): Target =>
  target(id, 'green', { events: done(count, last) })
export const blue = (id: string, count = 0, last?: EventStatus): Target =>
  target(id, 'blue', { events: done(count, last) })

/** All of an instance's events succeeded. */
export const served = (id: string): Target => green(id, GREEN_EVENTS.length)
export const blocked = (id: string): Target => blue(id, BLUE_EVENTS.length)

export const row = (members: Partial<HistoryRow> = {}): HistoryRow => {
  const commit = members.commit ?? sha('a')
  const revision = members.revision ?? stored(commit)
  return {
    deploymentId: 'd-AAAAAAAAA',
    commit,
    subject: 'A subject',
    status: 'Succeeded',
    who: 'kim',
    startedAt: new Date(START),
    live: false,
    served: (members.status ?? 'Succeeded') === 'Succeeded',
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
