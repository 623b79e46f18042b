import { deadlineOf } from '../domain/deadline.js'
import type { DeploymentGroup } from '../domain/group.js'
import type { DeployInputs } from '../inputs/types.js'
import type { World } from '../ports.js'
import { refuseBeforeStoring } from '../steps/conflict.js'
import type { LiveReading } from '../steps/live.js'
import { holderBeforehand } from '../steps/start.js'
import type { EnteredGroup } from './connect.js'

/** Epoch milliseconds until which a run that starts its deployment now may wait and watch. */
export const deadlineFor = (
  inputs: DeployInputs,
  { waits }: DeploymentGroup,
  { clock, startedAt, context: { hosted } }: World
): number => deadlineOf(clock.now(), startedAt, { ...inputs, waits, hosted })

/** Throws if another deployment holds the group for longer than this run may wait, as far as that is certain before anything is stored. */
export const refuseInVain = (
  { attempts }: LiveReading,
  inputs: DeployInputs,
  { group, zone, world }: Pick<EnteredGroup, 'group' | 'zone'> & { world: World }
): void => {
  const { clock, context } = world
  const holder = holderBeforehand(
    attempts.map(({ deployment }) => deployment),
    inputs.commit,
    { runId: context.runId, checkOrder: !inputs.skipOrderCheck }
  )
  const held = attempts.find(({ deployment }) => deployment === holder)
  if (held === undefined) return
  refuseBeforeStoring(
    { holder: held.deployment, targets: held.targets },
    {
      policy: inputs.onConflict,
      endTerminationWait: inputs.endTerminationWait,
      clock,
      zone,
      deadline: deadlineFor(inputs, group, world)
    }
  )
}
