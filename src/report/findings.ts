import { countOf, type Finding, restOf } from '../domain/bundle.js'
import { cutLine, markdownTable } from './columns.js'
import { code, forMarkdown } from './escape.js'
import { jsonWithin } from './json.js'
import { fit } from './markdown.js'
import { bytesText } from './units.js'

/** More rows than these are no help to anybody, and GitHub takes a summary of 1 MiB. */
const MOST_ROWS = 100
const MOST_CELLS = 1_000

const mostSevere = (findings: readonly Finding[]): Finding[] => [
  ...findings.filter(({ severity }) => severity === 'error'),
  ...findings.filter(({ severity }) => severity === 'warning')
]

/** The output `findings`: as they come, or, where they are too many for an output, the mistakes first. */
export const findingsJson = (findings: readonly Finding[]): string => {
  const whole = jsonWithin(findings)
  if (whole.left === 0) return whole.text
  const sorted = mostSevere(findings)
  const { kept } = jsonWithin(sorted)
  const rest = sorted.slice(kept)
  return JSON.stringify([
    ...sorted.slice(0, kept),
    ...restOf('error', countOf(rest, 'error')),
    ...restOf('warning', countOf(rest, 'warning'))
  ])
}

/** The job summary of a judged bundle: the verdict, and a table of what was found. */
export const findingsSummary = (
  findings: readonly Finding[],
  bundle: { files: number; bytes: number }
): string => {
  const refused = findings.some(({ severity }) => severity === 'error')
  const heading = refused
    ? '## ❌ The agent would refuse this bundle'
    : '## ✅ The agent would take this bundle'
  const shown = mostSevere(findings.filter(({ times }) => times === undefined)).slice(0, MOST_ROWS)
  const left = countOf(findings, 'error') + countOf(findings, 'warning') - shown.length
  const rows = shown.map(({ severity, file, line, message }) => [
    severity === 'error' ? '❌' : '⚠️',
    code(`${cutLine(file, MOST_CELLS)}${line === undefined ? '' : `:${line}`}`),
    forMarkdown(cutLine(message, MOST_CELLS))
  ])
  const columns = [{ title: ' ' }, { title: 'Where' }, { title: 'What' }]
  const table = rows.length === 0 ? ['Nothing to mend.'] : [markdownTable(columns, rows).join('\n')]
  return fit([
    heading,
    `${bundle.files} files, ${bytesText(bundle.bytes)}`,
    ...table,
    ...(left > 0 ? [`… and ${left.toLocaleString('en-US')} more`] : [])
  ])
}
