import { type Repository, short } from '../domain/commit.js'
import { isOver } from '../domain/deployment.js'
import { type HistoryRow, waysBack } from '../domain/history.js'
import type { Workflow } from '../domain/workflow.js'
import { type ListedChange, listedBlocks, listedLines } from './changes.js'
import { type Column, columnLines, cutLine, displayWidth, markdownTable } from './columns.js'
import { commitUrl, deploymentUrl, runUrl } from './console-link.js'
import { code, forLog, forMarkdown, link } from './escape.js'
import { fit } from './markdown.js'
import { type Paint, statusColor, statusIcon } from './style.js'
import { ago, seenFrom, type Times, zoneNote } from './times.js'
import { between, duration, durationOr } from './units.js'
import { wayBackBlocks, wayBackLines } from './way-back.js'

const LIVE = '●'
/** The width of a log's line that no reader has to scroll. */
const LINE_CELLS = 120
/** As long as a subject should be; a longer one would leave the other columns of the summary too little room. */
const SUBJECT_CELLS = 72
const WHO_CELLS = { log: 20, summary: 40 }
const MOST_ROWS_IN_SUMMARY = 500
const NOTHING = 'This group has no deployments yet.'

/** What the screen shows besides its rows. */
export interface Listed extends Times {
  application: string
  group: string
  region: string
  /** Who holds the group, since when and why. */
  hold?: string | undefined
  /** Turns commits and runs into links. */
  repository?: Repository | undefined
  /** The workflow that rolls back. */
  workflow?: Workflow | undefined
  /** What going back to the newest rows would change. */
  changes?: readonly ListedChange[] | undefined
}

/** What is worth knowing about a row besides its figures; what decides whether it can be gone back to comes first. */
const notes = (row: HistoryRow, way: string | undefined): string[] => [
  ...(row.live ? ['live'] : []),
  ...availability(row),
  ...(row.rolledBackBy === undefined ? [] : [`rolled back by ${row.rolledBackBy}`]),
  ...(row.rollbackOf === undefined ? [] : [`rollback of ${row.rollbackOf}`]),
  ...(row.reason === undefined ? [] : [`"${row.reason}"`]),
  ...(row.restart === true ? ['restart'] : []),
  ...(row.creator === 'user' || row.rollbackOf !== undefined ? [] : [`started by ${row.creator}`]),
  ...(row.addressable || row.revision === undefined ? [] : ['not deployed by this action']),
  ...(way === row.deploymentId ? ['roll back by its deployment ID'] : [])
]

const availability = ({ available, revision }: HistoryRow): string[] => {
  if (revision === undefined || available === true) return []
  if (revision.kind === 'foreign') return ['not in S3']
  return [available === 'unknown' ? 'bundle not checked' : 'bundle gone']
}

const commitOf = ({ commit }: HistoryRow): string => (commit === undefined ? '–' : short(commit))

/** The subject of a commit; for a revision that this action did not store, the service's name, with a commit as people read it. */
const subjectOf = ({ subject, commit, revision, revisionText }: HistoryRow): string => {
  if (subject !== undefined || commit !== undefined) return subject ?? ''
  return revision === undefined ? 'no revision named' : revisionText.replace(/(?<=@)[0-9a-f]{40}$/, short)
}

/** `20:14` or, on another day than the start, `11-23 04:14`. */
const completedText = ({ startedAt, completedAt }: HistoryRow, { zone }: Times): string =>
  completedAt === undefined
    ? '–'
    : seenFrom({ now: startedAt, zone }, completedAt).replace(/^\d+-(?=\d+-)/, '')

const columnsOf = (paint: Paint): Column[] => [
  { title: '', dress: (cell) => paint(cell, 'green') },
  { title: 'commit', dress: (cell) => paint(cell, 'bold') },
  { title: 'status', dress: (cell) => paint(cell, statusColor(cell.trim())) },
  { title: 'started' },
  { title: '' },
  { title: 'completed' },
  { title: 'duration', align: 'right' },
  { title: 'to traffic', align: 'right' },
  { title: 'deployment' }
]

/**
 * The history as log lines of at most 120 cells, in the given order: a line of figures for each row, which align for Hangul and
 * emoji, too, and below it notes, subject and who started it.
 */
export const historyLines = (
  rows: readonly HistoryRow[],
  { paint, ...listed }: Pick<Listed, 'now' | 'zone' | 'workflow' | 'changes'> & { paint: Paint }
): string[] => {
  if (rows.length === 0) return [NOTHING]
  const [head = '', ...figures] = columnLines(
    columnsOf(paint),
    rows.map((row) => [
      row.live ? LIVE : ' ',
      forLog(commitOf(row)),
      cutLine(forLog(row.status), 12),
      listed.zone.dayAndClock(row.startedAt),
      ago(listed, row.startedAt),
      completedText(row, listed),
      durationOr(row.durationMs),
      durationOr(row.timeToTrafficMs),
      cutLine(forLog(row.deploymentId), 16)
    ])
  )
  const ways = waysBack(rows)
  return [
    head,
    ...rows.flatMap((row, at) => [
      figures[at] ?? '',
      wordsLine(row, { paint, way: ways.get(row.deploymentId) })
    ]),
    '',
    ...(rows.some(({ live }) => live) ? [`${LIVE} is live now.`] : []),
    ...listedLines(listed.changes ?? []),
    ...wayBackLines(listed.workflow)
  ]
}

