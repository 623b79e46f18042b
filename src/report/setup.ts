import { counted } from '../domain/counted.js'
import type { Difference } from '../domain/group-wish.js'
import { markdownTable } from './columns.js'
import { code, forMarkdown } from './escape.js'
import { fit } from './markdown.js'
import type { Paint } from './style.js'

/** What is not as the file says, a line each, with what it means below. */
export const differenceLines = (differences: readonly Difference[], paint: Paint): string[] =>
  differences.flatMap(({ what, from, to, means }) => [
    from === undefined
      ? `  ${paint('+', 'green')} ${what}: ${to}`
      : `  ${paint('~', 'yellow')} ${what}: ${from} → ${paint(to, 'bold')}`,
    `      ${paint(means, 'gray')}`
  ])

/** The job summary: what was found, what was done about it, and what to do next. */
export const setupSummary = (
  differences: readonly Difference[],
  {
    group,
    file,
    outcome,
    next
  }: { group: string; file: string; outcome: 'same' | 'shown' | 'made'; next: string }
): string => {
  const heading = {
    same: `## ✅ ${forMarkdown(group)} is as the file says`,
    shown: `## 📋 ${counted(differences.length, 'change')} for ${forMarkdown(group)}`,
    made: `## ✅ ${forMarkdown(group)} is set up`
  }[outcome]
  const rows = differences.map(({ what, from, to, means }) => [
    forMarkdown(what),
    from === undefined ? '—' : code(from),
    from === undefined ? forMarkdown(to) : code(to),
    forMarkdown(means)
  ])
  const columns = [
    { title: 'What' },
    { title: 'Before' },
    { title: outcome === 'made' ? 'Now' : 'File' },
    { title: 'What it means' }
  ]
  return fit([
    heading,
    `From ${code(file)}.`,
    differences.length === 0 ? '' : markdownTable(columns, rows).join('\n'),
    forMarkdown(next)
  ])
}
