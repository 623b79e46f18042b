import type { FixedFleet } from './fixed-fleet.js'
import type { StoredLocation } from './revision.js'

/** The request for CreateDeployment, as nouns. */
export interface Order {
  application: string
  group: string
  location: StoredLocation
  description: string
  deploymentConfig?: string | undefined
  fileExistsBehavior: 'DISALLOW' | 'OVERWRITE' | 'RETAIN'
  ignoreApplicationStopFailures: boolean
  autoRollbackEvents?: string[] | undefined
  /** Turns the group's alarms off for this deployment; needs codedeploy:UpdateDeploymentGroup (API: CreateDeployment). */
  ignoreAlarms?: boolean | undefined
  /** The existing fleet to deploy to, only for a group with DISCOVER_EXISTING (API: CreateDeployment, targetInstances). */
  green?: FixedFleet | undefined
}
