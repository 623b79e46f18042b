import { XMLParser } from 'fast-xml-parser'
import { ServiceError } from '../contract.js'
import type { Principal } from '../wire/authenticate.js'
import { header, type Answer, type Call } from '../wire/call.js'
import { document } from '../wire/xml.js'
import type { Bucket, Store } from './store.js'

/** One S3 request with everything that its operation needs. */
export interface S3Request {
  call: Call
  principal: Principal
  store: Store
  bucket: Bucket
  key: string
  /** Epoch milliseconds. */
  now: number
  /** Whether the caller may perform this action on this resource (some answers depend on it). */
  may: (action: string, resource: string) => boolean
  /** The largest page of any list. */
  pageSize: number
}

export type S3Operation = (request: S3Request) => Answer | Promise<Answer>

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/'

export const xml = (name: string, value: object, headers: Record<string, string> = {}): Answer => ({
  status: 200,
  headers: { 'content-type': 'application/xml', ...headers },
  body: document(name, NAMESPACE, value)
})

export const empty = (status = 200, headers: Record<string, string> = {}): Answer => ({
  status,
  headers,
  body: ''
})

export const quoted = (etag: string): string => `"${etag}"`
export const unquoted = (etag: string): string => etag.replace(/^W\//, '').replace(/^"|"$/g, '')

const parser = new XMLParser({
  ignoreAttributes: true,
  parseTagValue: false,
  isArray: (name) => name === 'Part' || name === 'Object' || name === 'Tag'
})

const MALFORMED = 'The XML you provided was not well-formed or did not validate against our published schema'

/** Parses a small XML body and returns the children of its root; throws MalformedXML. */
export const readXml = async (call: Call, root: string): Promise<Record<string, unknown>> => {
  const chunks: Buffer[] = []
  for await (const chunk of call.request as AsyncIterable<Buffer>) chunks.push(chunk)
  const parsed = parse(Buffer.concat(chunks).toString('utf8'))[root]
  if (typeof parsed !== 'object' || parsed === null) throw new ServiceError('MalformedXML', MALFORMED)
  return parsed as Record<string, unknown>
}

const parse = (text: string): Record<string, unknown> => {
  try {
    return parser.parse(text) as Record<string, unknown>
  } catch {
    throw new ServiceError('MalformedXML', MALFORMED)
  }
}

/** The members of a list in a parsed body. */
export const items = (value: unknown): Record<string, string>[] =>
  Array.isArray(value) ? (value as Record<string, string>[]) : []

const KEPT =
  /^(content-(type|disposition|language)|cache-control|expires|x-amz-meta-.+|x-amz-storage-class|x-amz-website-redirect-location)$/

/** The headers of a write that are returned with the object, and its encryption (S3 encrypts everything, at least with AES256). */
export const keptHeaders = (call: Call): Record<string, string> => {
  const kept = Object.keys(call.request.headers)
    .filter((name) => KEPT.test(name))
    .map((name) => [name, header(call, name) ?? ''] as const)
  const encoding = (header(call, 'content-encoding') ?? '').split(',').map((one) => one.trim())
  const own = encoding.filter((one) => one !== 'aws-chunked' && one !== '').join(',')
  return {
    ...Object.fromEntries(kept),
    ...(own === '' ? {} : { 'content-encoding': own }),
    ...encryption(call)
  }
}

const KMS_KEY = 'x-amz-server-side-encryption-aws-kms-key-id'

const encryption = (call: Call): Record<string, string> => {
  const kind = header(call, 'x-amz-server-side-encryption') ?? 'AES256'
  const key = header(call, KMS_KEY)
  if (!['AES256', 'aws:kms', 'aws:kms:dsse'].includes(kind)) {
    throw new ServiceError('InvalidArgument', 'The encryption method specified is not supported')
  }
  return {
    'x-amz-server-side-encryption': kind,
    ...(key === undefined || kind === 'AES256' ? {} : { [KMS_KEY]: key })
  }
}

/** `a=b&c=d` of the x-amz-tagging header; at most ten (S3 user guide). */
export const headerTags = (call: Call): [string, string][] => {
  const tags = [...new URLSearchParams(header(call, 'x-amz-tagging') ?? '')]
  if (tags.length > 10) throw new ServiceError('BadRequest', 'Object tags cannot be greater than 10')
  return tags
}

/** Keys are ordered by their bytes, not by UTF-16 units. */
export const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))
