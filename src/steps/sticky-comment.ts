import { isNewer, markedBody, parseMarker, type Marker } from '../domain/comment-marker.js'
import { isGitHubError } from '../domain/github.js'
import type { GitHub, IssueComment } from '../github-port.js'

/** One comment on a pull request, which every run updates in place. */
export interface Sticky extends Marker {
  issue: number
  /** Markdown, in which the caller has made everything foreign harmless; at most `roomFor` characters. */
  text: string
}

export interface StickyResult {
  /** `newer`: a newer run has written the comment, so that it stays as it is. `unchanged`: it says the same already. */
  did: 'created' | 'updated' | 'newer' | 'unchanged'
  url: string
}

type Comments = Pick<GitHub, 'comments' | 'createComment' | 'updateComment' | 'deleteComment'>

/** An own comment with this key. */
interface Found extends IssueComment {
  marker: Marker
}

/** Each round fails only because somebody deletes the comment meanwhile, or because an answer is lost. */
const ROUNDS = 5

/**
 * Writes a comment so that one is left for each key, whatever other runs do meanwhile and wherever a run dies: the oldest own one
 * stays, gets what the newest run says, and every other own one with this key is deleted. After creating, the comments are listed
 * again, since another run may have done the same; a lost answer is looked for in the list, too.
 *
 * GitHub has no conditional write. A run that has read the comment before a newer run wrote it may still replace the newer text;
 * only `concurrency` in the workflow rules that out. Only comments of this token's own account are touched: anybody can copy a
 * marker. Throws a GitHubError, and an Error if the text is too long.
 */
export const stickyComment = async (sticky: Sticky, github: Comments): Promise<StickyResult> => {
  const body = markedBody(sticky, sticky.text)
  let created: IssueComment | undefined
  for (let round = 1; ; round++) {
    const found = ownOnes(await github.comments(sticky.issue), created, sticky.key)
    try {
      if (found.length > 0) return await settle(found, { marker: sticky, body, created }, github)
      created = await github.createComment(sticky.issue, body)
    } catch (error) {
      const isWorthARound = isGitHubError(error, found.length > 0 ? 'gone' : 'unavailable')
      if (!isWorthARound || round >= ROUNDS) throw error
      created = undefined
    }
  }
}

/** The keys of the own comments that pass a check, each once. Throws a GitHubError. */
export const stickyKeys = async (
  issue: number,
  github: Pick<GitHub, 'comments'>,
  check: (body: string) => boolean = () => true
): Promise<string[]> => {
  const own = (await github.comments(issue)).filter(({ isOwn, body }) => isOwn && check(body))
  return [...new Set(own.flatMap(({ body }) => parseMarker(body)?.key ?? []))]
}

/** Oldest first. A list may be older than the comment that was just created. */
const ownOnes = (
  comments: readonly IssueComment[],
  created: IssueComment | undefined,
  key: string
): Found[] => {
  const all =
    created === undefined || comments.some(({ id }) => id === created.id) ? comments : [...comments, created]
  return all
    .filter(({ isOwn }) => isOwn)
    .flatMap((comment) => {
      const marker = parseMarker(comment.body)
      return marker?.key === key ? [{ ...comment, marker }] : []
    })
    .sort((one, other) => one.id - other.id)
}

interface Wanted {
  marker: Marker
  body: string
  created: IssueComment | undefined
}

/** Leaves the oldest one, with the newest text. What a newer run wrote into another one is moved before that is deleted. */
const settle = async (
  found: readonly Found[],
  { marker, body, created }: Wanted,
  github: Comments
): Promise<StickyResult> => {
  const newest = found.reduce((best, one) => (isNewer(one.marker, best.marker) ? one : best))
  const isOutrun = isNewer(newest.marker, marker)
  const [oldest = newest, ...others] = found
  const text = isOutrun ? newest.body : body
  const isSame = oldest.body === text
  if (!isSame) await github.updateComment(oldest.id, text)
  for (const { id } of others) await github.deleteComment(id)
  if (isOutrun) return { did: 'newer', url: oldest.url }
  if (oldest.id === created?.id) return { did: 'created', url: oldest.url }
  return { did: isSame ? 'unchanged' : 'updated', url: oldest.url }
}
