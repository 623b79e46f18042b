/** A full commit id: 40 lower-case hexadecimal digits. */
export type Commit = string & { readonly commit: unique symbol }

/** Whether a text is a full commit id; other names of revisions are not shortened. */
export const isCommit = (text: string): text is Commit => /^[0-9a-f]{40}$/.test(text)

/** The text as a Commit, or undefined if it is not a full SHA. */
export const parseCommit = (text: string): Commit | undefined => (isCommit(text) ? text : undefined)

/** The eight digits that people read and type. */
export const short = (commit: string): string => commit.slice(0, 8)

/** A description shows about 200 of them, and a message may be megabytes long. */
const MOST_SUBJECT_CHARACTERS = 1_000

/** The first line of a commit's message. */
export const subjectOf = (message: string): string =>
  message.slice(0, MOST_SUBJECT_CHARACTERS).split(/\r?\n/)[0] ?? ''

/** Who started a deployment, and in which run; kept in its description, so that no database is needed. */
export interface Run {
  /** GITHUB_RUN_ID: it only grows, across all workflows of a repository, and a rerun keeps it. */
  id: string
  attempt: string
  actor: string
}

/** A repository on github.com or on a GitHub Enterprise server. */
export interface Repository {
  /** Without a trailing slash, e.g. `https://github.com`. */
  serverUrl: string
  /** `owner/name` */
  name: string
}
