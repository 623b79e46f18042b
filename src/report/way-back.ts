import { short } from '../domain/commit.js'
import { type HistoryRow, waysBack } from '../domain/history.js'
import type { Workflow } from '../domain/workflow.js'
import { cutLine } from './columns.js'
import { workflowUrl } from './console-link.js'
import { code, fenced, forLog, forMarkdown, forShell, link, logLine } from './escape.js'
import { ago, type Times } from './times.js'

/** How a person starts a rollback when it is not known which workflow does it. */
const BY_INPUT = 'To roll back, run `command: rollback` with a commit, `previous`, or a deployment ID.'
const GONE = 'A row whose bundle is gone cannot be rolled back to.'

/** More lines make a page that nobody looks through; the table has the commits of older ones. */
const MOST_LINES = 50
const SUBJECT_CELLS = 80

/** `[HOST/]OWNER/REPO`, as `gh` names a repository. It is always given, since nobody knows in which folder the line is pasted. */
const repositoryOf = ({ repository: { serverUrl, name } }: Workflow): string => {
  const host = serverUrl.replace(/^https?:\/\//, '')
  return host === 'github.com' ? name : `${host}/${name}`
}

/** The command that rolls back to `commit`: a commit, `previous` or a deployment ID. */
export const dispatchCommand = (workflow: Workflow, commit: string): string =>
  `gh workflow run ${forShell(workflow.file)} --repo ${forShell(repositoryOf(workflow))} -f commit=${forShell(commit)}`

/** How to go back to a row of the list, for the log: one line to fill in, since the table has what to put into it. */
export const wayBackLines = (workflow: Workflow | undefined): string[] =>
  workflow === undefined
    ? [`${BY_INPUT} ${GONE}`]
    : [
        GONE,
        'To roll back, put a commit, a deployment ID or `previous` in place of COMMIT:',
        logLine(`    ${dispatchCommand(workflow, 'COMMIT')}`),
        logLine(`    ${workflowUrl(workflow)}`)
      ]

/** The same for the summary: the page of the workflow, and a line to copy for each revision that can be gone back to. */
export const wayBackBlocks = (
  rows: readonly HistoryRow[],
  workflow: Workflow | undefined,
  times: Times
): string[] => {
  if (workflow === undefined) return [`${BY_INPUT} ${GONE}`]
  const page = link(`Start ${code(workflow.file)}`, workflowUrl(workflow))
  const lines = linesToCopy(rows, workflow, times)
  return [
    '### Roll back',
    `${page} with a commit, a deployment ID or <code>previous</code>${lines.length === 0 ? '.' : ', or run one of these lines.'} ${GONE}`,
    ...(lines.length === 0
      ? []
      : [
          `<details><summary>${lines.length === 1 ? 'The line' : `${lines.length} lines`} to copy</summary>\n\n${lines.join('\n\n')}\n\n</details>`
        ])
  ]
}

const linesToCopy = (rows: readonly HistoryRow[], workflow: Workflow, times: Times): string[] => {
  const ways = waysBack(rows)
  const newest = new Map<string, HistoryRow>()
  for (const row of rows) {
    const way = ways.get(row.deploymentId)
    if (way !== undefined && !newest.has(way)) newest.set(way, row)
  }
  return [...newest]
    .slice(0, MOST_LINES)
    .map(([way, row]) =>
      [
        `${titleOf(row)}, ${ago(times, row.startedAt)}`,
        ...fenced([forLog(dispatchCommand(workflow, way))], 'sh')
      ].join('\n')
    )
}

const titleOf = ({ commit, subject = '', revisionText }: HistoryRow): string =>
  commit === undefined
    ? code(cutLine(revisionText, SUBJECT_CELLS))
    : `${code(short(commit))} ${forMarkdown(cutLine(subject, SUBJECT_CELLS))}`.trimEnd()
