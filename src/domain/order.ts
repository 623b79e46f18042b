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
}
