import type { Deployment } from '../model.js'

export type RollbackCause = 'DEPLOYMENT_FAILURE' | 'DEPLOYMENT_STOP_ON_ALARM' | 'DEPLOYMENT_STOP_ON_REQUEST'

/** Whether the deployment's own settings require a rollback in this case. Rollbacks and scale-outs are never rolled back. */
export const wants = (deployment: Deployment, cause: RollbackCause): boolean =>
  deployment.creator === 'user' &&
  deployment.autoRollback?.enabled === true &&
  deployment.autoRollback.events.includes(cause)
