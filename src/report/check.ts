import type { CheckFinding, Verdict } from '../domain/check/finding.js'
import { counted } from '../domain/counted.js'
import { markdownTable } from './columns.js'
import { forMarkdown, oneLine } from './escape.js'
import { fit, prose } from './markdown.js'
import type { Color, Paint } from './style.js'

const MARKS: Record<Verdict, { mark: string; icon: string; color: Color }> = {
  problem: { mark: '✗', icon: '❌', color: 'red' },
  warning: { mark: '!', icon: '⚠️', color: 'yellow' },
  'not-checked': { mark: '?', icon: '❔', color: 'gray' },
  ok: { mark: '✓', icon: '✅', color: 'green' }
}

/** The order of a summary: what needs work first. */
const ORDER = Object.keys(MARKS) as Verdict[]

const countOf = (findings: readonly CheckFinding[], verdict: Verdict): number =>
  findings.filter((finding) => finding.verdict === verdict).length

/** `1 problem, 2 warnings, 3 not checked, 9 ok`. */
export const checkVerdict = (findings: readonly CheckFinding[]): string =>
  [
    counted(countOf(findings, 'problem'), 'problem'),
    counted(countOf(findings, 'warning'), 'warning'),
    `${countOf(findings, 'not-checked')} not checked`,
    `${countOf(findings, 'ok')} ok`
  ].join(', ')

/** The lines of one finding in the log. */
export const checkLines = ({ area, verdict, found, why, remedy }: CheckFinding, paint: Paint): string[] => {
  const { mark, color } = MARKS[verdict]
  return [
    `${paint(mark, color)} ${area}: ${oneLine(found)}`,
    ...(why === undefined ? [] : [`    Why it matters: ${oneLine(why)}`]),
    ...(remedy === undefined ? [] : [`    What to do: ${oneLine(remedy)}`])
  ]
}

/** Nothing that was read is not the same as nothing that is wrong. */
const headingOf = (findings: readonly CheckFinding[]): string => {
  if (countOf(findings, 'problem') > 0) return '❌ Deployments need fixes first'
  const unchecked = countOf(findings, 'not-checked')
  if (unchecked === findings.length) return '❔ Nothing could be checked'
  return unchecked === 0
    ? '✅ The check found no problem'
    : '❔ No problem found, but not everything was checked'
}

/** The job summary: the verdict, and a table of all findings, those that need work first. */
export const checkSummary = (findings: readonly CheckFinding[], name: string): string => {
  const sorted = ORDER.flatMap((verdict) => findings.filter((finding) => finding.verdict === verdict))
  const rows = sorted.map(({ area, verdict, found, why = '', remedy = '' }) => [
    MARKS[verdict].icon,
    forMarkdown(area),
    ...[found, why, remedy].map((text) => prose(oneLine(text)))
  ])
  const columns = ['', 'Check', 'Found', 'Why it matters', 'What to do'].map((title) => ({ title }))
  return fit([
    `## ${headingOf(findings)}: ${forMarkdown(name)}`,
    checkVerdict(findings),
    markdownTable(columns, rows).join('\n')
  ])
}
