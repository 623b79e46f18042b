import type { DeploymentConfig } from './configs.js'
import { type Input, nameOf, structure, text } from './input.js'
import { pageOf } from './paging.js'
import type { Operations, Plane } from './plane.js'
import { refuse } from './refusal.js'
import type { State } from './state.js'

/** The configuration with that name; throws the service's exception if there is none. */
export const configNamed = ({ configs }: State, name: string): DeploymentConfig =>
  configs.get(name) ??
  refuse('DeploymentConfigDoesNotExistException', `No deployment configuration found for name: ${name}`)

/** A configuration of the caller's own, which never changes (API: CreateDeploymentConfig). */
const create = ({ engine }: Plane, input: Input): object => {
  const name = nameOf(input, 'deploymentConfigName', 'DeploymentConfig')
  const { configs } = engine.state
  if (configs.has(name) || name.startsWith('CodeDeployDefault.'))
    return refuse(
      'DeploymentConfigAlreadyExistsException',
      `The deployment configuration '${name}' already exists.`
    )
  const hosts = structure(input, 'minimumHealthyHosts') ?? {}
  const [type, value] = [text(hosts, 'type'), hosts['value']]
  const most = type === 'FLEET_PERCENT' ? 99 : Number.MAX_SAFE_INTEGER
  if (
    (type !== 'HOST_COUNT' && type !== 'FLEET_PERCENT') ||
    typeof value !== 'number' ||
    value < 0 ||
    value > most
  )
    return refuse('InvalidMinimumHealthyHostValueException', 'The minimum healthy host value is invalid.')
  const id = engine.ids.uuid()
  configs.set(name, { name, id, minimumHealthyHosts: { type, value } })
  return { deploymentConfigId: id }
}

/** Deployment configurations: those that the service brings, and those of the caller. */
export const configOperations: Operations = {
  CreateDeploymentConfig: create,
  GetDeploymentConfig: ({ engine }, input) => {
    const config = configNamed(engine.state, nameOf(input, 'deploymentConfigName', 'DeploymentConfig'))
    return {
      deploymentConfigInfo: {
        deploymentConfigId: config.id,
        deploymentConfigName: config.name,
        minimumHealthyHosts: config.minimumHealthyHosts,
        computePlatform: 'Server'
      }
    }
  },
  ListDeploymentConfigs: ({ engine, pageSize }, input) => {
    const page = pageOf(
      [...engine.state.configs.keys()],
      { input, operation: 'ListDeploymentConfigs', pageSize },
      (name) => name
    )
    return {
      deploymentConfigsList: page.items,
      ...(page.nextToken === undefined ? {} : { nextToken: page.nextToken })
    }
  }
}
