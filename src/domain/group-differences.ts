import { UserError } from '../errors.js'
import {
  configName,
  type Difference,
  fleetOf,
  type GroupWish,
  type Present,
  type PresentGroup,
  ROLLBACK_EVENTS,
  type Strategy
} from './group-wish.js'

/** Everything that is not as the file says, in the order in which it is made. */
export const differences = (wish: GroupWish, present: Present): Difference[] => [
  ...missingParts(wish, present),
  ...(present.group === undefined ? [] : groupDifferences(wish, present.group))
]

const missingParts = (wish: GroupWish, { application, fleet, config, group }: Present): Difference[] => {
  const { create } = wish.fleet
  const made: (Difference | false | undefined)[] = [
    !application && {
      what: `application ${wish.application}`,
      to: 'created',
      means: 'The name under which CodeDeploy keeps its groups and revisions.'
    },
    !fleet &&
      create && {
        what: `Auto Scaling group ${wish.fleet.name}`,
        to: `created with ${create.desired} of ${create.min} to ${create.max} instances from ${create.launchTemplate}`,
        means: 'These instances start now, and cost. The first deployment puts your application on them.'
      },
    !config && {
      what: `deployment configuration ${configName(wish.traffic)}`,
      to: 'created',
      means: `A deployment stops when fewer than ${minimumText(wish.traffic)} would stay healthy.`
    },
    group === undefined && {
      what: `deployment group ${wish.application}/${wish.group}`,
      to: `created, ${wish.strategy}, for ${wish.fleet.name}`,
      means: 'Deployments can begin. Nothing is deployed yet.'
    }
  ]
  return made.filter((one) => one !== false && one !== undefined)
}

const groupDifferences = (wish: GroupWish, group: PresentGroup): Difference[] =>
  [
    ...kindDifferences(wish, group),
    ...trafficDifferences(wish, group),
    ...(wish.strategy === 'blue-green' ? waitDifferences(wish, group) : []),
    ...safetyDifferences(wish, group)
  ].filter((one) => one !== undefined)

type Found = Difference | undefined

const kindDifferences = (wish: GroupWish, group: PresentGroup): Found[] => [
  changed('strategy', group.strategy, wish.strategy, STRATEGY_MEANS[wish.strategy]),
  wish.strategy === 'blue-green' && group.strategy === 'blue-green'
    ? changed(
        'new fleet',
        group.provisioning,
        'COPY_AUTO_SCALING_GROUP',
        'Each deployment copies the Auto Scaling group.'
      )
    : undefined,
  changed(
    'service-role',
    group.serviceRole,
    wish.serviceRole,
    'CodeDeploy works with the permissions of this role.'
  ),
  changed(
    'auto-scaling-group',
    listText(group.autoScalingGroups),
    fleetOf(wish, group),
    'Deployments go to its instances.'
  )
]

const trafficDifferences = (wish: GroupWish, group: PresentGroup): Found[] => [
  changed(
    'target-groups',
    listText(group.targetGroups),
    listText(wish.targetGroups),
    'Traffic moves through these target groups.'
  ),
  changed(
    'traffic control',
    onOff(group.trafficControl),
    onOff(wish.targetGroups.length > 0),
    'With it, instances leave the load balancer before they change.'
  ),
  changed(
    'traffic',
    group.deploymentConfig,
    configName(wish.traffic),
    'How many instances change, or get traffic, at a time.'
  )
]

const safetyDifferences = (wish: GroupWish, group: PresentGroup): Found[] => [
  changed(
    'alarms',
    listText(group.alarms.enabled ? group.alarms.names : []),
    wish.alarms && listText(wish.alarms),
    'One of these in ALARM stops a deployment.'
  ),
  changed(
    'automatic-rollback',
    eventsText(group.automaticRollback),
    wish.automaticRollback && eventsText(wish.automaticRollback),
    'When CodeDeploy deploys the last good revision again by itself.'
  )
]

