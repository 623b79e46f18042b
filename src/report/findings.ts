import { counted } from '../domain/counted.js'
import { countOf, type Finding, restOf } from '../domain/bundle.js'
import { cutLine, markdownTable } from './columns.js'
import { code, forMarkdown } from './escape.js'
import { jsonWithin } from './json.js'
import { fit } from './markdown.js'
import { bytesText } from './units.js'

/** More rows help nobody, and GitHub limits a summary to 1 MiB. */
const MOST_ROWS = 100
const MOST_CELLS = 1_000

const mostSevere = (findings: readonly Finding[]): Finding[] => [
  ...findings.filter(({ severity }) => severity === 'error'),
  ...findings.filter(({ severity }) => severity === 'warning')
]

/** The output `findings`: in their original order or, when they exceed the size of an output, the errors first. */
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

/** The job summary of a checked bundle: the verdict and a table of the findings. */
export const findingsSummary = (
  findings: readonly Finding[],
  bundle: { files: number; bytes: number; remark?: string | undefined }
): string => {
  const refused = findings.some(({ severity }) => severity === 'error')
  const heading = refused
    ? '## ❌ The agent would refuse this bundle'
    : '## ✅ The agent would accept this bundle'
  const shown = mostSevere(findings.filter(({ times }) => times === undefined)).slice(0, MOST_ROWS)
  const left = countOf(findings, 'error') + countOf(findings, 'warning') - shown.length
  const rows = shown.map(({ severity, file, line, message }) => [
    severity === 'error' ? '❌' : '⚠️',
    code(`${cutLine(file, MOST_CELLS)}${line === undefined ? '' : `:${line}`}`),
    forMarkdown(cutLine(message, MOST_CELLS))
  ])
  const columns = [{ title: ' ' }, { title: 'Where' }, { title: 'What' }]
  const table = rows.length === 0 ? ['No problems found.'] : [markdownTable(columns, rows).join('\n')]
  return fit([
    heading,
    `${counted(bundle.files, 'file')}, ${bytesText(bundle.bytes)}`,
    ...table,
    ...(bundle.remark === undefined ? [] : [forMarkdown(bundle.remark)]),
    ...(left > 0 ? [`… and ${left.toLocaleString('en-US')} more`] : [])
  ])
}
