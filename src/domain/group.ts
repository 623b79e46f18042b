import type { Waits } from './deployment.js'

/** A deployment group as far as a deployment depends on it. */
export interface DeploymentGroup {
  application: string
  name: string
  id: string
  style: 'BLUE_GREEN' | 'IN_PLACE'
  trafficControl: boolean
  /** How green comes to be; only blue/green has it. */
  provisioning?: 'COPY_AUTO_SCALING_GROUP' | 'DISCOVER_EXISTING'
  autoScalingGroups: string[]
  /** Names of Classic Load Balancers and target groups. */
  loadBalancers: string[]
  /** Those of them that are target groups. */
  targetGroups: string[]
  deploymentConfig: string
  waits: Waits
  autoRollbackEvents: string[]
  computePlatform: string
  lastSuccessful?: { id: string; createdAt?: Date; endTime?: Date }
  lastAttempted?: { id: string; status?: string }
}
