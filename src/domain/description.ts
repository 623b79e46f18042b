import { createHash } from 'node:crypto'
import { parseCommit, type Run, short } from './commit.js'
import type { Deployment } from './deployment.js'
import type { StoredLocation } from './revision.js'

/** What a later run reads back from a deployment's description, besides the text for people. */
export interface Mark {
  /** The bundle that is deployed; the mark is valid for no other. */
  location: StoredLocation
  run: Run
  /** The deployment that a rollback undoes; `previous` skips it. */
  undoes?: string | undefined
  /** Why somebody rolled back, for people; the record of the group has all of it. */
  reason?: string | undefined
}

/** CodeDeploy allows 256 characters (docs/service.md, reference 4.5). */
export const DESCRIPTION_LIMIT = 256

/** GitHub's names are shorter; whatever the environment says, this leaves room for the text. */
const ACTOR_LIMIT = 60

/** A long reason is shortened, so that the commit's subject still fits. */
const REASON_LIMIT = 80

const TAIL =
  /(?:\| reason: (?<reason>[^|]*?) ?)?(?:\| undoes (?<undoes>d-[A-Z0-9]+) ?)?(?:\| run (?<run>\d+)(?:\.\d+)? by (?<actor>\S+) ?)?(?:#(?<seal>[\w-]{11}))?$/
const HEAD = /^(?:Rollback to )?[0-9a-f]{8}(?: |$)/

/**
 * Ties a mark to its bundle, whose key contains the commit. A commit message can't contain the seal of its own commit, since
 * the commit's SHA depends on the message.
 */
const sealOf = ({ bucket, key }: StoredLocation, undoes = '', run = ''): string =>
  createHash('sha256')
    .update(JSON.stringify([bucket, key, undoes, run]))
    .digest('base64url')
    .slice(0, 11)

/** The sealed mark of a run. Outside a workflow, a run has no number, so the mark leaves it out. */
const tailOf = ({ location, run, undoes, reason = '' }: Mark): string => {
  const hasRun = /^\d+$/.test(run.id)
  const why = cut(plain(reason), REASON_LIMIT)
  const parts = [
    ...(why === '' ? [] : [`| reason: ${why}`]),
    ...(undoes === undefined ? [] : [`| undoes ${undoes}`]),
    ...(hasRun ? [`| run ${run.id}.${digits(run.attempt)} by ${nameOf(run.actor)}`] : [])
  ]
  if (parts.length === 0) return ''
  return [...parts, `#${sealOf(location, undoes, hasRun ? run.id : '')}`].join(' ')
}

const digits = (attempt: string): string => (/^\d+$/.test(attempt) ? attempt : '1')
const nameOf = (actor: string): string => actor.replace(/[\s|]+/g, '-').slice(0, ACTOR_LIMIT)

/** Cuts at a whole character, so that neither an emoji nor a 한글 syllable is split, and ends with an ellipsis. */
const cut = (text: string, limit: number): string => {
  if (text.length <= limit) return text
  if (limit < 1) return ''
  let kept = ''
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (kept.length + segment.length > limit - 1) break
    kept += segment
  }
  return `${kept}…`
}

/** `9108d4a3 subject | run 123.1 by actor #…`, at most 256 characters; the subject is shortened. */
export const describeDeploy = (commit: string, subject: string, mark: Mark): string =>
  compose(named(commit), firstLine(subject), mark)

/** `Rollback to 9108d4a3 subject | undoes d-… | run 123.1 by actor #…`; `previous` skips the deployment that is undone. */
export const describeRollback = (commit: string, subject: string, mark: Mark): string =>
  compose(`Rollback to ${named(commit)}`, firstLine(subject), mark)

/** The user's own text, shortened to leave room for the mark, on which "exactly one deployment" and the run order depend. */
export const describeByUser = (text: string, mark: Mark): string => compose('', text, mark)

/** One line without bars, which start a mark. */
const plain = (text: string): string =>
  text
    .trim()
    .replace(/\s*[\r\n\u2028\u2029]+\s*/g, ' ')
    .replace(/\|/g, '¦')

/** A revision that was not stored under a commit is named by the end of its address. */
const named = (commit: string): string =>
  parseCommit(commit) === undefined ? commit.slice(-60) : short(commit)

const firstLine = (subject: string): string => subject.trim().split(/[\r\n\u2028\u2029]/)[0] ?? ''

const compose = (head: string, text: string, mark: Mark): string => {
  const tail = tailOf(mark)
  const room = DESCRIPTION_LIMIT - head.length - tail.length - 2
  const words = cut(plain(text), Math.max(0, room))
  return [head, words, tail].filter((part) => part !== '').join(' ')
}

/** A description as people read it: without the seal after a mark, which only a later run can check. */
export const withoutSeal = (description: string): string => {
  const { reason, undoes, run, seal } = TAIL.exec(description)?.groups ?? {}
  const isMarked = reason !== undefined || undoes !== undefined || run !== undefined
  return isMarked && seal !== undefined ? description.slice(0, -seal.length - 1).trimEnd() : description
}

/** What a description says. */
export interface Described {
  /** GITHUB_RUN_ID of the run; only from a mark of this action for this bundle. */
  runId?: string | undefined
  /** The deployment that it undoes; also only from such a mark. */
  undoes?: string | undefined
  /** Who started it, for people to read; not verified. */
  actor?: string | undefined
  /** Why somebody rolled back; not verified. */
  reason?: string | undefined
  /** Everything that this action did not add itself; the whole text of other tools' descriptions. */
  subject?: string | undefined
}

/** Reads a description. What a run acts on counts only if the seal matches the deployed bundle. */
export const readDescription = ({
  description,
  revision
}: Pick<Deployment, 'description' | 'revision'>): Described => {
  const tail = TAIL.exec(description)
  const { reason, undoes, run, actor, seal } = tail?.groups ?? {}
  const text = description.slice(0, tail?.index).trim()
  const subject = tail?.[0] === '' ? text : text.replace(HEAD, '').trim()
  const isOurs = revision?.kind === 's3' && seal !== undefined && seal === sealOf(revision, undoes, run)
  return {
    runId: isOurs ? run : undefined,
    undoes: isOurs ? undoes : undefined,
    actor,
    reason,
    subject: subject === '' ? undefined : subject
  }
}
