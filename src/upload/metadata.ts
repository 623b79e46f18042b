import type { BundleType } from '../domain/revision.js'

/** The metadata of an object that has the content hash of its tree. */
export const CONTENT_HASH = 'content-sha256'

/** S3 accepts 2 KB of metadata; half of that leaves room for what others add. */
const MOST_BYTES = 1024

/**
 * The metadata of a bundle. The subject is percent-encoded UTF-8, because metadata is sent in headers, and is cut between two
 * characters to keep everything within 1 KB.
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
