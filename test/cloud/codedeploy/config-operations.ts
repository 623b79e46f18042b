import { CONFIGS, type DeploymentConfig } from './configs.js'
import { nameOf } from './input.js'
import { pageOf } from './paging.js'
import type { Operations } from './plane.js'
import { refuse } from './refusal.js'

/** The configuration with that name; throws the service's exception if there is none. */
export const configNamed = (name: string): DeploymentConfig =>
  CONFIGS.get(name) ??
  refuse('DeploymentConfigDoesNotExistException', `No deployment configuration found for name: ${name}`)

/** The predefined deployment configurations, read-only. */
export const configOperations: Operations = {
  GetDeploymentConfig: (_plane, input) => {
    const config = configNamed(nameOf(input, 'deploymentConfigName', 'DeploymentConfig'))
    return {
      deploymentConfigInfo: {
        deploymentConfigId: config.id,
        deploymentConfigName: config.name,
        minimumHealthyHosts: config.minimumHealthyHosts,
        computePlatform: 'Server'
      }
    }
  },
  ListDeploymentConfigs: ({ pageSize }, input) => {
    const page = pageOf(
      [...CONFIGS.keys()],
      { input, operation: 'ListDeploymentConfigs', pageSize },
      (name) => name
    )
    return {
      deploymentConfigsList: page.items,
      ...(page.nextToken === undefined ? {} : { nextToken: page.nextToken })
    }
  }
}
