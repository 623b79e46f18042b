import type { Background } from '../autoscaling/background.js'
import type { Fleets } from '../autoscaling/fleets.js'
import type { QueryOperations, Switches } from '../contract.js'
import type { Network } from '../ec2/network.js'
import { balancerOperations } from './balancer-operations.js'
import type { Balancers } from './balancers.js'
import { targetGroupOperations } from './group-operations.js'
import { listenerOperations } from './listener-operations.js'
import { ruleOperations } from './rule-operations.js'
import { tagOperations } from './tag-operations.js'
import type { TargetGroups } from './target-groups.js'

export interface BalancingPlane {
  targetGroups: TargetGroups
  balancers: Balancers
  fleets: Fleets
  network: Network
  background: Background
  switches: Switches
  /** Items per page if a call does not say. */
  pageSize: number
}

/** The part of the ELBv2 API that deployments, their preflight and previews need: Application Load Balancers alone. */
export const loadBalancingOperations = (plane: BalancingPlane): QueryOperations => ({
  ...balancerOperations(plane),
  ...listenerOperations(plane),
  ...ruleOperations(plane),
  ...targetGroupOperations(plane),
  ...tagOperations(plane)
})
