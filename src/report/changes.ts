import { counted } from '../domain/counted.js'
import type { BundleChanges, HookChange } from '../domain/manifest.js'
import type { Known } from '../domain/plan.js'
import { cutLine } from './columns.js'
import { codeSpan, forComment, forLog, logLine, oneLine } from './escape.js'
import { revisionWord } from './traffic.js'

// Every path and every hook comes from a bundle, whoever wrote that.

const MOST_CELLS = 200

/** `… and 1,234 more`, for the rows of a list that are left out. */
export const rest = (all: number, shown: number): string[] =>
  all > shown ? [`… and ${(all - shown).toLocaleString('en-US')} more`] : []

/** A block that opens with a click. */
export const folded = (title: string, text: string): string[] => [
  `<details><summary>${title}</summary>\n\n${text}\n\n</details>`
]

/** One of our sentences in Markdown; what stands in backticks, and names from outside, are shown as they are. */
export const foreignProse = (text: string): string =>
  oneLine(text)
    .split('`')
    .map((part, at) => (at % 2 === 1 ? codeSpan(part) : part.replace(/\S(?:.*\S)?/, forComment)))
    .join('')

/** `3 added, 12 changed, 1 removed, 2 with another mode` */
export const changeCounts = ({ added, changed, removed, modeChanged }: BundleChanges): string =>
  [
    `${added.length} added, ${changed.length} changed, ${removed.length} removed`,
    ...(modeChanged.length > 0 ? [`${modeChanged.length} with another mode`] : [])
  ].join(', ')

/** Whether both bundles have the same files, modes and hooks. */
export const isSame = ({ added, changed, removed, modeChanged, hooks }: BundleChanges): boolean =>
  [added, changed, removed, modeChanged, hooks].every(({ length }) => length === 0)

const HOOK_WORDS: Record<HookChange['change'], string> = {
  added: 'is new',
  removed: 'is gone',
  changed: 'has changed',
  settings: 'has another timeout or user'
}

const signed = ({ added, changed, removed, modeChanged }: BundleChanges): (readonly [string, string])[] => [
  ...added.map((path) => ['+', path] as const),
  ...changed.map((path) => ['~', path] as const),
  ...removed.map((path) => ['−', path] as const),
  ...modeChanged.map((path) => ['mode', path] as const)
]

/** The hooks and the paths that change, as Markdown, with at most `most` rows of each; nothing if none change. */
export const changeBlocks = (changes: BundleChanges, most: number): string[] => {
  const { hooks } = changes
  const rows = hooks
    .slice(0, most)
    .map(
      ({ event, script, change }) =>
        `- ${codeSpan(cutLine(script, MOST_CELLS))} (${forComment(cutLine(event, MOST_CELLS))}) ${HOOK_WORDS[change]}`
    )
  const list = [...rows, ...rest(hooks.length, rows.length)]
  return [
    ...(list.length === 0 ? [] : [['The scripts of hooks change:', '', ...list].join('\n')]),
    ...pathList(changes, most)
  ]
}

const pathList = (changes: BundleChanges, most: number): string[] => {
  const paths = signed(changes)
  const shown = paths.slice(0, most)
  if (shown.length === 0) return []
  const rows = shown.map(([sign, path]) => `- ${codeSpan(`${sign} ${cutLine(path, MOST_CELLS)}`)}`)
  return folded(counted(paths.length, 'path'), [...rows, ...rest(paths.length, shown.length)].join('\n'))
}

const SHORT_HOOK_WORDS: Record<HookChange['change'], string> = {
  added: 'added',
  removed: 'removed',
  changed: 'changed',
  settings: 'with another timeout or user'
}
const MOST_HOOKS = 5

/** `3 added, 12 changed, 1 removed; hooks: scripts/validate.sh (ValidateService) changed`, harmless in the log. */
const countsAndHooks = (changes: BundleChanges): string => {
  const { hooks } = changes
  const shown = hooks
    .slice(0, MOST_HOOKS)
    .map(
      ({ event, script, change }) =>
        `${cutLine(forLog(script), 80)} (${cutLine(forLog(event), 40)}) ${SHORT_HOOK_WORDS[change]}`
    )
  const named = [...shown, ...rest(hooks.length, shown.length)].join(', ')
  return `${changeCounts(changes)}${named === '' ? '' : `; hooks: ${named}`}`
}

