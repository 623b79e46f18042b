/** A deployment configuration of the Server platform. */
export interface DeploymentConfig {
  name: string
  id: string
  /** OneAtATime answers MOST_CONCURRENCY, which is not in the API's own enum (docs/service.md, reference 1.7). */
  minimumHealthyHosts: { type: 'HOST_COUNT' | 'FLEET_PERCENT' | 'MOST_CONCURRENCY'; value: number }
}

/** Used if neither the deployment nor the group sets one (docs/service.md, reference 4.1). */
export const DEFAULT_CONFIG = 'CodeDeployDefault.OneAtATime'

const id = (number: number): string => `00000000-0000-0000-0000-00000000000${number}`

/** The predefined configurations for EC2. */
export const CONFIGS: ReadonlyMap<string, DeploymentConfig> = new Map(
  [
    { name: DEFAULT_CONFIG, id: id(1), minimumHealthyHosts: { type: 'MOST_CONCURRENCY' as const, value: 1 } },
    {
      name: 'CodeDeployDefault.HalfAtATime',
      id: id(2),
      minimumHealthyHosts: { type: 'FLEET_PERCENT' as const, value: 50 }
    },
    {
      name: 'CodeDeployDefault.AllAtOnce',
      id: id(3),
      minimumHealthyHosts: { type: 'HOST_COUNT' as const, value: 0 }
    }
  ].map((config) => [config.name, config])
)

/**
 * How many of `total` instances may be in progress or failed at once. At least one, or no deployment could start; the caller
 * checks that at least one instance succeeds (docs/service.md, reference 1.7).
 */
export const roomOf = (
  configs: ReadonlyMap<string, DeploymentConfig>,
  configName: string,
  total: number
): number => {
  const hosts = configs.get(configName)?.minimumHealthyHosts ?? { type: 'MOST_CONCURRENCY', value: 1 }
  switch (hosts.type) {
    case 'MOST_CONCURRENCY':
      return hosts.value
    case 'HOST_COUNT':
      return Math.max(1, total - hosts.value)
    case 'FLEET_PERCENT':
      return Math.max(1, total - Math.ceil((total * hosts.value) / 100))
  }
}
