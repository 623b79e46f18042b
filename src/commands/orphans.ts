import type { Outcome } from '../domain/deployment.js'
import type { DeploymentGroup } from '../domain/group.js'
import type { Revision } from '../domain/revision.js'
import { otherCommand, otherParts, otherSentence } from '../report/live.js'
import type { Story } from '../report/story.js'
import { askBalancer } from '../steps/balancer.js'
import { type LiveSources, readLive } from '../steps/live.js'
import type { World } from '../ports.js'
import type { Live } from '../domain/live.js'
import type { DeployInputs } from '../inputs/types.js'
import type { EnteredGroup } from './connect.js'

/**
 * A successful deployment may not serve alone: an earlier one may have left instances in service that nothing takes out.
 * The deployments are read only where the load balancer shows other instances, or can't be asked and an earlier deployment
 * is unfinished. A failed read does not fail a successful run.
 */
export const warnOfOrphans = async (
  { location }: Revision,
  { ending }: Story,
  {
    group,
    live,
    services,
    inputs,
    world: { runner }
  }: EnteredGroup & {
    live: Live
    inputs: DeployInputs
    world: World
  }
): Promise<void> => {
  if (ending.name !== 'succeeded') return
  try {
    const isClean =
      live.evidence.from === 'load-balancer'
        ? await servesAlone(ending, group, services.live)
        : live.kind !== 'mixed' && group.lastAttempted?.id === group.lastSuccessful?.id
    if (isClean) return
    const now = await readLive(await services.steady.group(group.application, group.name), services.live)
    if (now.live.kind !== 'mixed') return
    const { region } = inputs.identity
    for (const part of otherParts(now.live, location)) {
      const lines = [otherSentence(part, group), otherCommand(part, group, region)].filter(
        (line) => line !== undefined
      )
      runner.annotate('warning', lines.join('\n'))
    }
  } catch (error) {
    runner.debug(`Could not read what else is serving: ${String(error)}`)
  }
}

/** Whether the load balancer's healthy instances all belong to this deployment. */
const servesAlone = async (
  { targets }: Outcome,
  group: DeploymentGroup,
  sources: LiveSources
): Promise<boolean> => {
  const balancer = await askBalancer(group, sources.health)
  const own = new Set(targets.filter(({ fleet }) => fleet !== 'blue').map(({ id }) => id))
  return 'healthy' in balancer && balancer.healthy.every((id) => own.has(id))
}
