import { UserError } from '../errors.js'
import type { Waits } from './deployment.js'
import type { FleetTag } from './fixed-fleet.js'

/** The parts of a deployment group that a deployment depends on. */
export interface DeploymentGroup {
  application: string
  name: string
  id: string
  style: 'BLUE_GREEN' | 'IN_PLACE'
  trafficControl: boolean
  /** How green is provisioned; only for blue/green. */
  provisioning?: 'COPY_AUTO_SCALING_GROUP' | 'DISCOVER_EXISTING' | undefined
  autoScalingGroups: string[]
  /** The tags that select its EC2 instances: at least one of each list; absent if it has none. */
  tags?: readonly (readonly FleetTag[])[] | undefined
  /** Names of Classic Load Balancers and target groups. */
  loadBalancers: string[]
  /** The target groups among them. */
  targetGroups: string[]
  deploymentConfig: string
  waits: Waits
  autoRollbackEvents: string[]
  /** The CloudWatch alarms that stop a deployment; empty when alarm monitoring is off. */
  alarms: string[]
  computePlatform: string
  lastSuccessful?: { id: string; createdAt?: Date | undefined; endTime?: Date | undefined } | undefined
  lastAttempted?: { id: string; status?: string | undefined } | undefined
}

/**
 * Why a group cannot be deployed to, checked before anything is uploaded; undefined when it can. Problems that only the service
 * can see (an empty blue fleet, a role without permissions) are explained when the service reports them.
 */
export const unfit = (group: DeploymentGroup): UserError | undefined => {
  const name = `${group.application}/${group.name}`
  if (group.computePlatform !== 'Server')
    return new UserError(
      `${name} deploys to ${group.computePlatform}; this action deploys bundles to EC2 instances (compute platform Server).`,
      'Check `application-name`.'
    )
  if (group.style === 'IN_PLACE') return undefined
  if (group.provisioning === 'DISCOVER_EXISTING') {
    if (group.autoScalingGroups.length === 0 && (group.tags ?? []).length === 0)
      return new UserError(
        `${name} is blue/green with DISCOVER_EXISTING, but names neither an Auto Scaling group nor tags, so it has no blue fleet to replace.`,
        'Give it the fleet that serves now (`aws deploy update-deployment-group --auto-scaling-groups …`, or `--ec2-tag-filters …`).'
      )
  } else if (group.autoScalingGroups.length !== 1)
    return new UserError(
      `${name} is blue/green, but names ${group.autoScalingGroups.length} Auto Scaling groups (${group.autoScalingGroups.join(', ') || 'none'}); it must name exactly one, which is copied.`,
      'Give it the one Auto Scaling group that serves now (`aws deploy update-deployment-group --auto-scaling-groups …`).'
    )
  if (group.loadBalancers.length === 0)
    return new UserError(
      `${name} is blue/green, but has no load balancer, so there is no traffic to move.`,
      'Give it the target group of your load balancer (`aws deploy update-deployment-group --load-balancer-info …`).'
    )
  return undefined
}
