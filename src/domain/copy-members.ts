import {
  type CopyLoss,
  type FleetSettings,
  groupOption,
  isSame,
  type Json,
  option,
  put,
  text
} from './fleet-settings.js'

/** Members that every group has, with the value that stands for an absent one (API: CreateAutoScalingGroup, UpdateAutoScalingGroup). */
const SETTINGS: Readonly<Record<string, { what: string; absent: Json; note?: string }>> = {
  HealthCheckType: { what: 'health check type', absent: 'EC2' },
  HealthCheckGracePeriod: { what: 'health check grace period', absent: 0 },
  DefaultCooldown: { what: 'default cooldown', absent: 300 },
  DefaultInstanceWarmup: { what: 'default instance warmup', absent: -1 },
  TerminationPolicies: { what: 'termination policies', absent: ['Default'] },
  NewInstancesProtectedFromScaleIn: { what: 'scale-in protection of new instances', absent: false },
  CapacityRebalance: { what: 'capacity rebalancing', absent: false },
  MaxInstanceLifetime: { what: 'maximum instance lifetime', absent: 0 },
  DeletionProtection: {
    what: 'deletion protection',
    absent: 'none',
    note: 'While a group is protected from deletion, CodeDeploy cannot delete it at the end of the next deployment.'
  }
}

/** Members that only some groups have. */
const STRUCTURES: Readonly<Record<string, string>> = {
  LaunchTemplate: 'launch template',
  LaunchConfigurationName: 'launch configuration',
  MixedInstancesPolicy: 'mixed instances policy',
  InstanceMaintenancePolicy: 'instance maintenance policy',
  AvailabilityZoneDistribution: 'Availability Zone distribution',
  AvailabilityZoneImpairmentPolicy: 'Availability Zone impairment policy',
  InstanceLifecyclePolicy: 'instance lifecycle policy'
}

/** The settings of the group itself that differ. */
export const memberLosses = (blue: FleetSettings, green: FleetSettings): CopyLoss[] => [
  ...Object.entries(SETTINGS).flatMap(([member, { what, absent, note }]) => {
    const [was, is] = [blue.members[member] ?? absent, green.members[member] ?? absent]
    if (isSame(was, is)) return []
    const command = {
      call: 'autoscaling update-auto-scaling-group',
      options: [groupOption(green), option(member, was)]
    }
    return [{ what, blue: text(was), green: text(is), commands: [command], note }]
  }),
  ...Object.entries(STRUCTURES).flatMap(([member, what]) => {
    const [was, is] = [blue.members[member], green.members[member]]
    if (was === undefined || isSame(was, is)) return []
    const commands = [put('update-auto-scaling-group', { [member]: was }, green)]
    return [{ what, blue: text(was), green: text(is), commands }]
  })
]
