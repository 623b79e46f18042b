import { faultOf } from '../domain/fault.js'
import type { Order } from '../domain/order.js'
import type { StartService } from '../steps/start.js'

/**
 * CodeDeploy as starting uses it. Until an order is sent, a cancel ends every call at once; from then on it must become
 * known what was made, so the calls go on for as long as a canceled job lives.
 */
export const startService = (cancelable: StartService, steady: StartService): StartService => {
  let isOut = false
  const view = (): StartService => (isOut ? steady : cancelable)
  return {
    group: (application, name) => view().group(application, name),
    deployment: (id) => view().deployment(id),
    deploymentIds: (filter) => view().deploymentIds(filter),
    deployments: (ids) => view().deployments(ids),
    create: async (order: Order) => {
      isOut = true
      try {
        return await steady.create(order)
      } catch (error) {
        // Anything but a lost answer means that nothing was made.
        isOut = ['unknown-fate', 'canceled'].includes(faultOf(error))
        throw error
      }
    }
  }
}
