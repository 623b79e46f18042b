import type { Tags } from './domain/preview/environment.js'
import type {
  InboundRule,
  PreviewListener,
  PreviewTemplate,
  TargetGroupLike
} from './domain/preview/place.js'
import type { ListenerRule } from './domain/preview/routing.js'

/**
 * What makes and takes down environments of previews. Everything may be repeated: what is there already, or is gone already, is no error. What makes something
 * returns false when there is one by that name already.
 */
export interface PreviewServices {
  balancing: PreviewBalancing
  fleets: PreviewFleets
  groups: PreviewGroups
  addresses: Addresses
}

export interface TargetGroup extends TargetGroupLike {
  arn: string
}

export interface PreviewBalancing {
  /** Undefined when there is no such listener. */
  listener(arn: string): Promise<PreviewListener | undefined>
  /** All rules of a listener. */
  rules(listenerArn: string): Promise<ListenerRule[]>
  /** Undefined when there is no such target group. */
  targetGroup(name: string): Promise<TargetGroup | undefined>
  /** Names and ARNs of all target groups of the region. */
  targetGroups(): Promise<{ name: string; arn: string }[]>
  createTargetGroup(name: string, like: TargetGroupLike, tags: Tags): Promise<boolean>
  deleteTargetGroup(arn: string): Promise<void>
  /** Not idempotent: a lost answer may leave two rules. False when the priority is taken. */
  createRule(wanted: {
    listener: string
    priority: number
    host: string
    targetGroup: string
    tags: Tags
  }): Promise<boolean>
  deleteRule(arn: string): Promise<void>
  /** By ARN; what no longer exists is left out. */
  tags(arns: readonly string[]): Promise<Map<string, Tags>>
}

export interface PreviewFleet {
  name: string
  tags: Tags
  createdAt: Date
  desired: number
  inService: number
  instances: readonly string[]
  /** ARNs of the target groups that its instances are registered with, whether they still exist or not. */
  targetGroups: readonly string[]
  /** True from the moment it is being deleted. */
  isGoing: boolean
}

export interface PreviewFleets {
  /** Undefined when there is no such Auto Scaling group. */
  fleet(name: string): Promise<PreviewFleet | undefined>
  /** All Auto Scaling groups with this tag. */
  tagged(key: string, value: string): Promise<PreviewFleet[]>
  create(wanted: {
    name: string
    launchTemplate: string
    subnets: readonly string[]
    instances: number
    targetGroup: string
    tags: Tags
  }): Promise<boolean>
  /** Deletes the group with its instances. */
  delete(name: string): Promise<void>
  /** What an Auto Scaling group launches with, and where; undefined when there is no such group. */
  launches(name: string): Promise<{ subnets: string[]; templates: string[] } | undefined>
  /** The default version of a launch template, by name or id; undefined when there is no such template. */
  template(nameOrId: string): Promise<PreviewTemplate | undefined>
  inbound(securityGroups: readonly string[]): Promise<InboundRule[]>
}

export interface PreviewGroups {
  /** False when there is one already. */
  createApplication(name: string): Promise<boolean>
  /** Names of the deployment groups; none when there is no such application. */
  list(application: string): Promise<string[]>
  /** Undefined when there is no such group. */
  find(application: string, name: string): Promise<{ pushedAt: Date | undefined } | undefined>
  /** Of what no longer exists: none. */
  tags(arn: string): Promise<Tags>
  create(wanted: {
    application: string
    name: string
    serviceRole: string
    fleet: string
    tags: Tags
  }): Promise<boolean>
  /** Ids of deployments that have not ended. */
  active(application: string, name: string): Promise<string[]>
  stop(deployment: string): Promise<void>
  /** Names of hooks that CodeDeploy could not remove from the Auto Scaling group. */
  delete(application: string, name: string): Promise<string[]>
}

/** The status of an answer, or why there was none, in words. */
export type AddressAnswer = { status: number } | { problem: string }

/** Asks whether somebody answers at an address. */
export interface Addresses {
  /** Whether DNS knows the host. */
  resolves: (host: string) => Promise<boolean>
  /** Asks `address` at the host `via`, as if DNS pointed there. Rejects only with the signal's reason. */
  ask: (address: string, via: string, signal: AbortSignal) => Promise<AddressAnswer>
}
