import type { Target } from '../domain/event.js'
import type { DeploymentGroup } from '../domain/group.js'
import { forLog } from '../report/escape.js'
import type { Story } from '../report/story.js'
import { strayCommand, straySentence, strayOf, type Stray } from '../report/stray.js'
import type { Seen } from '../steps/history.js'
import type { Watched } from '../steps/watch.js'
import type { World } from '../world.js'

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

/** Newer than the last that went through, and so maybe left half way. */
export const leftHalfWay = (seen: readonly Seen[]): string[] => {
  const settled = seen.findIndex(({ deployment }) => deployment.status === 'Succeeded')
  return (settled < 0 ? seen : seen.slice(0, settled)).map(({ deployment }) => deployment.id)
}

/**
 * A deployment that went through may not serve alone, when the one attempted before it was left half way. `before` is the
 * group as it was then. Nothing is read, and nothing said, when that one succeeded; a read that fails spoils no success.
 */
export const warnOfStrays = async (
  { ending, region }: Story,
  { lastAttempted, lastSuccessful }: DeploymentGroup,
  { service, world: { runner } }: { service: Watched; world: World }
): Promise<void> => {
  const id = lastAttempted?.id
  if (ending.name !== 'succeeded' || id === undefined) return
  if (id === lastSuccessful?.id || id === ending.deployment.id) return
  try {
    for (const stray of await findStrays([id], { service, since: ending.targets }))
      runner.annotate('warning', [straySentence(stray), strayCommand(stray, region)].map(forLog).join('\n'))
  } catch (error) {
    runner.debug(`What ${id} left in service was not read: ${String(error)}`)
  }
}
