import { UserError } from '../errors.js'
import { short } from '../domain/commit.js'
import type { HistoryRow } from '../domain/history.js'

/** How many of the available ones an error lists. */
const LISTED = 10

/** More than one commit begins so; when `areAll` is false there may be more than these. */
export const ambiguous = (
  wanted: string,
  { commits, areAll }: { commits: readonly string[]; areAll: boolean },
  rows: readonly HistoryRow[]
): UserError => {
  const rest = commits.length - LISTED
  return new UserError(
    [
      `${wanted} matches ${areAll ? '' : 'at least '}${commits.length} commits:`,
      ...commits
        .slice(0, LISTED)
        .map((commit) =>
          `  ${commit}  ${rows.find((row) => row.commit === commit)?.subject ?? ''}`.trimEnd()
        ),
      ...(rest > 0 ? [`  … and ${rest} more`] : [])
    ].join('\n'),
    'Use a longer prefix, or the full SHA. Nothing was changed.'
  )
}

/** What happened, and the newest ten that can be gone back to. */
export const unavailable = (message: string, rows: readonly HistoryRow[]): UserError => {
  const available = rows.filter((row) => row.available !== false && row.served).slice(0, LISTED)
  return new UserError(
    message,
    available.length === 0
      ? `None of the ${rows.length} deployments that were read has a stored bundle. Nothing was changed.`
      : ['Nothing was changed. Available, newest first:', ...available.map(sayRow)].join('\n')
  )
}

const sayRow = (row: HistoryRow): string =>
  `  ${row.commit === undefined ? row.deploymentId : short(row.commit)}  ${row.deploymentId}  ${row.startedAt.toISOString().slice(0, 16)}Z  ${row.live ? 'live' : row.status}  ${(row.subject ?? '').split(/\r?\n/)[0] ?? ''}`.trimEnd()
