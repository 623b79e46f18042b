import { isOver } from '../model.js'
import type { Engine } from './engine.js'
import { wants } from './rollback-wish.js'

/**
 * Stops a deployment as an active CloudWatch alarm does (docs/service.md, reference 1.5). There is no CloudWatch here; whoever
 * takes its place calls this. It does nothing if the deployment is over or was stopped.
 */
export const raiseAlarm = (engine: Engine, deploymentId: string, alarm: string): void => {
  const deployment = engine.state.deployments.get(deploymentId)
  if (deployment === undefined || isOver(deployment) || deployment.stop !== undefined) return
  deployment.stop = { rollback: wants(deployment, 'DEPLOYMENT_STOP_ON_ALARM'), alarm }
  engine.runs.get(deploymentId)?.abort()
}
