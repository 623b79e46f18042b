import { faultOf, isDenied, wordsOf } from '../domain/fault.js'
import type { DeploymentGroup } from '../domain/group.js'
import { allowIt } from '../domain/rights.js'
import type { TargetHealth } from '../ports.js'

/** The instances that serve, or why they are not known. */
export type Balancer = { healthy: string[] } | { note?: string }

/** States in which a load balancer sends requests; a target group without health checks shows `unavailable`. */
const SERVING_STATES = new Set(['healthy', 'unavailable'])

/** The instances to which the load balancer sends requests, or why they are not known. */
export const askBalancer = async (
  { targetGroups }: Pick<DeploymentGroup, 'targetGroups'>,
  health: TargetHealth
): Promise<Balancer> => {
  if (targetGroups.length === 0) return {}
  try {
    const targets = await health(targetGroups)
    if (targets.some(({ id }) => !id.startsWith('i-')))
      return { note: 'the target group registers addresses instead of instances' }
    return {
      healthy: [...new Set(targets.filter(({ state }) => SERVING_STATES.has(state)).map(({ id }) => id))]
    }
  } catch (error) {
    if (faultOf(error) === 'canceled') throw error
    return {
      note: isDenied(error)
        ? `to ask the load balancer, ${allowIt(error)}`
        : `the load balancer did not answer: ${wordsOf(error)}`
    }
  }
}
