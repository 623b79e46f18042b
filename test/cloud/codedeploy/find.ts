import { deploymentIdOf, nameOf, type Input } from './input.js'
import type { Application, Deployment, DeploymentGroup } from './model.js'
import { refuse } from './refusal.js'
import type { State } from './state.js'

/** The application in an input; throws the service's exception if it does not exist. */
export const applicationOf = (state: State, input: Input): Application => {
  const name = nameOf(input, 'applicationName', 'Application')
  return (
    state.applications.get(name) ??
    refuse('ApplicationDoesNotExistException', `No application found for name: ${name}`)
  )
}

/** The deployment group in an input; throws the service's exception if it does not exist. */
export const groupOf = (state: State, input: Input, member = 'deploymentGroupName'): DeploymentGroup => {
  const application = applicationOf(state, input)
  const name = nameOf(input, member, 'DeploymentGroup')
  return (
    application.groups.get(name) ??
    refuse('DeploymentGroupDoesNotExistException', `No Deployment Group found for name: ${name}`)
  )
}

/** The deployment in an input; throws the service's exception if it does not exist. */
export const deploymentOf = (state: State, input: Input): Deployment => {
  const id = deploymentIdOf(input)
  return (
    state.deployments.get(id) ??
    refuse('DeploymentDoesNotExistException', `The deployment ${id} could not be found`)
  )
}
