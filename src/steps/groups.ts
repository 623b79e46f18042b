import type { CleanupService } from '../cleanup-port.js'
import { inTurns } from '../concurrency.js'
import { factsOf, faultOf, isDenied, wordsOf } from '../domain/fault.js'
import type { DeploymentGroup } from '../domain/group.js'
import { allowIt } from '../domain/rights.js'
import { UserError } from '../errors.js'
import type { CodeDeploy } from '../ports.js'

/** Every deployment group of an application. Throws if one of them cannot be read, since each may need what is to be deleted. */
export const readGroups = async (
  application: string,
  { service, codeDeploy }: { service: Pick<CleanupService, 'groups'>; codeDeploy: Pick<CodeDeploy, 'group'> }
): Promise<DeploymentGroup[]> =>
  inTurns(await orNothing(`list of ${application}`, () => service.groups(application)), (name) =>
    orNothing(`deployment group ${application}/${name}`, () => codeDeploy.group(application, name))
  )

/** The answer, or an error that says that nothing is deleted because what is named could not be read. */
export const orNothing = async <T>(what: string, read: () => Promise<T>): Promise<T> => {
  try {
    return await read()
  } catch (error) {
    if (faultOf(error) === 'canceled' || error instanceof UserError) throw error
    const { operation } = factsOf(error)
    throw new UserError(
      `The ${what} cannot be read: ${operation === '' ? '' : `${operation}: `}${wordsOf(error)}. Any deployment group of the application may need any of its fleets and bundles, so nothing more is deleted.`,
      isDenied(error) ? `To read it, ${allowIt(error)}.` : 'Run this again.',
      { cause: error }
    )
  }
}
