import type { CheckReads } from '../check-port.js'
import {
  drainFindings,
  healthySeconds,
  routeFindings,
  severalFindings,
  targetGroupFindings
} from '../domain/check/balancing.js'
import type { CheckedGroup, CheckedTargetGroup } from '../domain/check/facts.js'
import { type CheckFinding, dependent, judged, unread } from '../domain/check/finding.js'
import { type HookTimes, paceFindings } from '../domain/check/pace.js'
import { settle } from './check-reads.js'

/** Everything about the target groups of a deployment group. */
export const checkTargetGroups = async (
  { group: { targetGroups } }: CheckedGroup,
  reads: CheckReads
): Promise<CheckFinding[]> => {
  const findings = await Promise.all(targetGroups.map((name) => checkTargetGroup(name, targetGroups, reads)))
  return [...severalFindings(targetGroups), ...findings.flat()]
}

const checkTargetGroup = async (
  name: string,
  managed: readonly string[],
  reads: CheckReads
): Promise<CheckFinding[]> => {
  const reading = await settle(reads.targetGroup(name))
  const findings = judged('Target group', 'DescribeTargetGroups', reading, (found) =>
    targetGroupFindings(name, found)
  )
  if (!('value' in reading))
    return [
      ...findings,
      ...['Listeners', 'Deregistration delay'].map((area) =>
        dependent(area, `the target group ${name}, which could not be read`)
      )
    ]
  const found = reading.value
  if (found === undefined) return findings
  const [routes, delay] = await Promise.all([
    checkRoutes(found, managed, reads),
    settle(reads.drainSeconds(found.arn))
  ])
  return [
    ...findings,
    ...routes,
    ...judged('Deregistration delay', 'DescribeTargetGroupAttributes', delay, (seconds) =>
      drainFindings(name, seconds)
    )
  ]
}

const checkRoutes = async (
  found: CheckedTargetGroup,
  managed: readonly string[],
  reads: CheckReads
): Promise<CheckFinding[]> => {
  // A target group without a load balancer is a problem of its own.
  if (found.balancers.length === 0) return []
  const listeners = await settle(
    Promise.all(found.balancers.map((balancer) => reads.listeners(balancer))).then((lists) => lists.flat())
  )
  if ('error' in listeners) return [unread('Listeners', 'DescribeListeners', listeners.error)]
  const rules = await settle(Promise.all(listeners.value.map(({ arn }) => reads.rules(arn))))
  if ('error' in rules) return [unread('Listeners', 'DescribeRules', rules.error)]
  // One that cannot be read has a line of its own; its traffic then counts as foreign.
  const groups = await Promise.all(managed.map((name) => settle(reads.targetGroup(name))))
  return routeFindings(
    found,
    groups.flatMap((group) => ('value' in group ? (group.value?.arn ?? []) : [])),
    listeners.value.map((listener, at) => ({ ...listener, rules: rules.value[at] ?? [] }))
  )
}

/** How long a deployment takes at least, once everything is known that it follows from; what is unknown has a line of its own. */
export const checkPace = async (
  { group }: CheckedGroup,
  reads: CheckReads,
  { hosted, hooks }: { hosted: boolean; hooks: HookTimes | undefined }
): Promise<CheckFinding[]> => {
  if (group.targetGroups.length === 0) return []
  const read = await settle(
    Promise.all([
      Promise.all(group.autoScalingGroups.map((name) => reads.fleet(name))),
      Promise.all(group.targetGroups.map((name) => paceOf(name, reads))),
      reads.healthyHosts(group.deploymentConfig)
    ])
  )
  if ('error' in read)
    return [
      dependent(
        'Time of a deployment',
        'what other lines could not read: sizes, target groups, or configuration'
      )
    ]
  const [fleets, paces, hosts] = read.value
  const instances = fleets.reduce((sum, fleet) => sum + (fleet?.desired ?? 0), 0)
  if (instances === 0 || paces.includes(undefined)) return []
  const slowest = (of: 'healthySeconds' | 'drainSeconds'): number =>
    Math.max(...paces.map((pace) => pace?.[of] ?? 0))
  return paceFindings(
    group,
    {
      healthySeconds: slowest('healthySeconds'),
      drainSeconds: slowest('drainSeconds'),
      ...{ instances, hosts, hooks }
    },
    hosted
  )
}

const paceOf = async (
  name: string,
  reads: CheckReads
): Promise<{ healthySeconds: number; drainSeconds: number } | undefined> => {
  const found = await reads.targetGroup(name)
  return found && { healthySeconds: healthySeconds(found), drainSeconds: await reads.drainSeconds(found.arn) }
}
