import type { Fleets } from '../autoscaling/fleets.js'
import { ServiceError } from '../contract.js'

/** What SSM collects about the software of instances (API: ListInventoryEntries). */
export interface Inventory {
  /** The version of the CodeDeploy agent by instance, where it is not the usual one; a test sets some. Undefined: nothing is collected. */
  agents: Map<string, string | undefined>
  /** What is installed, by name, as the service sorts it. Throws InvalidInstanceId. */
  applications(instanceId: string): Record<string, string>[]
}

const USUAL_AGENT = '1.8.1-3'

export const createInventory = (fleets: Fleets): Inventory => {
  const agents = new Map<string, string | undefined>()
  return {
    agents,
    applications: (id) => {
      if (fleets.instance(id) === undefined)
        throw new ServiceError('InvalidInstanceId', `Instance ${id} is not managed.`)
      const version = agents.has(id) ? agents.get(id) : USUAL_AGENT
      if (version === undefined) return []
      return [
        { Name: 'bash', Version: '5.2.15', Architecture: 'x86_64' },
        { Name: 'codedeploy-agent', Version: version, Architecture: 'noarch' },
        { Name: 'systemd', Version: '252.23', Architecture: 'x86_64' }
      ]
    }
  }
}
