import type { FleetWish, GroupWish, MinimumHealthy, PresentGroup } from './domain/group-wish.js'

/** What making and changing a deployment group needs of AWS. Everything may be repeated: what is there already is no error. What
 * makes something returns false when there is one by that name already. */
export interface SetupService {
  /** Whether there is such an application. */
  application(name: string): Promise<boolean>
  createApplication(name: string): Promise<boolean>
  /** Undefined when there is no such group, or no such application. */
  group(application: string, name: string): Promise<PresentGroup | undefined>
  /** Ids of deployments that are created, queued, in progress, being baked or ready. */
  active(application: string, group: string): Promise<string[]>
  config(name: string): Promise<boolean>
  createConfig(name: string, minimum: MinimumHealthy): Promise<boolean>
  /** Undefined when there is no such Auto Scaling group. */
  fleet(name: string): Promise<{ desired: number; inService: number } | undefined>
  /** ARNs by name; a target group that does not exist is left out. */
  targetGroups(names: readonly string[]): Promise<Map<string, string>>
  createFleet(name: string, wish: FleetWish, targetGroupArns: readonly string[]): Promise<boolean>
  createGroup(wish: GroupWish): Promise<boolean>
  /** Changes a group to what the wish says and keeps everything else, its Auto Scaling group included. */
  updateGroup(wish: GroupWish, present: PresentGroup): Promise<void>
}
