import { ServiceError } from '../contract.js'
import { header, type Call } from '../wire/call.js'
import { unquoted } from './request.js'
import { current, type Bucket, type Version } from './store.js'

const failed = (): ServiceError =>
  new ServiceError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412)

const matches = (list: string, etag: string): boolean =>
  list === '*' || list.split(',').some((one) => unquoted(one.trim()) === etag)

/**
 * `If-None-Match: *` and `If-Match` on writes (docs/service.md, reference 7.4): 412 if they are not met, 404 for If-Match
 * without an object.
 */
export const checkWrite = (call: Call, bucket: Bucket, key: string): void => {
  const noneMatch = header(call, 'if-none-match')
  const match = header(call, 'if-match')
  const existing = current(bucket, key)
  if (noneMatch !== undefined && noneMatch !== '*') {
    throw new ServiceError(
      'NotImplemented',
      'A header you provided implies functionality that is not implemented',
      501
    )
  }
  if (noneMatch === '*' && existing !== undefined) throw failed()
  if (match === undefined) return
  if (existing === undefined) throw new ServiceError('NoSuchKey', 'The specified key does not exist.', 404)
  if (!matches(match, existing.etag)) throw failed()
}

/** The conditions of reads; a 304 has neither code nor body. */
export const checkRead = (call: Call, version: Version): void => {
  const match = header(call, 'if-match')
  const noneMatch = header(call, 'if-none-match')
  if (match !== undefined && !matches(match, version.etag)) throw failed()
  if (noneMatch !== undefined && matches(noneMatch, version.etag)) {
    throw new ServiceError('NotModified', 'Not Modified', 304)
  }
}

/** The conditions of a copy on its source. */
export const checkSource = (call: Call, version: Version): void => {
  const match = header(call, 'x-amz-copy-source-if-match')
  const noneMatch = header(call, 'x-amz-copy-source-if-none-match')
  if (match !== undefined && !matches(match, version.etag)) throw failed()
  if (noneMatch !== undefined && matches(noneMatch, version.etag)) throw failed()
}
