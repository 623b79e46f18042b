import type { StoredLocation } from './revision.js'

/** What is asked of CreateDeployment, as nouns. */
export interface Order {
  application: string
  group: string
  location: StoredLocation
  description: string
  deploymentConfig?: string
  fileExistsBehavior: 'DISALLOW' | 'OVERWRITE' | 'RETAIN'
  ignoreApplicationStopFailures: boolean
  autoRollbackEvents?: string[]
}
