import type { Deployment, EventRecord, EventStatus, TargetRecord, TargetStatus } from '../model.js'

/** The seven events of an installation, in the service's order (docs/service.md, reference 2.1). */
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

/** These three may fail without consequences if the deployment says so (docs/service.md, reference 2.2). */
export const FORGIVABLE: ReadonlySet<string> = new Set([
  'ApplicationStop',
  'BeforeBlockTraffic',
  'AfterBlockTraffic'
])

/** Adds targets to a deployment; all their events are listed from the start as Pending (docs/service.md, reference 2.1). */
export const addTargets = (
  deployment: Deployment,
  kind: { label?: 'Blue' | 'Green'; events: readonly string[]; now: number },
  instances: readonly string[]
): TargetRecord[] => {
  const targets = (deployment.targets ??= new Map<string, TargetRecord>())
  return instances.map((instanceId) => {
    const target: TargetRecord = {
      instanceId,
      ...(kind.label === undefined ? {} : { label: kind.label }),
      status: 'Pending',
      updatedAt: kind.now,
      events: kind.events.map((name) => ({ name, status: 'Pending' }))
    }
    targets.set(instanceId, target)
    return target
  })
}

/** The targets of one side, or all targets of an in-place deployment. */
export const targetsOf = (deployment: Deployment, label?: 'Blue' | 'Green'): TargetRecord[] =>
  [...(deployment.targets?.values() ?? [])].filter((target) => target.label === label)

export const isSettled = (status: TargetStatus | EventStatus): boolean =>
  status === 'Succeeded' || status === 'Failed' || status === 'Skipped'

/** Changes a target's status and notes the time. */
export const mark = (target: TargetRecord, status: TargetStatus, now: number): void => {
  target.status = status
  target.updatedAt = now
}

/** Skips the events that have not run. Skipped events have neither times nor diagnostics (docs/service.md, reference 2.3). */
export const skipPending = (events: readonly EventRecord[]): void => {
  for (const event of events) if (event.status === 'Pending') event.status = 'Skipped'
}

/** Settles every unfinished target when the deployment as a whole ends without success. */
export const skipUnsettled = (deployment: Deployment, now: number): void => {
  for (const target of deployment.targets?.values() ?? []) {
    if (isSettled(target.status)) continue
    skipPending(target.events)
    mark(target, 'Skipped', now)
  }
}
