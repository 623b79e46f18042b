import type { Deployment } from '../domain/deployment.js'
import type { DeploymentGroup } from '../domain/group.js'
import type { ManifestHook } from '../domain/manifest.js'
import type { DeploymentInputs } from '../inputs/types.js'
import type { Journal } from '../journal.js'
import type { World } from '../ports.js'
import { giveUp } from '../steps/give-up.js'
import { reasonsOf } from '../steps/reasons.js'
import type { WatchOptions } from '../steps/watch.js'
import type { Services } from './connect.js'

/** What is deployed, and where. */
interface Explained {
  inputs: DeploymentInputs
  group: DeploymentGroup
  hooks?: (() => Promise<readonly ManifestHook[]>) | undefined
}

/** How a run finds out why its deployment waits, and what it does once there is no hope left. */
export const explaining = async (
  deployment: Deployment,
  { inputs, group, hooks }: Explained,
  { cancelable, live, fleets }: Services,
  { world, journal }: { world: World; journal: Journal }
): Promise<Pick<WatchOptions, 'reasons' | 'giveUp'>> => {
  const { stopWhenUnhealthyMinutes: minutes } = inputs
  return {
    reasons: reasonsOf(
      { health: live.health, fleets: await fleets(), service: cancelable },
      {
        clock: world.clock,
        targetGroups: group.targetGroups,
        stopAfterMs: minutes === undefined ? Number.POSITIVE_INFINITY : minutes * 60_000,
        limits: await eventLimits(hooks),
        lastSuccessful: group.lastSuccessful?.id
      }
    ),
    giveUp: () => {
      journal.stopping(deployment)
      journal.say(
        `No instance of the new fleet has come up for ${minutes} min (\`stop-when-unhealthy-minutes\`), so ${deployment.id} is stopped with rollback.`
      )
      return giveUp(deployment, cancelable, journal.say)
    }
  }
}

/** CodeDeploy ends an event after an hour, whatever its scripts may take (docs/service.md, reference 4). */
const MOST_SECONDS = 3600

/** How long the scripts of each event may take together, in seconds; empty where the hooks cannot be read. */
const eventLimits = async (hooks: Explained['hooks']): Promise<ReadonlyMap<string, number>> => {
  const limits = new Map<string, number>()
  for (const { event, timeout = MOST_SECONDS } of (await hooks?.().catch(none)) ?? []) {
    // It runs the script of the revision before.
    if (event === 'ApplicationStop') continue
    limits.set(event, Math.min(MOST_SECONDS, (limits.get(event) ?? 0) + timeout))
  }
  return limits
}

const none = (): ManifestHook[] => []
