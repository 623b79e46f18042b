import type { Target } from '../domain/event.js'
import { strayOf, type Stray } from '../report/stray.js'
import type { Watched } from '../steps/watch.js'

/**
 * Which of these deployments left new instances in service that nothing has taken out since. A stop while the traffic moves
 * may end without a rollback (captures §2); its instances then stay registered beside whatever is deployed next. `since` are the
 * targets of what was deployed next: it may have replaced them.
 */
export const findStrays = async (
  ids: readonly string[],
  { service, since }: { service: Watched; since: readonly Target[] }
): Promise<Stray[]> => {
  const found: Stray[] = []
  for (const id of ids) {
    const deployment = await service.deployment(id)
    const by = deployment.rollback?.by
    const later = by === undefined ? [] : await targetsOf(by, service)
    const stray = strayOf(deployment, await targetsOf(id, service), [...later, ...since])
    if (stray !== undefined) found.push(stray)
  }
  return found
}

const targetsOf = async (id: string, service: Watched): Promise<Target[]> => {
  const ids = await service.targetIds(id)
  return ids.length === 0 ? [] : service.targets(id, ids)
}
