import { ServiceError } from '../contract.js'
import type { S3Request } from './request.js'

const escapeKey = (key: string): string => encodeURIComponent(key).replace(/%2F/g, '/').replace(/%20/g, '+')

/** Keys are escaped in the answer if the client requests it (XML cannot contain all of them). */
export const written = (request: S3Request): ((key: string) => string) =>
  request.call.query.get('encoding-type') === 'url' ? escapeKey : (key) => key

/** The size of a page: as requested, at most 1000 and at most the cloud's own limit. */
export const maxKeys = (request: S3Request, name: string): number => {
  const given = request.call.query.get(name)
  const asked = given === null ? 1000 : Number(given)
  if (!Number.isInteger(asked) || asked < 0)
    throw new ServiceError('InvalidArgument', `Argument ${name} must be an integer between 0 and 2147483647`)
  return Math.min(asked, 1000, request.pageSize)
}

export const parameters = (request: S3Request): { prefix: string; delimiter: string } => ({
  prefix: request.call.query.get('prefix') ?? '',
  delimiter: request.call.query.get('delimiter') ?? ''
})
