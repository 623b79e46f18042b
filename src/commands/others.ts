import type { Revision } from '../domain/revision.js'
import { forLog } from '../report/escape.js'
import { otherCommand, otherParts, otherSentence } from '../report/live.js'
import type { Story } from '../report/story.js'
import { askBalancer, readLive } from '../steps/live.js'
import type { Site } from './deploy.js'

/**
 * A deployment that went through may not serve alone: one before it may have left instances in service that nothing takes out.
 * The deployments are read only where the load balancer shows foreign instances, or can't be asked
 * and something was left unfinished; a read that fails spoils no success.
 */
export const warnOfOthers = async (
  { location }: Revision,
  { ending }: Story,
  { group, live, services, inputs, world: { runner } }: Site
): Promise<void> => {
  if (ending.name !== 'succeeded') return
  const wasClean = live.kind === 'commit' && group.lastAttempted?.id === group.lastSuccessful?.id
  try {
    const balancer = await askBalancer(group, services.live)
    const own = new Set(ending.targets.filter(({ fleet }) => fleet !== 'blue').map(({ id }) => id))
    if ('healthy' in balancer ? balancer.healthy.every((id) => own.has(id)) : wasClean) return
    const now = await readLive(await services.steady.group(group.application, group.name), services.live)
    if (now.live.kind !== 'mixed') return
    const { region } = inputs.identity
    for (const part of otherParts(now.live, location)) {
      const lines = [otherSentence(part, group), otherCommand(part, group, region)].filter(
        (line) => line !== undefined
      )
      runner.annotate('warning', lines.map(forLog).join('\n'))
    }
  } catch (error) {
    runner.debug(`What else serves was not read: ${String(error)}`)
  }
}
