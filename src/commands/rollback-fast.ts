import type { Deployment } from '../domain/deployment.js'
import { isDenied, wordsOf } from '../domain/fault.js'
import { trafficHasMoved } from '../domain/phase.js'
import { UserError } from '../errors.js'
import type { RollbackInputs } from '../inputs/types.js'
import type { World } from '../ports.js'
import { leftoverGroup, type LeftoverGroup } from '../report/orphans.js'
import type { RollbackWay } from '../report/rollback.js'
import type { Story } from '../report/story.js'
import { type Plan, rollBackFast } from '../steps/rollback.js'
import { explaining } from './explaining.js'
import { withReferences } from './report.js'
import type { RollbackContext } from './rollback-context.js'
import { fastEnding } from './rollback-report.js'
import { pollingOf } from './run-deployment.js'

/** A working deployment is stopped only when `on-conflict` says so; one that only waits is stopped to roll back. */
export const mayStop = (
  { replacing, targets }: Extract<Plan, { way: 'fast' }>,
  { onConflict }: RollbackInputs
): boolean => onConflict === 'supersede' || trafficHasMoved(replacing, targets)

/** Stops the running deployment; undefined if that did not bring the target back, and the bundle must be redeployed. */
export const fastWay = async (
  plan: Extract<Plan, { way: 'fast' }>,
  context: RollbackContext
): Promise<{ way: RollbackWay; ending: Story['ending']; left: LeftoverGroup | undefined } | undefined> => {
  const { services, world, journal } = context
  const polling = pollingOf(context, world)
  journal.stopping(plan.replacing)
  const fast = rollBackFast(plan.replacing, services.cancelable, {
    ...polling,
    // Seconds count here, and it does not take long: poll more often.
    pollMs: Math.min(1000, polling.pollMs),
    until: 'complete',
    known: { deployment: plan.replacing, targets: plan.targets },
    // It is the way out already, so nothing ends it early.
    reasons: (await explaining(plan.replacing, context, services, context)).reasons,
    tell: journal.tell,
    say: journal.say
  })
  const outcome = await fast.catch((error: unknown) => {
    throw stopMayContinue(error, plan.replacing, world)
  })
  journal.close()
  if (outcome === undefined) return undefined
  const left = leftoverGroup(await withReferences({ ending: outcome }, services.steady))
  return { way: outcome.rollback === undefined ? 'never-left' : 'fast', ending: fastEnding(outcome), left }
}

/** A stop that was sent still counts after a cancel, or after lost answers. */
const stopMayContinue = (error: unknown, { id }: Deployment, { canceled }: World): unknown => {
  if (isDenied(error)) return error
  const why = canceled.aborted ? 'The job was canceled' : wordsOf(error)
  return new UserError(
    `${why} while ${id} was being stopped with rollback.`,
    `If the service received the stop, it will still process the stop: check \`aws deploy get-deployment --deployment-id ${id}\`, or run this job again, which continues from what is live then.`,
    { cause: error }
  )
}
