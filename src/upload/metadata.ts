import type { BundleType } from '../domain/revision.js'

/** Under this name an object carries the hash of the tree in it. */
export const CONTENT_HASH = 'content-sha256'

/** S3 takes 2 KB of metadata; half of it leaves room for what others add. */
const MOST_BYTES = 1024

/**
 * What a stored bundle says of itself. The subject is percent-encoded UTF-8, since metadata travels in headers, and is cut
 * (at a character) so that all of it stays within 1 KB.
 */
export const bundleMetadata = (about: {
  commit: string
  subject?: string | undefined
  contentHash: string
}): Record<string, string> => {
  const fixed = { commit: about.commit, [CONTENT_HASH]: about.contentHash }
  const room =
    MOST_BYTES -
    Object.entries({ ...fixed, subject: '' })
      .flat()
      .join('').length
  const subject = encodeWithin(about.subject ?? '', room)
  return subject === '' ? fixed : { ...fixed, subject }
}

const encodeWithin = (text: string, room: number): string => {
  let encoded = ''
  for (const character of text) {
    const next = encodeURIComponent(character.toWellFormed())
    if (encoded.length + next.length > room) break
    encoded += next
  }
  return encoded
}

const CONTENT_TYPES = { zip: 'application/zip', tgz: 'application/gzip', tar: 'application/x-tar' }

export const contentType = (type: BundleType): string => CONTENT_TYPES[type]
