import { grouped } from '../domain/counted.js'
import type { Tally } from '../domain/tally.js'
import { forLog } from './escape.js'
import { exitCodeOf } from './explain.js'
import { namesOf } from './health.js'
import { eventColumns, reasonOf } from './lines.js'
import type { Paint } from './style.js'
import type { Times } from './times.js'
import { between, duration } from './units.js'

/** So many that are at work are named. */
const NAMED = 3

/** `12:03:41  green     412 of 1,000         AfterInstall        Succeeded   median 3.2 s, slowest 14.0 s (i-0abc…)` */
export const tallyLine = (tally: Tally, options: Times & { paint: Paint }): string => {
  const { changes, of } = tally
  const who = `${grouped(changes.length)} ${of === undefined ? 'so far' : `of ${grouped(of)}`}`
  return eventColumns({ ...tally, who }, forLog(detailsOf(tally)), options)
}

const detailsOf = (tally: Tally): string => {
  const { status, changes } = tally
  const names = namesOf(changes.map(({ target }) => target.id))
  if (status === 'Failed') return [causeWord(tally), `(${names})`].filter((part) => part !== '').join(' ')
  if (status === 'InProgress') return changes.length > NAMED ? '' : `(${names})`
  return lengths(tally)
}

/** `ScriptFailed scripts/start.sh, exit code 3`, which tells one cause from another. */
const causeWord = ({ cause, changes: [first] }: Tally): string => {
  if (first === undefined || cause === 'other') return 'other causes'
  const { diagnostics } = first.event
  const exitCode = diagnostics && exitCodeOf(diagnostics)
  return `${reasonOf(first.event)}${exitCode === undefined ? '' : `, exit code ${exitCode}`}`
}

/** `median 3.2 s, slowest 14.0 s (i-0abc…)`; empty if the service gave no times. */
const lengths = ({ changes }: Tally): string => {
  const known = changes
    .flatMap(({ target: { id }, event }) => {
      const ms = between(event.startTime, event.endTime)
      return ms === undefined ? [] : [{ id, ms }]
    })
    .sort((one, other) => one.ms - other.ms)
  const [median, slowest] = [known[Math.floor((known.length - 1) / 2)], known.at(-1)]
  if (median === undefined || slowest === undefined) return ''
  return known.length === 1
    ? `${duration(slowest.ms)} (${slowest.id})`
    : `median ${duration(median.ms)}, slowest ${duration(slowest.ms)} (${slowest.id})`
}
