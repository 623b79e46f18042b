import { UserError } from '../errors.js'
import { short } from '../domain/commit.js'
import type { HistoryRow } from '../domain/history.js'

/** How many of the available ones an error lists. */
const LISTED = 10

/** More than one commit begins so. */
export const ambiguous = (
  wanted: string,
  commits: readonly string[],
  rows: readonly HistoryRow[]
): UserError =>
  new UserError(
    [
      `${wanted} is the beginning of ${commits.length} commits:`,
      ...commits.map((commit) =>
        `  ${commit}  ${rows.find((row) => row.commit === commit)?.subject ?? ''}`.trimEnd()
      )
    ].join('\n'),
    'Give one digit more, or the full SHA. Nothing was changed.'
  )

/** What happened, and the newest ten that can be gone back to. */
export const unavailable = (message: string, rows: readonly HistoryRow[]): UserError => {
  const available = rows
    .filter((row) => row.available !== false && row.status === 'Succeeded')
    .slice(0, LISTED)
  return new UserError(
    message,
    available.length === 0
      ? 'No deployment of this group has a stored bundle yet. Nothing was changed.'
      : ['Nothing was changed. Available, newest first:', ...available.map(sayRow)].join('\n')
  )
}

const sayRow = (row: HistoryRow): string =>
  `  ${row.commit === undefined ? row.deploymentId : short(row.commit)}  ${row.deploymentId}  ${row.startedAt.toISOString().slice(0, 16)}Z  ${row.live ? 'live' : row.status}  ${(row.subject ?? '').split(/\r?\n/)[0] ?? ''}`.trimEnd()
