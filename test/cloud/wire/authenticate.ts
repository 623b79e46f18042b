import { ServiceError } from '../contract.js'
import type { Key, Keys } from '../identity/keys.js'
import { header, type Call, type Protocol } from './call.js'
import { isSignedBy, parseAmzDate, readSignature, type Signature } from './signature.js'

type Problem = 'missing' | 'unknown' | 'mismatch' | 'expired' | 'foreign-token' | 'skewed'

/** How each protocol reports a refused signature: code and HTTP status (docs/service.md, reference 4.6 and 7). */
const codes: Record<'json' | 'query' | 's3', Record<Problem, readonly [string, number]>> = {
  json: {
    missing: ['MissingAuthenticationTokenException', 400],
    unknown: ['UnrecognizedClientException', 400],
    mismatch: ['InvalidSignatureException', 400],
    expired: ['ExpiredTokenException', 400],
    'foreign-token': ['UnrecognizedClientException', 400],
    skewed: ['InvalidSignatureException', 400]
  },
  query: {
    missing: ['MissingAuthenticationToken', 403],
    unknown: ['InvalidClientTokenId', 403],
    mismatch: ['SignatureDoesNotMatch', 403],
    expired: ['ExpiredToken', 403],
    'foreign-token': ['InvalidClientTokenId', 403],
    skewed: ['SignatureDoesNotMatch', 403]
  },
  s3: {
    missing: ['AccessDenied', 403],
    unknown: ['InvalidAccessKeyId', 403],
    mismatch: ['SignatureDoesNotMatch', 403],
    expired: ['ExpiredToken', 400],
    'foreign-token': ['InvalidToken', 400],
    skewed: ['RequestTimeTooSkewed', 403]
  }
}

const MISMATCH =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.'

const messages: Record<'aws' | 's3', Record<Problem, string>> = {
  aws: {
    missing: 'Missing Authentication Token',
    unknown: 'The security token included in the request is invalid.',
    mismatch: MISMATCH,
    expired: 'The security token included in the request is expired',
    'foreign-token': 'The security token included in the request is invalid',
    skewed: ''
  },
  s3: {
    missing: 'Access Denied',
    unknown: 'The AWS Access Key Id you provided does not exist in our records.',
    mismatch:
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    expired: 'The provided token has expired.',
    'foreign-token': 'The provided token is malformed or otherwise invalid.',
    skewed: 'The difference between the request time and the current time is too large.'
  }
}

const dialect = (protocol: Protocol): 'json' | 'query' | 's3' => {
  if (protocol === 'json' || protocol === 'cbor') return 'json'
  return protocol === 's3' ? 's3' : 'query'
}

const refuse = (call: Call, problem: Problem, message?: string): ServiceError => {
  const kind = dialect(call.protocol)
  const [code, status] = codes[kind][problem]
  return new ServiceError(code, message ?? messages[kind === 's3' ? 's3' : 'aws'][problem], status)
}

const stamp = (time: number): string => new Date(time).toISOString().replace(/[-:]|\.\d{3}/g, '')

/** How many minutes a client's clock may be off: 15 for S3, 5 for the others. */
const tolerance = (call: Call): number => (call.protocol === 's3' ? 15 : 5) * 60_000

const checkTime = (call: Call, signature: Signature, now: number): void => {
  const signed = parseAmzDate(signature.date)
  const lifetime = signature.presigned
    ? Number(call.query.get('X-Amz-Expires') ?? '0') * 1000
    : tolerance(call)
  const early = signed < now - lifetime
  if (!early && signed <= now + tolerance(call)) return
  if (call.protocol === 's3') throw refuse(call, 'skewed')
  throw refuse(
    call,
    'skewed',
    early
      ? `Signature expired: ${signature.date} is now earlier than ${stamp(now - lifetime)} (${stamp(now)} - 5 min.)`
      : `Signature not yet current: ${signature.date} is still later than ${stamp(now + lifetime)} (${stamp(now)} + 5 min.)`
  )
}

const checkToken = (call: Call, key: Key, now: number): void => {
  const token = header(call, 'x-amz-security-token') ?? call.query.get('X-Amz-Security-Token') ?? undefined
  if (token !== key.sessionToken) throw refuse(call, 'foreign-token')
  if (key.expiresAt !== undefined && key.expiresAt <= now) throw refuse(call, 'expired')
}

/** A verified caller: the key, and the signature for those who need it to verify more (the chunks of a body). */
export interface Principal {
  key: Key
  signature: Signature
}

/**
 * Verifies the SigV4 signature of a call: it is present, made with a known key for exactly this request, recent, and with the
 * session token of that key, which has not expired. Throws a refusal in the caller's protocol. `now` is the service's wall
 * clock (clients sign with theirs); `serviceNow` is the cloud's time, which decides when sessions expire.
 */
export const authenticate = (
  call: Call,
  keys: Keys,
  times: { now: number; serviceNow: number }
): Principal => {
  const signature = readSignature(call)
  if (signature === undefined) throw refuse(call, 'missing')
  const key = keys.find(signature.accessKeyId)
  if (key === undefined) throw refuse(call, 'unknown')
  checkToken(call, key, times.serviceNow)
  checkTime(call, signature, times.now)
  if (!isSignedBy(call, signature, key.secretAccessKey)) throw refuse(call, 'mismatch')
  call.caller = key.caller
  return { key, signature }
}
