import { counted } from '../counted.js'
import type { DeploymentGroup } from '../group.js'
import type { HealthyHosts } from './facts.js'
import { type CheckFinding, ok, warning } from './finding.js'
import { HOSTED_MINUTES } from './group.js'

const AREA = 'Time of a deployment'

/** What the least time of a deployment follows from. */
export interface Pace {
  /** Seconds until a new instance is healthy in the slowest target group. */
  healthySeconds: number
  /** Seconds until an old instance is out of the slowest target group. */
  drainSeconds: number
  instances: number
  hosts: HealthyHosts
  /** The hooks of the AppSpec; undefined if `source` has none. */
  hooks?: HookTimes | undefined
}

/** How long the hooks of an AppSpec may run. */
export interface HookTimes {
  /** The timeouts that it sets, in seconds, of all its scripts together. */
  seconds: number
  /** Scripts without a timeout: the agent then gives each an hour (docs/service.md, reference 6). */
  untimed: number
}

/** So many seconds, or minutes from two on, rounded up. */
const inWords = (seconds: number): string =>
  seconds < 120 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`

/**
 * How many times the traffic of some instances is moved: so many as need not stay healthy at once (docs/service.md, reference 1.7).
 * The configuration that comes with the service for one at a time has a type of its own.
 */
export const batchesOf = ({ type, value }: HealthyHosts, instances: number): number => {
  const kept =
    type === 'HOST_COUNT'
      ? value
      : type === 'FLEET_PERCENT'
        ? Math.ceil((instances * value) / 100)
        : instances - 1
  return Math.ceil(instances / Math.max(1, instances - kept))
}

/** The least time that a deployment takes, and whether a job on a machine of GitHub's (`hosted`) can follow it. */
export const paceFindings = (
  { waits, style }: Pick<DeploymentGroup, 'waits' | 'style'>,
  pace: Pace,
  hosted: boolean
): CheckFinding[] => {
  const { healthySeconds, drainSeconds, instances, hosts, hooks } = pace
  const batches = batchesOf(hosts, instances)
  const replaces = style === 'BLUE_GREEN'
  const ready = replaces ? waits.readyMinutes * 60 : 0
  const kept = replaces && waits.blueAction === 'TERMINATE' ? waits.terminationMinutes * 60 : 0
  const moved = ready + batches * (healthySeconds + drainSeconds)
  // Instances of a copy run their hooks at the same time, at best; in place, one batch after the other.
  const hookSeconds = (hooks?.seconds ?? 0) * (replaces ? 1 : batches)
  const found = [
    `at least ${inWords(moved)} until the traffic has moved (${counted(instances, 'instance')} in ${counted(batches, 'batch', 'batches')}, each ${healthySeconds} s until healthy and ${drainSeconds} s to drain${ready > 0 ? `, after a wait of ${inWords(ready)}` : ''})`,
    ...(kept > 0 ? [`${inWords(moved + kept)} until the old instances are gone`] : []),
    ...(hooks === undefined ? [] : [hookWords(hooks)])
  ].join('; ')
  const limit = hosted ? HOSTED_MINUTES * 60 : Infinity
  return [outlasting({ moved, kept, hookSeconds, waits: ready + kept }, limit, found)]
}

const hookWords = ({ seconds, untimed }: HookTimes): string => {
  const timed = `the hooks of the AppSpec may take ${inWords(seconds)} more by their timeouts`
  return untimed === 0 ? timed : `${timed}, and ${counted(untimed, 'script')} without one up to an hour each`
}

const LIMIT = `A job on a machine of GitHub ends after ${HOSTED_MINUTES} min`

const outlasting = (
  { moved, kept, hookSeconds, waits }: { moved: number; kept: number; hookSeconds: number; waits: number },
  limit: number,
  found: string
): CheckFinding => {
  if (moved >= limit)
    return warning(
      AREA,
      found,
      `${LIMIT}, before the traffic has moved.`,
      'Shorten the deregistration delay or the waits, let a deployment take more instances at once (`deployment-config-name`), or use a machine of your own.'
    )
  if (moved + hookSeconds >= limit)
    return warning(
      AREA,
      found,
      `${LIMIT}, before hooks that hang have reached their timeouts.`,
      'Shorten the `timeout` of the hooks in the AppSpec to what they need.'
    )
  // The waits alone have a line of their own.
  if (moved + kept >= limit && waits < limit)
    return warning(
      AREA,
      found,
      `${LIMIT}, before a run with \`wait-for: complete\` does.`,
      'Shorten `terminationWaitTimeInMinutes`, or use `wait-for: traffic`.'
    )
  return ok(AREA, found)
}
