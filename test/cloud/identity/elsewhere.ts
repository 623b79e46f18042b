import { ServiceError } from '../contract.js'

/** Another region has none of our resources: names and ids do not exist there, lists are empty. */
export const answerElsewhere = (
  operation: string,
  input: Record<string, unknown>
): Record<string, unknown> => {
  const application = input['applicationName']
  const deployment = input['deploymentId']
  if (typeof deployment === 'string') {
    throw new ServiceError(
      'DeploymentDoesNotExistException',
      `The deployment ${deployment} could not be found`
    )
  }
  if (typeof application === 'string') {
    throw new ServiceError(
      'ApplicationDoesNotExistException',
      `No application found for name: ${application}`
    )
  }
  const lists: Record<string, string> = {
    ListApplications: 'applications',
    ListDeployments: 'deployments',
    BatchGetDeployments: 'deploymentsInfo'
  }
  const name = lists[operation]
  return name === undefined ? {} : { [name]: [] }
}
