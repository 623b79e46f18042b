import { parseCommit, short } from './commit.js'

/** Who started a deployment, and in which run; kept in its description, so that no database is needed. */
export interface Run {
  /** GITHUB_RUN_ID: it only grows, over all workflows of a repository, and stays the same when a run is run again. */
  id: string
  attempt: string
  actor: string
}

/** CodeDeploy takes 256 characters (reference §4.5). */
export const DESCRIPTION_LIMIT = 256

const TAIL = /(?:\| undoes (?<undoes>d-[A-Z0-9]+) ?)?(?:\| run (?<run>\d+)(?:\.\d+)? by (?<actor>\S+))?$/
const HEAD = /^(?:Rollback to )?[0-9a-f]{8}(?: |$)/

/** What a machine reads back. A run away from a workflow has no number, so nothing is said of it. */
const marker = (run: Run, undoes?: string): string =>
  [
    ...(undoes === undefined ? [] : [`| undoes ${undoes}`]),
    ...(run.id === '' ? [] : [`| run ${run.id}.${run.attempt} by ${run.actor}`])
  ].join(' ')

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

/** `9108d4a3 subject | run 123.1 by actor`, at most 256 characters; the subject gives way. */
export const describeDeploy = (commit: string, subject: string, run: Run): string =>
  compose(named(commit), subject, marker(run))

/** `Rollback to 9108d4a3 subject | undoes d-… | run 123.1 by actor`; the deployment that is undone is marked for `previous`. */
export const describeRollback = (
  commit: string,
  subject: string,
  { run, undoes }: { run: Run; undoes?: string | undefined }
): string => compose(`Rollback to ${named(commit)}`, subject, marker(run, undoes))

/** What was not stored under a commit is called by the end of its place. */
const named = (commit: string): string =>
  parseCommit(commit) === undefined ? commit.slice(-60) : short(commit)

const compose = (head: string, subject: string, tail: string): string => {
  const line =
    subject
      .trim()
      .split(/[\r\n\u2028\u2029]/)[0]
      ?.replace(/\|/g, '¦')
      .trim() ?? ''
  const room = DESCRIPTION_LIMIT - head.length - tail.length - 2
  return [head, cut(line, Math.max(0, room)), tail].filter((part) => part !== '').join(' ')
}

/** The user's own text comes first and whole; the run is added where there is room for it. */
export const describeByUser = (text: string, run: Run): string => {
  const whole = `${text} ${marker(run)}`.trimEnd()
  return whole.length <= DESCRIPTION_LIMIT ? whole : text
}

/**
 * What a description says. The subject is all that this action did not put there itself, so of a description of others it
 * is the whole.
 */
export const readDescription = (
  description: string
): { runId?: string; actor?: string; subject?: string; undoes?: string } => {
  const tail = TAIL.exec(description)
  const { undoes, run, actor } = tail?.groups ?? {}
  const text = description.slice(0, tail?.index).trim()
  const subject = tail?.[0] === '' ? text : text.replace(HEAD, '').trim()
  return {
    ...(run === undefined ? {} : { runId: run }),
    ...(actor === undefined ? {} : { actor }),
    ...(subject === '' ? {} : { subject }),
    ...(undoes === undefined ? {} : { undoes })
  }
}
