import type { FleetSettings } from './domain/fleet-settings.js'

/** How Auto Scaling groups are set. Every call needs a right that is optional, and is retried for a few seconds only. */
export interface ScalingGroups {
  /** The group of these instances; undefined when Auto Scaling knows none of them (any more). */
  groupOf(instanceIds: readonly string[]): Promise<string | undefined>
  /** Undefined if there is no such group. */
  settings(group: string): Promise<FleetSettings | undefined>
}
