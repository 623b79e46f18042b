import type { Deployment } from '../domain/deployment.js'
import type { Target } from '../domain/event.js'
import type { DeploymentGroup } from '../domain/group.js'
import type { HistoryRow } from '../domain/history.js'
import type { OnlyFailed } from '../domain/only-failed.js'
import { firstFailure } from '../domain/phase.js'
import type { Attempt } from '../domain/serving.js'
import { ALL_SKIPPED } from './event-errors.js'
import { explainDeploymentError, silentTargets } from './explain.js'
import { errorOf, tailLines } from './failure.js'
import { withoutArchive } from './script.js'
import { revisionWord } from './traffic.js'
import type { Zone } from './times.js'

/** How many lines of a script's output a refusal repeats. */
const MOST_LINES = 8

const named = ({ commit, revisionText }: HistoryRow): string => revisionWord(commit, revisionText)

const moment = ({ startedAt }: HistoryRow, zone: Zone): string =>
  `${zone.dayAndClock(startedAt)} ${zone.name}`

/** What failed when the only deployments of a revision failed: deployment, event, instance, script, error and its last output. */
export const whatFailedThen = (
  { last, count }: OnlyFailed,
  { deployment, targets }: Attempt,
  zone: Zone
): string => {
  const which =
    count === 1
      ? `its only deployment, ${last.deploymentId}, failed`
      : `none of its ${count} deployments did, and the last that failed is ${last.deploymentId}`
  return [
    `${named(last)} has never served: ${which} (${moment(last, zone)}).`,
    ...causeOf(deployment, targets)
  ].join('\n')
}

const causeOf = ({ error }: Deployment, targets: readonly Target[]): string[] => {
  const first = firstFailure(targets)
  if (first !== undefined) {
    const { scriptName = '', message = '', logTail = '' } = first.event.diagnostics ?? {}
    const facts = [scriptName, errorOf(first), withoutArchive(message)].filter((part) => part !== '')
    return [
      `${first.event.name} failed on ${first.target.id} (${first.target.fleet})${facts.length === 0 ? '.' : `: ${facts.join(', ')}`}`,
      ...tailLines(logTail, MOST_LINES).map((line) => `  │ ${line}`)
    ]
  }
  const code = error === undefined ? [] : [`${error.code}: ${error.message}`]
  if (silentTargets(targets).length > 0) return [ALL_SKIPPED.meaning, ...code]
  return error === undefined ? [] : [...code, explainDeploymentError(error.code).meaning]
}

/** What to do instead of trying again what failed. */
export const INSTEAD_OF_FAILED =
  'Nothing was changed. Choose another revision: `previous`, or a commit from the list that an empty `commit` shows. To roll back to this one although it failed, set `even-if-failed: true`.'

/** What `even-if-failed` risks. */
export const tryingAgain = ({ style }: Pick<DeploymentGroup, 'style'>): string =>
  style === 'IN_PLACE'
    ? 'Trying it again (`even-if-failed: true`). This group deploys in place, so it replaces what is running on the servers that serve now.'
    : 'Trying it again (`even-if-failed: true`), on a new fleet. What serves now keeps serving until the new fleet is healthy.'

/** A rollback back to what was rolled back: who undid it, and when. */
export const undoneWarning = (undone: HistoryRow, by: HistoryRow | undefined, zone: Zone): string => {
  const who = by?.who === undefined ? '' : ` by ${by.who}`
  const when =
    by === undefined ? '' : ` on ${moment(by, zone)}${by.reason === undefined ? '' : ` (${by.reason})`}`
  return `${named(undone)} was rolled back before: ${undone.deploymentId} was undone by ${undone.rolledBackBy ?? 'a rollback'}${who}${when}. It becomes live again because this rollback names it.`
}
