/** A full commit id: 40 lower-case hexadecimal digits. */
export type Commit = string & { readonly commit: unique symbol }

/** The full SHA as a Commit, or undefined if the text is none. */
export const parseCommit = (text: string): Commit | undefined =>
  /^[0-9a-f]{40}$/.test(text) ? (text as Commit) : undefined

/** The eight digits that people read and type. */
export const short = (commit: string): string => commit.slice(0, 8)

/** A description shows some 200 of them, and a message may be of megabytes. */
const MOST_SUBJECT_CHARACTERS = 1_000

/** The first line of a commit's message. */
export const subjectOf = (message: string): string =>
  message.slice(0, MOST_SUBJECT_CHARACTERS).split(/\r?\n/)[0] ?? ''
