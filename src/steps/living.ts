import type { Deployment } from '../domain/deployment.js'
import type { Target } from '../domain/event.js'
import type { DeploymentGroup } from '../domain/group.js'
import { trafficHasMoved } from '../domain/phase.js'

/** What finding the living deployment needs of CodeDeploy. */
export interface LivingService {
  deployment(id: string): Promise<Deployment>
  deploymentIds(filter: { application: string; group: string; active: boolean }): Promise<string[]>
  targetIds(deploymentId: string): Promise<string[]>
  targets(deploymentId: string, ids: readonly string[]): Promise<Target[]>
}

/**
 * The deployment whose revision the visitors see: one that runs and has moved its traffic already, else the last one that
 * succeeded. Undefined before the first.
 */
export const livingDeployment = async (
  { application, name, lastSuccessful }: DeploymentGroup,
  service: LivingService
): Promise<Deployment | undefined> => {
  for (const id of await service.deploymentIds({ application, group: name, active: true })) {
    const deployment = await service.deployment(id)
    const targets = await service.targets(id, await service.targetIds(id))
    if (trafficHasMoved(deployment, targets)) return deployment
  }
  return lastSuccessful === undefined ? undefined : service.deployment(lastSuccessful.id)
}
