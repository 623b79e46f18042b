import { type Repository, short } from '../domain/commit.js'
import type { HistoryRow } from '../domain/history.js'
import { type Column, columnLines, cutLine, markdownTable } from './columns.js'
import { commitUrl } from './console-link.js'
import { code, forLog, forMarkdown, link } from './escape.js'
import { fit } from './markdown.js'
import { type Paint, statusColor, statusIcon } from './style.js'
import { dayAndClock, durationOr } from './units.js'

const LIVE = '●'
const SUBJECT_CELLS = { log: 48, summary: 72 }
const MOST_ROWS_IN_SUMMARY = 500
const NOTHING = 'This group has no deployments yet.'

/** What is worth knowing about a row besides its columns. */
const notes = (row: HistoryRow): string[] => [
  ...(row.live ? ['live'] : []),
  ...(row.rollbackOf === undefined ? [] : [`rollback of ${row.rollbackOf}`]),
  ...(row.rolledBackBy === undefined ? [] : [`rolled back by ${row.rolledBackBy}`]),
  ...(row.creator === 'user' || row.rollbackOf !== undefined ? [] : [`started by ${row.creator}`]),
  ...availability(row)
]

const availability = ({ available, addressable }: HistoryRow): string[] => {
  if (!addressable) return ['not deployed by this action']
  return available === true ? [] : available === 'unknown' ? ['bundle not checked'] : ['bundle gone']
}

const commitOf = ({ commit }: HistoryRow): string => (commit === undefined ? '–' : short(commit))

/** The subject of a commit; for a revision that this action did not store, the service's name. */
const subjectOf = (row: HistoryRow): string =>
  row.subject ?? (row.commit === undefined ? row.revisionText : '')

/** The history as log lines, in the given order; columns align for Hangul and emoji, too. */
export const historyLines = (rows: readonly HistoryRow[], paint: Paint): string[] => {
  if (rows.length === 0) return [NOTHING]
  const columns: Column[] = [
    { title: '', dress: (cell) => paint(cell, 'green') },
    { title: 'commit', dress: (cell) => paint(cell, 'bold') },
    { title: 'subject' },
    { title: 'status', dress: (cell) => paint(cell, statusColor(cell.trim())) },
    { title: 'who' },
    { title: 'started (UTC)' },
    { title: 'to traffic', align: 'right' },
    { title: 'duration', align: 'right' },
    { title: 'deployment' },
    { title: 'notes' }
  ]
  const lines = columnLines(
    columns,
    rows.map((row) => [
      row.live ? LIVE : ' ',
      forLog(commitOf(row)),
      cutLine(forLog(subjectOf(row)), SUBJECT_CELLS.log),
      forLog(row.status),
      cutLine(forLog(row.who ?? '–'), 20),
      dayAndClock(row.startedAt),
      durationOr(row.timeToTrafficMs),
      durationOr(row.durationMs),
      forLog(row.deploymentId),
      forLog(notes(row).join(', '))
    ])
  )
  return [...lines, '', `${LIVE} is live now. ${HOW_TO_GO_BACK}`]
}

const HOW_TO_GO_BACK =
  'To roll back, run `command: rollback` with a commit, `previous`, or a deployment ID. A row whose bundle is gone cannot be rolled back to.'

/** The history as Markdown for the job summary. */
export const historySummary = (
  rows: readonly HistoryRow[],
  place: { application: string; group: string; repository?: Repository | undefined }
): string => {
  const title = `## Deployments of ${forMarkdown(`${place.application}/${place.group}`)}`
  if (rows.length === 0) return `${title}\n\n${NOTHING}\n`
  const columns: Column[] = [
    { title: ' ' },
    { title: 'Commit' },
    { title: 'Subject' },
    { title: 'Status' },
    { title: 'Who' },
    { title: 'Started (UTC)' },
    { title: 'To traffic', align: 'right' },
    { title: 'Duration', align: 'right' },
    { title: 'Deployment' },
    { title: 'Notes' }
  ]
  const shown = rows.slice(0, MOST_ROWS_IN_SUMMARY)
  const table = markdownTable(
    columns,
    shown.map((row) => summaryCells(row, place.repository))
  )
  const left = rows.length - shown.length
  return fit([
    title,
    table.join('\n'),
    ...(left === 0 ? [] : [`${left} older deployments are not shown here; the log has them.`]),
    HOW_TO_GO_BACK
  ])
}

const summaryCells = (row: HistoryRow, repository: Repository | undefined): string[] => [
  row.live ? '🟢' : ' ',
  link(row.commit === undefined ? '–' : code(short(row.commit)), commitUrl(repository, row.commit)),
  forMarkdown(cutLine(subjectOf(row), SUBJECT_CELLS.summary)),
  `${statusIcon(row.status)}\u00a0${forMarkdown(row.status)}`,
  forMarkdown(cutLine(row.who ?? '–', 40)),
  nowrap(dayAndClock(row.startedAt)),
  nowrap(durationOr(row.timeToTrafficMs)),
  nowrap(durationOr(row.durationMs)),
  code(row.deploymentId),
  forMarkdown(notes(row).join(', '))
]

/** Keeps a date or a duration on one line of its cell. */
const nowrap = (text: string): string => text.replace(/ /g, '\u00a0').replace(/-/g, '\u2011')
