import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { ServiceError } from '../contract.js'
import { header, type Call } from './call.js'

/** A SigV4 signature from the Authorization header or from a presigned URL. */
export interface Signature {
  accessKeyId: string
  /** `20261122/ap-northeast-2/s3/aws4_request` */
  scope: string
  region: string
  service: string
  signedHeaders: string[]
  signature: string
  /** `20261122T220853Z` */
  date: string
  presigned: boolean
}

const hmac = (key: Buffer | string, text: string): Buffer =>
  createHmac('sha256', key).update(text, 'utf8').digest()
export const sha256 = (data: Buffer | string): string => createHash('sha256').update(data).digest('hex')

const fromScope = (
  credential: string,
  rest: Omit<Signature, 'accessKeyId' | 'scope' | 'region' | 'service'>
): Signature => {
  const [accessKeyId = '', ...scope] = credential.split('/')
  return { accessKeyId, scope: scope.join('/'), region: scope[1] ?? '', service: scope[2] ?? '', ...rest }
}

const HEADER =
  /^AWS4-HMAC-SHA256 Credential=([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})$/

/** Reads the signature of a call; undefined if there is none. Throws if it is malformed. */
export const readSignature = (call: Call): Signature | undefined => {
  const authorization = header(call, 'authorization')
  if (authorization?.startsWith('AWS4-') === true) {
    const [, credential = '', headers = '', signature = ''] = HEADER.exec(authorization) ?? []
    if (signature === '')
      throw new ServiceError(
        'IncompleteSignatureException',
        `Authorization header is malformed: ${authorization}`
      )
    const date = header(call, 'x-amz-date') ?? ''
    return fromScope(credential, { signedHeaders: headers.split(';'), signature, date, presigned: false })
  }
  const signature = call.query.get('X-Amz-Signature')
  if (signature === null) return undefined
  return fromScope(call.query.get('X-Amz-Credential') ?? '', {
    signedHeaders: (call.query.get('X-Amz-SignedHeaders') ?? '').split(';'),
    signature,
    date: call.query.get('X-Amz-Date') ?? '',
    presigned: true
  })
}

const escape = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`
  )

/** For S3 the path is escaped once in the signature, for every other service twice (SigV4 documentation). */
const canonicalPath = (call: Call, service: string): string => {
  const once = call.path
    .split('/')
    .map((part) => escape(decodeURIComponent(part)))
    .join('/')
  return service === 's3' ? once : once.split('/').map(escape).join('/')
}

const canonicalQuery = (call: Call): string =>
  [...call.query]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => [escape(name), escape(value)] as const)
    .sort(([a, x], [b, y]) => (a === b ? compare(x, y) : compare(a, b)))
    .map((pair) => pair.join('='))
    .join('&')

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const canonicalRequest = (call: Call, signature: Signature, payload: string): string => {
  const headers = signature.signedHeaders.map(
    (name) => `${name}:${(header(call, name) ?? '').trim().replace(/ +/g, ' ')}\n`
  )
  return [
    call.request.method ?? '',
    canonicalPath(call, signature.service),
    canonicalQuery(call),
    headers.join(''),
    signature.signedHeaders.join(';'),
    payload
  ].join('\n')
}

export const signingKey = (secret: string, scope: string): Buffer =>
  scope.split('/').reduce<Buffer | string>((key, part) => hmac(key, part), `AWS4${secret}`) as Buffer

/** The body's hash in the signature: what the header says, or the hash of the received body. */
export const payloadHash = (call: Call, signature: Signature): string =>
  signature.presigned ? 'UNSIGNED-PAYLOAD' : (header(call, 'x-amz-content-sha256') ?? sha256(call.body))

/** Whether the signature was made with this secret for exactly this request. */
export const isSignedBy = (call: Call, signature: Signature, secret: string): boolean => {
  const request = canonicalRequest(call, signature, payloadHash(call, signature))
  const text = ['AWS4-HMAC-SHA256', signature.date, signature.scope, sha256(request)].join('\n')
  const expected = hmac(signingKey(secret, signature.scope), text)
  const given = Buffer.from(signature.signature, 'hex')
  return given.length === expected.length && timingSafeEqual(given, expected)
}

/** `20261122T220853Z` as epoch milliseconds; NaN for anything else. */
export const parseAmzDate = (date: string): number =>
  Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))

/** The signature of one chunk of an aws-chunked body, chained to the previous one. */
export const chunkSignature = (
  key: Buffer,
  parts: { kind: 'PAYLOAD' | 'TRAILER'; date: string; scope: string; previous: string; hash: string }
): string => {
  const head = [`AWS4-HMAC-SHA256-${parts.kind}`, parts.date, parts.scope, parts.previous]
  const tail = parts.kind === 'PAYLOAD' ? [sha256(''), parts.hash] : [parts.hash]
  return hmac(key, [...head, ...tail].join('\n')).toString('hex')
}
