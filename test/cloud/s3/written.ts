import { randomBytes } from 'node:crypto'
import { checksumHeader } from './checksum.js'
import type { Version } from './store.js'

/** The ETag of an object encrypted by KMS is not its MD5 (S3 API reference, Object). */
export const etagFor = (headers: Record<string, string>, etag: string): string =>
  headers['x-amz-server-side-encryption'] === 'AES256'
    ? etag
    : randomBytes(16).toString('hex') + (/-\d+$/.exec(etag)?.[0] ?? '')

const ENCRYPTION = /^x-amz-server-side-encryption/

/** What every write says about the version it created. */
export const writtenHeaders = (version: Version): Record<string, string> => ({
  ...Object.fromEntries(Object.entries(version.headers).filter(([name]) => ENCRYPTION.test(name))),
  ...(version.versionId === 'null' ? {} : { 'x-amz-version-id': version.versionId })
})

export const checksumHeaders = (version: Version): Record<string, string> =>
  version.checksum === undefined
    ? {}
    : {
        [checksumHeader(version.checksum.algorithm)]: version.checksum.value,
        'x-amz-checksum-type': version.checksum.type
      }
