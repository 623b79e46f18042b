import type { Deployment } from '../domain/deployment.js'
import { factsOf, isDenied, wordsOf } from '../domain/fault.js'
import { allowIt } from '../domain/rights.js'
import type { CodeDeploy } from '../ports.js'

/**
 * Stops a deployment without hope, with rollback. Watching goes on whatever the service says: what became of the deployment is only
 * concluded from its status. Whether the service can be stopped while the traffic shifts is not known (docs/service.md, captures 6).
 */
export const giveUp = async (
  { id }: Deployment,
  service: Pick<CodeDeploy, 'stop'>,
  tell: (sentence: string) => void
): Promise<void> => {
  try {
    const { message } = await service.stop(id, true)
    if (message !== '') tell(message)
  } catch (error) {
    if (factsOf(error).name === 'DeploymentAlreadyCompletedException') return
    const advice = isDenied(error) ? ` To let it be stopped, ${allowIt(error)}.` : ''
    tell(
      `${id} could not be stopped: ${wordsOf(error)}. It keeps running, and is watched to its end.${advice}`
    )
  }
}
