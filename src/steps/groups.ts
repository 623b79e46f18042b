import type { CleanupService } from '../cleanup-port.js'
import { inTurns } from '../concurrency.js'
import { faultOf, isDenied, wordsOf } from '../domain/fault.js'
import type { DeploymentGroup } from '../domain/group.js'
import { allowIt } from '../domain/rights.js'
import { UserError } from '../errors.js'
import type { CodeDeploy } from '../ports.js'

/** Every deployment group of an application. Throws if one of them cannot be read, since each may need what is to be deleted. */
export const readGroups = async (
  application: string,
  { service, codeDeploy }: { service: Pick<CleanupService, 'groups'>; codeDeploy: Pick<CodeDeploy, 'group'> }
): Promise<DeploymentGroup[]> =>
  inTurns(await service.groups(application), (name) =>
    orNothing(`${application}/${name}`, () => codeDeploy.group(application, name))
  )

/** The answer, or an error that says that nothing is deleted because this group could not be read. */
export const orNothing = async <T>(group: string, read: () => Promise<T>): Promise<T> => {
  try {
    return await read()
  } catch (error) {
    if (faultOf(error) === 'canceled' || error instanceof UserError) throw error
    throw new UserError(
      `The deployment group ${group} cannot be read: ${wordsOf(error)}. It may need any fleet and any bundle of the application, so nothing more is deleted.`,
      isDenied(error) ? `To read it, ${allowIt(error)}.` : 'Run this again.',
      { cause: error }
    )
  }
}