/** Names in a log, where a person looks for one thing: what they are about to do. */
const NAMES_IN_LOG = 20
const NAMES_IN_SUMMARY = 200

/** What a rollback changes on the servers; nothing if those that have the traffic run its target already. */
export type GoingBack = Known<BundleChanges> | { alreadyOn: string }

/** What is said instead of a list; undefined if there is one. */
const withoutList = (back: GoingBack): string | undefined => {
  if ('alreadyOn' in back)
    return `Going back changes nothing on the servers that have the traffic: they run ${revisionWord(back.alreadyOn, 'the revision')} already.`
  if ('unknown' in back) return `What going back changes on the servers is not known: ${back.unknown}`
  return isSame(back.value)
    ? 'Going back changes nothing on the servers: both bundles have the same files.'
    : undefined
}

/** For the log, before anything is stopped: counts and hooks in one line, then up to 20 paths, one a line. */
export const goingBackLines = (back: GoingBack): string[] => {
  if (!('value' in back) || isSame(back.value)) return [forLog(withoutList(back) ?? '')]
  const paths = signed(back.value)
  const shown = paths.slice(0, NAMES_IN_LOG)
  return [
    `Going back changes on the servers: ${countsAndHooks(back.value)}`,
    ...shown.map(([sign, path]) => logLine(`  ${sign} ${cutLine(oneLine(path), MOST_CELLS)}`)),
    ...rest(paths.length, shown.length).map((line) => `  ${line}`)
  ]
}

/** The same for the job summary, folded. */
export const goingBackBlocks = (back: GoingBack): string[] =>
  !('value' in back) || isSame(back.value)
    ? [foreignProse(withoutList(back) ?? '')]
    : folded(
        `What going back changes on the servers: ${changeCounts(back.value)}`,
        changeBlocks(back.value, NAMES_IN_SUMMARY).join('\n\n')
      )

/** What going back to one row of a list would change. */
export interface ListedChange {
  /** What to give a rollback as `commit`. */
  way: string
  /** The same for people. */
  name: string
  changes: Known<BundleChanges>
}

const listedText = ({ changes }: ListedChange): string =>
  'unknown' in changes
    ? `not known: ${changes.unknown}`
    : isSame(changes.value)
      ? 'nothing, the files are the same'
      : countsAndHooks(changes.value)

const WOULD_CHANGE = 'What a rollback would change on the servers'

/** A line for each row below the list of the log; one line if nothing is known for the same reason. */
export const listedLines = (all: readonly ListedChange[]): string[] => {
  const why = sharedReason(all)
  if (why !== undefined) return [forLog(`${WOULD_CHANGE} is not known: ${why}`)]
  const width = Math.max(0, ...all.map(({ name }) => name.length))
  return all.length === 0
    ? []
    : [
        `${WOULD_CHANGE}:`,
        ...all.map((one) => logLine(`  ${one.name.padEnd(width)}  ${oneLine(listedText(one))}`))
      ]
}

/** The same as Markdown. */
export const listedBlocks = (all: readonly ListedChange[]): string[] => {
  const why = sharedReason(all)
  if (why !== undefined) return [`${WOULD_CHANGE} is not known: ${foreignProse(why)}`]
  return all.length === 0
    ? []
    : [
        [
          `${WOULD_CHANGE}:`,
          '',
          ...all.map((one) => `- ${codeSpan(one.name)} ${foreignProse(listedText(one))}`)
        ].join('\n')
      ]
}

const sharedReason = (all: readonly ListedChange[]): string | undefined => {
  const reasons = new Set(all.map(({ changes }) => ('unknown' in changes ? changes.unknown : undefined)))
  return reasons.size === 1 ? [...reasons][0] : undefined
}
