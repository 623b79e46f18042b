import type { Fleets } from './fleets.js'
import type { AutoScalingGroup, GroupTag, Instance } from './model.js'

const instanceAnswer = (group: AutoScalingGroup, instance: Instance): object => ({
  InstanceId: instance.id,
  InstanceType: 't3.micro',
  AvailabilityZone: instance.zone,
  LifecycleState: instance.state,
  HealthStatus: 'Healthy',
  LaunchTemplate: template(group),
  ProtectedFromScaleIn: instance.protectedFromScaleIn
})

const template = ({ launchTemplate }: AutoScalingGroup): object | undefined =>
  launchTemplate === undefined
    ? undefined
    : {
        LaunchTemplateId: launchTemplate.id,
        LaunchTemplateName: launchTemplate.name,
        Version: launchTemplate.version
      }

/** AutoScalingGroup of the API. */
export const groupAnswer = (fleets: Fleets, group: AutoScalingGroup): object => ({
  AutoScalingGroupName: group.name,
  AutoScalingGroupARN: group.arn,
  LaunchConfigurationName: group.launchConfigurationName,
  LaunchTemplate: template(group),
  MinSize: group.min,
  MaxSize: group.max,
  DesiredCapacity: group.desired,
  DefaultCooldown: group.defaultCooldown,
  AvailabilityZones: group.availabilityZones,
  LoadBalancerNames: [],
  TargetGroupARNs: group.targetGroupArns,
  HealthCheckType: group.healthCheckType,
  HealthCheckGracePeriod: group.healthCheckGracePeriod,
  Instances: fleets.instances(group.name).map((instance) => instanceAnswer(group, instance)),
  CreatedTime: new Date(group.createdAt),
  SuspendedProcesses: [...group.suspended].map((ProcessName) => ({
    ProcessName,
    SuspensionReason: 'User suspended'
  })),
  VPCZoneIdentifier: group.vpcZoneIdentifier,
  Status: group.status,
  Tags: group.tags.map((tag) => tagAnswer(group.name, tag)),
  TerminationPolicies: group.terminationPolicies.length === 0 ? ['Default'] : group.terminationPolicies,
  NewInstancesProtectedFromScaleIn: group.newInstancesProtectedFromScaleIn,
  EnabledMetrics: [...group.extras.metrics].map((Metric) => ({ Metric, Granularity: '1Minute' })),
  WarmPoolConfiguration: group.extras.warmPool,
  ...group.kept
})

/** TagDescription of the API. */
export const tagAnswer = (group: string, tag: GroupTag): object => ({
  ResourceId: group,
  ResourceType: 'auto-scaling-group',
  Key: tag.key,
  Value: tag.value,
  PropagateAtLaunch: tag.propagate
})
