import { holders } from '../domain/deployment.js'
import { withRecord } from '../domain/history.js'
import { onlyFailed } from '../domain/only-failed.js'
import { undoneDeployment } from '../domain/undone.js'
import { UserError } from '../errors.js'
import { INSTEAD_OF_FAILED, tryingAgain, undoneWarning, whatFailedThen } from '../report/bad-target.js'
import { unversioned } from '../report/unversioned.js'
import { refuseIfSpared } from '../steps/conflict-acts.js'
import { targetsOf } from '../steps/history.js'
import type { LiveReading } from '../steps/live.js'
import { readRecord, recordOf } from '../steps/record.js'
import type { Found, RollbackContext } from './rollback-context.js'

/**
 * Throws before anything is stopped if the target never served and failed then, unless `even-if-failed` says to try again.
 * Returns whether that is so.
 */
export const refuseKnownBad = async (
  { target, rows, attempts }: Found,
  reading: LiveReading,
  { inputs, services: { cancelable }, group, zone, world: { runner, clock } }: RollbackContext
): Promise<boolean> => {
  const bad = onlyFailed(target.location, rows)
  const attempt = attempts.find(({ deployment }) => deployment.id === bad?.last.deploymentId)
  if (bad === undefined || attempt === undefined) return false
  const { deployment } = attempt
  const targets = attempt.targets.length > 0 ? attempt.targets : await targetsOf(deployment.id, cancelable)
  const what = whatFailedThen(bad, { deployment, targets }, zone)
  if (!inputs.evenIfFailed) throw new UserError(what, INSTEAD_OF_FAILED)
  const [holder] = holders(reading.attempts.map((one) => one.deployment))
  const holding = reading.attempts.find((one) => one.deployment.id === holder?.id)
  await refuseIfSpared(holder === undefined ? undefined : { holder, targets: holding?.targets ?? [] }, {
    ...inputs,
    policy: inputs.onConflict,
    clock
  })
  runner.annotate('warning', `${what}\n${tryingAgain(group)}`)
  return true
}

/** Said once in a log, whichever way the rollback takes. */
export const warnOfUnversioned = ({ target }: Found, { world: { runner } }: RollbackContext): void => {
  const warning = unversioned(target.location)
  if (warning !== undefined) runner.annotate('warning', warning)
}

/** Going back to what was rolled back is allowed, since a person named it, but never silent. */
export const warnOfUndone = async (
  { target, rows }: Found,
  { record, zone, world: { runner } }: RollbackContext
): Promise<void> => {
  const undone = undoneDeployment(target.location, rows)
  if (undone === undefined) return
  const known = withRecord(rows, recordOf(await readRecord(record)))
  const by = known.find(({ deploymentId }) => deploymentId === undone.rolledBackBy)
  runner.annotate('warning', undoneWarning(undone, by, zone))
}