/** As wide as the mark and the commit, so that commits stand out in the first column. */
const INDENT = ' '.repeat('●  9108d4a3  '.length)

/** `live · [BE] subject · mina`; a long subject is cut so that who started it stays. */
const wordsLine = (row: HistoryRow, { paint, way }: { paint: Paint; way: string | undefined }): string => {
  const remarks = cutLine(forLog(notes(row, way).join(' · ')), 70)
  const who = row.who === undefined ? '' : cutLine(forLog(row.who), WHO_CELLS.log)
  const taken = [remarks, who].filter((text) => text !== '').map((text) => displayWidth(text) + 3)
  const room = LINE_CELLS - INDENT.length - taken.reduce((sum, cells) => sum + cells, 0)
  const words = [
    paint(remarks, row.live ? 'green' : 'yellow'),
    cutLine(forLog(subjectOf(row)), room),
    paint(who, 'gray')
  ]
  return `${INDENT}${words.filter((text) => text !== '').join(' · ')}`.trimEnd()
}

/** Keeps a date, a duration or a title on one line of its cell. */
const together = (text: string): string => text.replace(/ /g, '\u00a0').replace(/-/g, '\u2011')

/** The title of the first column also keeps it wide enough to read on a phone. */
const SUMMARY_COLUMNS: readonly Column[] = [
  'Revision, when and by whom',
  'Started → completed',
  'Deployment'
].map((title) => ({ title: together(title) }))

/**
 * The history as Markdown for the job summary. A summary can't change its columns with the width of the page, so the first one has
 * all that a person needs to choose: on a phone it fits, and the others are a swipe away.
 */
export const historySummary = (rows: readonly HistoryRow[], listed: Listed): string => {
  const title = `## Deployments of ${forMarkdown(`${listed.application}/${listed.group}`)}`
  if (rows.length === 0) return `${title}\n\n${NOTHING}\n`
  const shown = rows.slice(0, MOST_ROWS_IN_SUMMARY)
  const ways = waysBack(rows)
  const table = markdownTable(
    SUMMARY_COLUMNS,
    shown.map((row) => [
      lines([remarksLine(row, ways.get(row.deploymentId)), revisionLine(row, listed), agoLine(row, listed)]),
      lines([listed.zone.dayAndClock(row.startedAt), endLine(row, listed)].map(together)),
      lines([
        `${statusIcon(row.status)}\u00a0${link(forMarkdown(row.deploymentId), deploymentUrl(listed.region, row.deploymentId))}`,
        together(trafficLine(row))
      ])
    ])
  )
  const left = rows.length - shown.length
  return fit([
    title,
    ...(listed.hold === undefined ? [] : [`⏸️ ${forMarkdown(listed.hold)}`]),
    table.join('\n'),
    ...(left === 0 ? [] : [`${left} older deployments are not shown here; the log has them.`]),
    `<sub>${forMarkdown(zoneNote(listed))}</sub>`,
    ...listedBlocks(listed.changes ?? []),
    ...wayBackBlocks(rows, listed.workflow, listed)
  ])
}

const lines = (texts: readonly string[]): string => texts.filter((text) => text !== '').join('<br>')

const remarksLine = (row: HistoryRow, way: string | undefined): string => {
  const isPlain = row.status === 'Succeeded'
  const remarks = [...(isPlain ? [] : [row.status]), ...notes(row, way)].map(forMarkdown).join(', ')
  const icon = row.live ? '🟢' : isPlain ? '' : statusIcon(row.status)
  return remarks === '' ? '' : `${icon} <b>${remarks}</b>`.trimStart()
}

const revisionLine = (row: HistoryRow, { repository }: Listed): string => {
  const words = forMarkdown(cutLine(subjectOf(row), SUBJECT_CELLS))
  return row.commit === undefined
    ? breakable(words)
    : `${link(code(short(row.commit)), commitUrl(repository, row.commit))} ${words}`.trimEnd()
}

/** An address may break after each part, so that it does not widen its column. */
const breakable = (markdown: string): string => markdown.replace(/[/@](?=[^/])/g, '$&&#8203;')

/** `19 h ago by mina · run` */
const agoLine = ({ startedAt, who, runId }: HistoryRow, listed: Listed): string => {
  const by = who === undefined ? '' : ` by ${forMarkdown(cutLine(who, WHO_CELLS.summary))}`
  const run = runUrl(listed.repository, runId)
  return `${ago(listed, startedAt)}${by}${run === undefined ? '' : ` · ${link('run', run)}`}`
}

/** `→ 10:14 · took 8 h 14 min`, or how long it has run so far. */
const endLine = (row: HistoryRow, listed: Listed): string => {
  const { startedAt, completedAt, durationMs, status } = row
  const soFar = isOver(status) ? '' : `${duration(between(startedAt, listed.now) ?? 0)} so far`
  return completedAt === undefined
    ? soFar
    : `→ ${completedText(row, listed)} · took ${durationOr(durationMs)}`
}

const trafficLine = ({ timeToTrafficMs }: HistoryRow): string =>
  timeToTrafficMs === undefined ? '' : `traffic after ${duration(timeToTrafficMs)}`
