import type { CloudClock, Machines, NewFleet } from '../contract.js'
import type { Templates } from '../ec2/templates.js'
import type { Quotas } from '../quotas.js'
import type { Background } from './background.js'
import type { Ids } from './ids.js'
import type { AutoScalingGroup, Instance, LifecycleHook } from './model.js'

/** What the hook's owner tells a waiting instance. */
export type HookAnswer = 'CONTINUE' | 'ABANDON'

/** What the fleets need from outside. */
export interface FleetWorld {
  clock: CloudClock
  machines: Machines
  ids: Ids
  background: Background
  region: string
  accountId: string
  templates: Templates
  quotas: Quotas
  /** What goes wrong with the servers of a fleet that CodeDeploy copies. */
  newFleet: () => NewFleet
}

/** The state behind Fleets, shared with launching and scaling. */
export interface FleetState extends FleetWorld {
  groups: Map<string, AutoScalingGroup>
  members: Map<string, Instance>
  watchers: Set<() => void>
  answerHook: (instance: Instance, hook: LifecycleHook) => Promise<HookAnswer> | undefined
  /** An instance came into service. */
  entered: (instance: Instance) => void
  /** An instance is about to be terminated; what must be over before. */
  leaving: (instance: Instance) => Promise<void> | undefined
  gone: (instance: Instance) => void
}

/** CodeDeploy tags what it creates with its deployment's id; instances inherit the tag (docs/service.md, captures 7). */
export const PROVISIONING_TAG = 'CodeDeployProvisioningDeploymentId'

/** Whether a call made this group, or CodeDeploy copied it. */
export const isNewGroup = ({ tags, isNew = false }: AutoScalingGroup): boolean =>
  isNew || tags.some(({ key }) => key === PROVISIONING_TAG)

/** What goes wrong with this group's servers. */
export const troubleOf = ({ newFleet }: FleetState, group: AutoScalingGroup): NewFleet =>
  isNewGroup(group) ? newFleet() : 'works'

/** Tells everybody who waits for a fleet that an instance has changed. */
export const changed = (state: FleetState): void => {
  for (const watcher of [...state.watchers]) watcher()
}

/** The instances of a group, oldest first. */
export const membersOf = (state: FleetState, group: string): Instance[] =>
  [...state.members.values()].filter((instance) => instance.group === group)
