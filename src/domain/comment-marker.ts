/** What one comment of this action is about, and which run wrote it last. */
export interface Marker {
  /** What the comment is about, for example `preview` or the name of a group: one comment for each key. */
  key: string
  /** The commit that the comment describes. */
  head: string
  /** GITHUB_RUN_ID and GITHUB_RUN_ATTEMPT. */
  run: string
  attempt: string
}

const START = '<!-- codedeploy-blue-green:preview '
const END = ' -->'
const VERSION = 1

/** GitHub takes 65,536 characters, and counts as JavaScript does or more generously (docs/service.md, GitHub). */
const MOST_CHARACTERS = 65_536

/**
 * The first line of a comment, which readers do not see. Two hyphens would end an HTML comment in some parsers, so none is
 * written.
 */
export const writeMarker = ({ key, head, run, attempt }: Marker): string =>
  `${START}${JSON.stringify({ v: VERSION, key, head, run, attempt }).replaceAll('--', '-\\u002d')}${END}`

/**
 * Reads the first line of a comment; undefined if it is not exactly what `writeMarker` writes. GitHub keeps a body as it was sent,
 * but an edit on its page gives every line a carriage return.
 */
export const parseMarker = (body: string): Marker | undefined => {
  const line = body.split(/\r?\n/, 1)[0] ?? ''
  const marker = markerIn(line.slice(START.length, -END.length))
  return marker !== undefined && writeMarker(marker) === line ? marker : undefined
}

const markerIn = (json: string): Marker | undefined => {
  try {
    const { key, head, run, attempt } = JSON.parse(json) as Record<string, unknown>
    return isText(key) && isText(head) && isNumber(run) && isNumber(attempt)
      ? { key, head, run, attempt }
      : undefined
  } catch {
    return undefined
  }
}

const isText = (value: unknown): value is string => typeof value === 'string'

const isNumber = (value: unknown): value is string => isText(value) && /^\d{1,20}$/.test(value)

/** Whether another run wrote `one` after the run of `other` started: runs are numbered as they come, and so are their attempts. */
export const isNewer = (one: Marker, other: Marker): boolean => {
  const [run, than] = [BigInt(one.run), BigInt(other.run)]
  return run === than ? BigInt(one.attempt) > BigInt(other.attempt) : run > than
}

/** The whole comment. Throws an Error if GitHub would not take it: the caller must leave rows out. */
export const markedBody = (marker: Marker, text: string): string => {
  const body = `${writeMarker(marker)}\n${text}`
  if (body.length <= MOST_CHARACTERS) return body
  throw new Error(
    `The comment has ${body.length} characters with its marker; GitHub takes ${MOST_CHARACTERS}. It must be cut to ${roomFor(marker)} before.`
  )
}

/** How many characters (UTF-16 units) the text of a comment may have. */
export const roomFor = (marker: Marker): number => MOST_CHARACTERS - writeMarker(marker).length - 1
