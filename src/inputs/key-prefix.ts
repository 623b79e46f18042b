import { revisionKey } from '../domain/revision.js'
import type { InputReader } from './reader.js'

/** The safe characters of S3 keys, and those that only need encoding (S3 User Guide, "Naming Amazon S3 objects"). */
const KEY_CHARACTERS = /^[A-Za-z0-9!_.*'()&$@=;:+ ,/-]*$/
/** S3 takes keys of up to 1,024 bytes (the same page). */
const MOST_KEY_BYTES = 1_024
const LONGEST_APPLICATION = 100

/** Where revisions go. A mistake in it would come up only when the bundle is stored, or never. */
export const keyPrefix = (reader: InputReader, application: string): string => {
  const prefix = reader.raw('s3-prefix')
  const why = objection(prefix, application.slice(0, LONGEST_APPLICATION))
  if (why !== undefined) reader.wrong('s3-prefix', prefix, why)
  return prefix
}

const objection = (prefix: string, application: string): string | undefined => {
  if (!KEY_CHARACTERS.test(prefix)) return "may hold letters, digits, spaces and `!_.*'()&$@=;:+,/-`"
  if (prefix.split('/').some((part) => part === '.' || part === '..'))
    return 'must not hold `.` or `..` between slashes, which S3 takes as they are and other programs do not'
  const key = prefix.length + keyBytes(application) + 1
  return key <= MOST_KEY_BYTES
    ? undefined
    : `has ${prefix.length} characters, which makes keys of ${key} bytes; S3 takes at most ${MOST_KEY_BYTES}`
}

/** Of a revision's key without its prefix. */
const keyBytes = (application: string): number =>
  revisionKey(
    { prefix: '', application },
    { commit: '0'.repeat(40), contentHash: '0'.repeat(12), bundleType: 'zip' }
  ).length