const STRATEGY_MEANS: Readonly<Record<Strategy, string>> = {
  'blue-green': 'Each deployment starts a second fleet, moves the traffic to it and ends the old one.',
  'in-place': 'Each deployment stops, changes and starts the servers that are there.'
}

const waitDifferences = (wish: GroupWish, group: PresentGroup): Found[] => [
  changed(
    'keep-old-fleet',
    keptText(group.keepOldFleet),
    keptText(wish.keepOldFleet),
    wish.keepOldFleet === 'forever'
      ? 'The old instances are never ended, and cost until you end them.'
      : 'So long, a rollback takes seconds, both fleets cost, and the next deployment waits.'
  ),
  wish.readyWait === undefined
    ? undefined
    : changed(
        'ready-wait',
        group.readyWait === undefined ? undefined : minutesText(group.readyWait),
        minutesText(wish.readyWait),
        wish.readyWait === 0
          ? 'Traffic moves as soon as the new fleet is ready.'
          : 'So long, a deployment waits for a person to continue it, and is stopped if nobody does.'
      )
]

const changed = (what: string, from: string | undefined, to: string | undefined, means: string): Found =>
  to === undefined || from === to ? undefined : { what, from: from ?? 'not set', to, means }

const onOff = (on: boolean): string => (on ? 'on' : 'off')
/** Sorted: the service keeps no order. */
const listText = (names: readonly string[]): string =>
  names.length === 0 ? 'none' : [...names].sort().join(', ')

const eventsText = (events: readonly string[]): string =>
  listText(
    events.map((event) => Object.entries(ROLLBACK_EVENTS).find(([, name]) => name === event)?.[0] ?? event)
  )

const keptText = (kept: number | 'forever' | undefined): string | undefined =>
  typeof kept === 'number' ? minutesText(kept) : kept

/** `2 h`, `1 h 30 min`, `0 min`. */
const minutesText = (minutes: number): string => {
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60]
  return [hours > 0 ? `${hours} h` : '', rest > 0 || hours === 0 ? `${rest} min` : '']
    .filter(Boolean)
    .join(' ')
}

const minimumText = (traffic: GroupWish['traffic']): string =>
  typeof traffic === 'string'
    ? traffic
    : traffic.type === 'FLEET_PERCENT'
      ? `${traffic.value}% of the instances`
      : `${traffic.value} ${traffic.value === 1 ? 'instance' : 'instances'}`

/** Why the file cannot be carried out, as far as that shows before anything is changed; undefined if it can. */
export const impossible = (wish: GroupWish, { fleet, group }: Present): UserError | undefined => {
  const name = fleetOf(wish, group)
  if (group !== undefined && group.autoScalingGroups.length > 1)
    return new UserError(
      `${wish.application}/${wish.group} names ${group.autoScalingGroups.length} Auto Scaling groups (${group.autoScalingGroups.join(', ')}), and a setup file describes a group with one.`,
      'Decide which one serves, and leave only that one in the deployment group (`aws deploy update-deployment-group --auto-scaling-groups …`).'
    )
  if (group?.byTags === true)
    return new UserError(
      `${wish.application}/${wish.group} chooses its instances by tags, and a setup file describes a group whose instances an Auto Scaling group starts.`,
      'Describe another group in the file, or remove the tags from this one (`aws deploy update-deployment-group --ec2-tag-filters`). Nothing was changed.'
    )
  if (fleet) return undefined
  if (group !== undefined && group.autoScalingGroups.length > 0)
    return new UserError(
      `${wish.application}/${wish.group} names the Auto Scaling group ${name}, which no longer exists.`,
      'Point the deployment group at the one that serves now (`aws deploy update-deployment-group --auto-scaling-groups …`), then run this again.'
    )
  return wish.fleet.create === undefined
    ? new UserError(
        `There is no Auto Scaling group ${name}, and the file does not say how to make it.`,
        'Correct `name` below `auto-scaling-group`, or add `create` there, with `launch-template` and `subnets`.'
      )
    : undefined
}
