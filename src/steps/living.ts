import { isOver, type Deployment } from '../domain/deployment.js'
import type { Target } from '../domain/event.js'
import type { DeploymentGroup } from '../domain/group.js'
import { allHaveMoved, trafficHasMoved } from '../domain/phase.js'

/** What finding the living deployment needs of CodeDeploy. */
export interface LivingService {
  deployment(id: string): Promise<Deployment>
  deploymentIds(filter: { application: string; group: string; active: boolean }): Promise<string[]>
  targetIds(deploymentId: string): Promise<string[]>
  targets(deploymentId: string, ids: readonly string[]): Promise<Target[]>
}

/**
 * The deployment whose revision the visitors see: one that runs and has moved its traffic already, or was stopped after
 * that and not undone; else the last one that succeeded. Undefined before the first.
 */
export const livingDeployment = async (
  { application, name, lastSuccessful, lastAttempted }: DeploymentGroup,
  service: LivingService
): Promise<Deployment | undefined> => {
  const candidates = new Set(await service.deploymentIds({ application, group: name, active: true }))
  if (lastAttempted !== undefined && lastAttempted.id !== lastSuccessful?.id) candidates.add(lastAttempted.id)
  for (const id of candidates) {
    const deployment = await service.deployment(id)
    const targets = await service.targets(id, await service.targetIds(id))
    const stays = isOver(deployment.status) && deployment.rollback?.by === undefined && allHaveMoved(targets)
    if (stays || trafficHasMoved(deployment, targets)) return deployment
  }
  return lastSuccessful === undefined ? undefined : service.deployment(lastSuccessful.id)
}
