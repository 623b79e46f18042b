import { counted } from '../domain/counted.js'
import type { AddressState } from '../domain/preview/address.js'
import type { Over } from '../domain/preview/lifetime.js'
import { columnLines, markdownTable } from './columns.js'
import { forMarkdown } from './escape.js'
import { fit, prose } from './markdown.js'
import { roughly } from './units.js'

/** What is found at the address of a preview, and what is missing for people to open it, in one or two sentences. */
export const addressLine = (
  state: AddressState,
  { address, balancer }: { address: string; balancer: string }
): string => {
  const { hostname } = new URL(address)
  switch (state.kind) {
    case 'unhealthy':
      return `${address} still answers ${state.status} after ${state.minutes} minutes: the load balancer has no healthy instance of the preview.`
    case 'silent':
      return `This runner does not reach ${address} at the load balancer ${balancer}: ${state.problem}. Whether the preview answers there is not known.`
    case 'answers':
      return state.unknownHost
        ? `The preview answers at the load balancer, but DNS does not know ${hostname} yet. Make a wildcard record for ${wildcard(hostname)} that points to ${balancer}.`
        : `${address} answers ${state.status}.`
  }
}

const wildcard = (host: string): string => `*.${host.split('.').slice(1).join('.')}`

/** Why a preview is over, as a sentence for people. */
export const overSentence = (over: Over | undefined): string => {
  switch (over?.kind) {
    case 'unlabeled':
      return `The pull request does not have the label \`${over.label}\`.`
    case 'expired':
      return `The last push was ${counted(over.hours, 'hour')} ago. The next push brings it back.`
    default:
      return 'The pull request was closed.'
  }
}

/** An environment of a preview, and what became of it. */
export interface CleanedPreview {
  number: number
  instances: number
  /** Epoch milliseconds; undefined when nothing says it. */
  pushedAt: number | undefined
  /** Undefined for one that is not over. */
  over: Over | undefined
  result: 'in use' | 'found' | 'deleted' | 'kept' | 'failed'
  why?: string | undefined
}

const COLUMNS = [
  { title: 'Preview' },
  { title: 'Last push', align: 'right' as const },
  { title: 'Instances', align: 'right' as const },
  { title: '' }
]

const row = ({ number, pushedAt, instances, over, result, why }: CleanedPreview, now: number): string[] => [
  `#${number}`,
  pushedAt === undefined ? '–' : `${roughly(Math.max(0, now - pushedAt))} ago`,
  String(instances),
  [stateOf(result, over), ...(why === undefined ? [] : [why])].join(' ')
]

const WORDS = { found: 'over', deleted: 'taken down', failed: 'not taken down' } as const

/** What was over at first and is kept is no longer over. */
const stateOf = (result: CleanedPreview['result'], over: Over | undefined): string => {
  if (result === 'in use') return 'in use'
  if (result === 'kept') return 'in use after all'
  return `${WORDS[result]}: ${overSentence(over).replaceAll('`', '')}`
}

/** A table of all previews. `now` is in epoch milliseconds. */
export const previewLines = (previews: readonly CleanedPreview[], now: number): string[] =>
  columnLines(
    COLUMNS,
    previews.map((one) => row(one, now))
  )

/** How it ended, in one sentence. */
export const previewCleanupSentence = (previews: readonly CleanedPreview[], dryRun: boolean): string => {
  const over = previews.filter(({ result }) => result !== 'in use')
  if (over.length === 0)
    return `${previews.length === 0 ? 'There is no preview with an address of its own' : `${counted(previews.length, 'preview')} in use`}; nothing is left behind.`
  if (dryRun) return 'Nothing was deleted. Run this with `dry-run: false` to take down what is over.'
  return `${over.filter(({ result }) => result === 'deleted').length} of ${over.length} taken down.`
}

/** The summary of a cleanup of previews. */
export const previewCleanupSummary = (
  previews: readonly CleanedPreview[],
  { sentence, now }: { sentence: string; now: number }
): string =>
  fit([
    '## Previews',
    prose(sentence),
    ...(previews.length === 0
      ? []
      : [
          markdownTable(
            COLUMNS,
            previews.map((one) => row(one, now).map(forMarkdown))
          ).join('\n')
        ])
  ])

/** One entry of the output `cleanup`. */
export const cleanedPreviewJson = ({
  number,
  instances,
  pushedAt,
  over,
  result,
  why
}: CleanedPreview): object => ({
  kind: 'preview',
  ...{ number, instances, result },
  ...(pushedAt === undefined ? {} : { pushedAt: new Date(pushedAt).toISOString() }),
  ...(over === undefined ? {} : { over: over.kind }),
  ...(why === undefined ? {} : { why })
})
