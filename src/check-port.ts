import type {
  CheckedRole,
  Simulation,
  CheckedBucket,
  CheckedTemplate,
  HealthyHosts,
  LaunchTemplateRef,
  LifecycleRule,
  NeighborGroup,
  CheckedFleet,
  CheckedGroup,
  CheckedHook,
  CheckedListener,
  CheckedRule,
  CheckedTargetGroup
} from './domain/check/facts.js'

/** What `check` reads. Each call needs one permission, may fail on its own, and is retried for a few seconds only. */
export interface CheckReads {
  group(application: string, name: string): Promise<CheckedGroup>
  /** Undefined if there is no such group. */
  fleet(name: string): Promise<CheckedFleet | undefined>
  hooks(fleet: string): Promise<CheckedHook[]>
  /** Statuses of the instance refreshes that have not ended. */
  refreshes(fleet: string): Promise<string[]>
  /** Names of all Auto Scaling groups of the region. */
  fleetNames(): Promise<string[]>
  /** Undefined if there is no such template or version. */
  template(of: LaunchTemplateRef): Promise<CheckedTemplate | undefined>
  /** All deployment groups of the application. */
  neighbors(application: string): Promise<NeighborGroup[]>
  healthyHosts(config: string): Promise<HealthyHosts>
  /** Undefined if there is no such target group. */
  targetGroup(name: string): Promise<CheckedTargetGroup | undefined>
  /** The listeners of a load balancer, by its ARN. */
  listeners(balancer: string): Promise<CheckedListener[]>
  /** The rules of a listener other than its default, by its ARN. */
  rules(listener: string): Promise<CheckedRule[]>
  /** The version of the CodeDeploy agent by SSM's inventory; undefined if it has none of this instance. */
  agentVersion(instance: string): Promise<string | undefined>
  /** The deregistration delay in seconds. */
  drainSeconds(arn: string): Promise<number>
  /** Undefined if there is no such role. */
  role(name: string): Promise<CheckedRole | undefined>
  /** ARN of the role of an instance profile, by its name; undefined if there is no such profile, or if it has no role. */
  roleOfProfile(name: string): Promise<string | undefined>
  /** The actions that the role's own policies refuse; bucket policies and those of the organization may decide otherwise. */
  refused(simulation: Simulation): Promise<string[]>
  bucket(name: string): Promise<CheckedBucket>
  isVersioned(bucket: string): Promise<boolean>
  /** Whether the bucket blocks all public access. */
  blocksPublicAccess(bucket: string): Promise<boolean>
  /** The enabled rules. */
  lifecycle(bucket: string): Promise<LifecycleRule[]>
  /** The KMS key of its default encryption; undefined for keys of S3. */
  encryptionKey(bucket: string): Promise<string | undefined>
}
