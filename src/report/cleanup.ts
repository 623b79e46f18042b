import { counted } from '../domain/counted.js'
import { instanceHours, type LeftOver } from '../domain/cleanup.js'
import { columnLines, markdownTable } from './columns.js'
import { code, forMarkdown } from './escape.js'
import { fit, prose } from './markdown.js'
import { bytesText, roughly } from './units.js'

/** What became of something that nothing needs: only shown, deleted, kept at the second look, or refused by AWS. */
export interface Cleaned {
  item: LeftOver
  result: 'found' | 'deleted' | 'kept' | 'refused'
  /** Why it was kept or refused. */
  why?: string | undefined
}

const KINDS = { fleet: 'Auto Scaling group', upload: 'unfinished upload', bundle: 'bundle' } as const

/** `Auto Scaling group CodeDeploy_web_d-1` */
export const nameOfLeftOver = (item: LeftOver): string => `${KINDS[item.kind]} ${keyOf(item)}`

const keyOf = (item: LeftOver): string =>
  item.kind === 'fleet' ? item.fleet.name : item.kind === 'upload' ? item.upload.key : item.bundle.key

const since = (item: LeftOver): Date =>
  item.kind === 'fleet'
    ? item.fleet.createdAt
    : item.kind === 'upload'
      ? item.upload.startedAt
      : item.bundle.storedAt

const DAY_MS = 24 * 60 * 60 * 1000

/** `5 h 10 min`, and from two days on `12 days`. */
const age = (from: Date, now: number): string => {
  const ms = Math.max(0, now - from.getTime())
  return ms < 2 * DAY_MS ? roughly(ms) : `${Math.floor(ms / DAY_MS)} days`
}

const about = (item: LeftOver, now: number): string => {
  if (item.kind === 'upload') return 'nobody completed it'
  if (item.kind === 'bundle') return bytesText(item.bundle.size)
  const { fleet, deployment } = item
  return `${counted(fleet.instances.length, 'instance')}, ${counted(instanceHours(fleet, now), 'instance-hour')}; ${deployment.id} ended as ${deployment.status}`
}

const COLUMNS = [
  { title: 'What' },
  { title: 'Name' },
  { title: 'Age', align: 'right' as const },
  { title: '' }
]

const row = (item: LeftOver, now: number): string[] => [
  KINDS[item.kind],
  keyOf(item),
  age(since(item), now),
  about(item, now)
]

/** A table of everything that nothing needs. `now` is in epoch milliseconds. */
export const leftOverLines = (found: readonly LeftOver[], now: number): string[] =>
  columnLines(
    COLUMNS,
    found.map((item) => row(item, now))
  )

const count = (cleaned: readonly Cleaned[], result: Cleaned['result']): number =>
  cleaned.filter((one) => one.result === result).length

/** How it ended, in one sentence. */
export const cleanupSentence = (cleaned: readonly Cleaned[], dryRun: boolean): string => {
  if (cleaned.length === 0) return 'Nothing is left behind.'
  if (dryRun) return 'Nothing was deleted. Run this with `dry-run: false` to delete what is listed.'
  const [kept, refused] = [count(cleaned, 'kept'), count(cleaned, 'refused')]
  return [
    `${count(cleaned, 'deleted')} of ${cleaned.length} deleted`,
    ...(kept > 0 ? [`${kept} needed after all`] : []),
    ...(refused > 0 ? [`${refused} refused`] : [])
  ]
    .join(', ')
    .concat('.')
}

/** What was refused, each reason once with everything that it kept from being deleted; empty if nothing was. */
export const refusedLines = (cleaned: readonly Cleaned[]): string[] => {
  const reasons = new Map<string, string[]>()
  for (const { item, result, why = '' } of cleaned)
    if (result === 'refused') reasons.set(why, [...(reasons.get(why) ?? []), keyOf(item)])
  return [...reasons].flatMap(([why, names]) => {
    const named = `${names.slice(0, NAMED).join(', ')}${names.length > NAMED ? ` and ${names.length - NAMED} more` : ''}`
    const [first = '', ...rest] = why.split('\n')
    return [`Not deleted: ${named}. ${first}`, ...rest]
  })
}

/** How many names one reason lists; the log has all of them. */
const NAMED = 5

/** One entry of the output `cleanup`. */
export const cleanedJson = ({ item, result, why }: Cleaned, now: number): object => ({
  kind: item.kind,
  name: keyOf(item),
  since: since(item).toISOString(),
  ...(item.kind === 'fleet'
    ? {
        instances: item.fleet.instances.length,
        instanceHours: instanceHours(item.fleet, now),
        deployment: item.deployment.id,
        status: item.deployment.status
      }
    : {}),
  ...(item.kind === 'bundle' ? { bytes: item.bundle.size } : {}),
  result,
  ...(why === undefined ? {} : { why })
})

const WORDS = {
  found: 'not deleted yet',
  deleted: '✅ deleted',
  kept: 'needed after all',
  refused: '❌ refused'
} as const

/** The job summary: what was found, and what became of each. */
export const cleanupSummary = (
  cleaned: readonly Cleaned[],
  { group, sentence, now }: { group: string; sentence: string; now: number }
): string => {
  const isFine = count(cleaned, 'refused') === 0
  const rows = cleaned.map(({ item, result, why }) => [
    KINDS[item.kind],
    code(keyOf(item)),
    age(since(item), now),
    forMarkdown(about(item, now)),
    `${WORDS[result]}${why === undefined ? '' : `: ${forMarkdown(why)}`}`
  ])
  const columns = [
    { title: 'What' },
    { title: 'Name' },
    { title: 'Age' },
    { title: 'About' },
    { title: 'Result' }
  ]
  return fit([
    `## ${isFine ? '🧹' : '❌'} ${forMarkdown(group)}: ${counted(cleaned.length, 'thing')} that nothing needs`,
    rows.length === 0 ? '' : markdownTable(columns, rows).join('\n'),
    prose(sentence)
  ])
}
