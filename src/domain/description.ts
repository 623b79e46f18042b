import { short } from './commit.js'

/** Who started a deployment, and in which run; kept in its description, so that no database is needed. */
export interface Run {
  /** GITHUB_RUN_ID: it only grows, over all workflows of a repository, and stays the same when a run is run again. */
  id: string
  attempt: string
  actor: string
}

/** CodeDeploy takes 256 characters (reference §4.5). */
export const DESCRIPTION_LIMIT = 256

const RUN = /\| run (?<id>\d+)(?:\.\d+)? by (?<actor>\S+)$/
const UNDOES = /\| undoes (?<id>d-[A-Z0-9]+) /
const COMMIT = /^(?:Rollback to )?(?<commit>[0-9a-f]{8,40}) (?<subject>[^|].*?)? ?\|/s

const marker = (run: Run, undoes?: string): string =>
  `| ${undoes === undefined ? '' : `undoes ${undoes} | `}run ${run.id}.${run.attempt} by ${run.actor}`

/** Cuts at a whole character, so that neither an emoji nor a 한글 syllable is split, and ends with an ellipsis. */
const cut = (text: string, limit: number): string => {
  if (text.length <= limit) return text
  let kept = ''
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (kept.length + segment.length > limit - 1) break
    kept += segment
  }
  return `${kept}…`
}

/** `9108d4a3 subject | run 123.1 by actor`, at most 256 characters; the subject gives way. */
export const describeDeploy = (commit: string, subject: string, run: Run): string =>
  compose(short(commit), subject, marker(run))

/** `Rollback to 9108d4a3 subject | undoes d-… | run 123.1 by actor`; the deployment that is undone is marked for `previous`. */
export const describeRollback = (
  commit: string,
  subject: string,
  { run, undoes }: { run: Run; undoes?: string | undefined }
): string => compose(`Rollback to ${short(commit)}`, subject, marker(run, undoes))

const compose = (head: string, subject: string, tail: string): string => {
  const line = subject.split(/\r?\n/)[0]?.replace(/\|/g, '¦').trim() ?? ''
  const room = DESCRIPTION_LIMIT - head.length - tail.length - 2
  return [head, cut(line, Math.max(0, room)), tail].filter((part) => part !== '').join(' ')
}

/** The user's own text comes first and whole; the run is added where there is room for it. */
export const describeByUser = (text: string, run: Run): string => {
  const whole = `${text} ${marker(run)}`
  return whole.length <= DESCRIPTION_LIMIT ? whole : text
}

/** What a description that this action wrote says; empty for all others. */
export const readDescription = (
  description: string
): { runId?: string; actor?: string; subject?: string; undoes?: string } => {
  const run = RUN.exec(description)?.groups
  if (run === undefined) return {}
  const undoes = UNDOES.exec(description)?.groups?.['id']
  const subject = COMMIT.exec(description)?.groups?.['subject']?.trim()
  return {
    ...(run['id'] === undefined ? {} : { runId: run['id'] }),
    ...(run['actor'] === undefined ? {} : { actor: run['actor'] }),
    ...(subject === undefined || subject === '' ? {} : { subject }),
    ...(undoes === undefined ? {} : { undoes })
  }
}
