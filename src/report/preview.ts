import { short } from '../domain/commit.js'
import { counted } from '../domain/counted.js'
import { graphemes } from './columns.js'
import { deploymentUrl } from './console-link.js'
import { codeSpan, forComment, link, oneLine } from './escape.js'

/** A running preview as the pull request shows it. */
export type PreviewState =
  | { kind: 'queued' }
  | { kind: 'running'; deployment: string }
  | { kind: 'serving'; deployment: string; url?: string | undefined; note?: string | undefined }
  /** `blocks` are Markdown for a summary. */
  | {
      kind: 'failed'
      deployment?: string | undefined
      headline: string
      blocks: readonly string[]
      former?: FormerPreview | undefined
    }
  /** The bundle has mistakes, so nothing was deployed. */
  | { kind: 'refused'; mistakes: number; former?: FormerPreview | undefined }

/** An earlier commit of the pull request, which still runs. */
export interface FormerPreview {
  /** Full SHA. */
  commit: string
  deployment: string
  url?: string | undefined
}

/** Where a preview runs, and the commit that it shows. */
export interface PreviewPlace {
  application: string
  group: string
  region: string
  head: string
  /** Whether it is there for this pull request alone. */
  isOwn: boolean
}

/** Markdown that is made for a summary, for a comment: what would notify or refer to somebody there does not. Code blocks stay. */
export const quietly = (markdown: string): string => {
  let fence = ''
  return markdown
    .split('\n')
    .map((line) => {
      const mark = /^`{3,}/.exec(line)?.[0] ?? ''
      if (fence === '' && mark !== '') fence = mark
      else if (fence !== '' && line === fence) fence = ''
      return fence === '' && mark === ''
        ? line.replace(
            /@(?=\w)|(?<![&\w])#(?=\d)|GH(?=-\d)|(?<!\]\(|href=")https?:(?=\/\/)|(?<!\/\/)www(?=\.)/gi,
            '$&&#8203;'
          )
        : line
    })
    .join('\n')
}

/** One cell of the plan: where the preview runs, or how far it is. */
export const previewCell = (
  state: PreviewState,
  { application, group, region, head, isOwn }: PreviewPlace
): string => {
  const name = codeSpan(`${application}/${group}`, { inTable: true })
  const at = (id: string | undefined): string =>
    id === undefined ? '' : ` (${link(codeSpan(id, { inTable: true }), deploymentUrl(region, id))})`
  const where = (url: string | undefined): string =>
    url === undefined ? name : `${link(`**${forComment(url)}**`, url)} in ${name}`
  const noted = (note: string | undefined): string => (note === undefined ? '' : `<br>⚠️ ${forComment(note)}`)
  const former = (one: FormerPreview | undefined): string =>
    one === undefined
      ? ''
      : `<br>🟢 The earlier \`${short(one.commit)}\` still serves: ${where(one.url)}${at(one.deployment)}`
  switch (state.kind) {
    case 'queued':
      return isOwn ? `🕐 ${name} is being prepared` : `🕐 waits for its turn in ${name}`
    case 'running':
      return `🚧 is being deployed to ${name}${at(state.deployment)}`
    case 'serving':
      return `🟢 \`${short(head)}\` serves: ${where(state.url)}${at(state.deployment)}${isOwn ? '' : ', until another pull request takes its turn'}${noted(state.note)}`
    case 'failed':
      return `🔴 ${forComment(state.headline)}${at(state.deployment)}${former(state.former)}`
    case 'refused':
      return `🔴 \`${short(head)}\` was not deployed: its bundle has ${counted(state.mistakes, 'mistake')}${former(state.former)}`
  }
}

/** What follows the plan: the cause of a failure. */
export const previewBlocks = (state: PreviewState): string[] =>
  state.kind === 'failed' ? state.blocks.map(quietly) : []

const ENDED = '### Preview ended'

/** Whether a comment, marker and all, says that the pull request is closed. */
export const saysEnded = (body: string): boolean => body.split('\n', 2)[1] === ENDED

/** The comment once the preview is over, and why. `group` is where it ran in turns; `own`: its environment was its own, and is gone. */
export const endedComment = (
  { why, head }: { why: string; head: string },
  group: string | undefined
): string => {
  const at = head === '' ? '' : ` Its last commit was \`${short(head)}\`.`
  const left =
    group === 'own'
      ? 'Its environment was taken down.'
      : group === undefined
        ? ''
        : `What runs in ${codeSpan(group)} is replaced by the next preview, and is no longer this pull request's.`
  return [ENDED, `${why}${at}`, ...(left === '' ? [] : [left])].join('\n\n') + '\n'
}

/** GitHub: a description of a status has at most 140 characters (docs/service.md, GitHub: deployments). */
const MOST_DESCRIPTION = 140

/** The same in one line of plain text, for the status of GitHub's deployment. */
export const statusDescription = (
  state: PreviewState,
  { application, group, isOwn }: Pick<PreviewPlace, 'application' | 'group' | 'isOwn'>
): string => {
  const name = `${application}/${group}`
  const words = {
    queued: isOwn ? `${name} is being prepared` : `Waits for its turn in ${name}`,
    running: `Is being deployed to ${name}`,
    serving: `Serves in ${name}`,
    failed: state.kind === 'failed' ? oneLine(state.headline) : '',
    refused:
      state.kind === 'refused' ? `Not deployed: the bundle has ${counted(state.mistakes, 'mistake')}` : ''
  }[state.kind]
  const former = 'former' in state && state.former !== undefined ? stillServes(state.former) : ''
  return former === ''
    ? shortened(words, MOST_DESCRIPTION)
    : `${shortened(words.replace(/\.$/, ''), MOST_DESCRIPTION - former.length)}${former}`
}

/** After a sentence without its period. */
const stillServes = ({ commit }: FormerPreview): string => `. The earlier ${short(commit)} still serves`

const shortened = (words: string, most: number): string =>
  words.length <= most ? words : `${beginning(words, most - 1)}…`

/** As many whole characters as fit into `length` UTF-16 units. */
const beginning = (text: string, length: number): string => {
  let kept = ''
  for (const one of graphemes(text)) {
    if (kept.length + one.length > length) break
    kept += one
  }
  return kept
}
