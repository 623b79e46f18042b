import { Canceled } from '../errors.js'

/**
 * What a failed call means for the caller. `throttled` was not carried out and is retried; `unknown-fate` may have been carried
 * out (a lost answer, a 5xx); `expired` needs new credentials; `skewed` works once the SDK has taken the service's clock from
 * the refusal; `final` is the service's refusal.
 */
export type Fault = 'throttled' | 'unknown-fate' | 'expired' | 'skewed' | 'canceled' | 'final'

const THROTTLED = new Set([
  'ThrottlingException',
  'Throttling',
  'ThrottledException',
  'TooManyRequestsException',
  'RequestLimitExceeded',
  'SlowDown',
  'RequestThrottled',
  'RequestThrottledException',
  'PriorRequestNotComplete'
])

const EXPIRED = new Set(['ExpiredToken', 'ExpiredTokenException', 'TokenRefreshRequired'])

const SKEWED = new Set([
  'RequestTimeTooSkewed',
  'RequestInTheFuture',
  'RequestExpired',
  'InvalidSignatureException',
  'SignatureDoesNotMatch'
])

const LOST = new Set([
  ...['ECONNRESET', 'ECONNREFUSED', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'ENOTCONN', 'EADDRNOTAVAIL'],
  ...['EHOSTUNREACH', 'EHOSTDOWN', 'ENETUNREACH', 'ENETDOWN', 'ENETRESET'],
  // DNS failures; the resolver's own time-out is ETIMEOUT.
  ...['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'ETIMEOUT', 'ESERVFAIL', 'EREFUSED'],
  ...['ERR_SOCKET_CLOSED', 'ERR_SOCKET_CONNECTION_TIMEOUT', 'ERR_STREAM_PREMATURE_CLOSE'],
  // TLS that broke off, or records damaged in transit.
  ...['ERR_TLS_HANDSHAKE_TIMEOUT', 'ERR_SSL_UNEXPECTED_EOF_WHILE_READING', 'ERR_SSL_BAD_RECORD_TYPE'],
  ...['ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC', 'ERR_SSL_SSLV3_ALERT_BAD_RECORD_MAC'],
  'ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR',
  // From undici, which is behind Node's own fetch.
  ...['UND_ERR_SOCKET', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'],
  ...['UND_ERR_CLOSED', 'UND_ERR_DESTROYED', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'UND_ERR_PRX_TLS']
])

// S3 gives up on a slow body with a 400 of this name; a proxy with a 408.
const TIMED_OUT = new Set(['TimeoutError', 'NetworkingError', 'RequestTimeout', 'RequestTimeoutException'])

interface Facts {
  /** The call that failed, if it was made with retries. */
  operation: string
  /** The documented policy of the role that made it (`rolePolicy`); undefined outside of a run's connections. */
  rolePolicy: string | undefined
  name: string
  message: string
  code: string
  httpStatus: number | undefined
  /** `host:port` of the proxy that the request went through; empty without one. */
  proxy: string
  /** From a ProxyError: the variable that names the proxy, the requested host, and the proxy's refusal. */
  proxyVariable: string
  target: string
  proxyStatus: number | undefined
}

/** The facts of an error that decide: its name, Node's code and the HTTP status, wherever the SDK put them. */
export const factsOf = (error: unknown): Facts => {
  const fields: Record<string, unknown> = typeof error === 'object' && error !== null ? { ...error } : {}
  const metadata = fields['$metadata'] as { httpStatusCode?: number } | undefined
  const text = (name: string): string => (typeof fields[name] === 'string' ? fields[name] : '')
  const status = fields['proxyStatus']
  return {
    operation: text('operation'),
    rolePolicy: text('rolePolicy') || undefined,
    name: error instanceof Error ? error.name : '',
    message: error instanceof Error ? error.message : String(error),
    code: text('code'),
    httpStatus: metadata?.httpStatusCode,
    proxy: text('proxy'),
    proxyVariable: text('proxyVariable'),
    target: text('target'),
    proxyStatus: typeof status === 'number' ? status : undefined
  }
}

/** Adds to an error which call failed, and the policy of the role that made it, for messages; it stays the same object. */
export const ofOperation = <T>(error: T, operation: string, rolePolicy?: string): T => {
  if (error instanceof Error && Object.isExtensible(error)) Object.assign(error, { operation, rolePolicy })
  return error
}

/** The message of an error with its name, or with Node's code where the name says nothing. */
export const wordsOf = (error: unknown): string => {
  const { name, code, message, proxy } = factsOf(error)
  const isNamed = name !== 'Error' && name !== '' && name !== 'ProxyError'
  const way = proxy === '' || name === 'ProxyError' ? '' : `through the proxy ${proxy}`
  const kind = [isNamed ? name : code, way].filter((part) => part !== '').join(', ')
  return `${message === '' ? 'no message' : message.replace(/\.$/, '')}${kind === '' ? '' : ` (${kind})`}`
}

/**
 * Judges by name and HTTP status, never by prose: an HTML error page makes the SDK throw a SyntaxError without a
 * fault, and an empty 5xx body one named Unknown (docs/service.md, reference 7.1), so there the status decides.
 */
export const faultOf = (error: unknown): Fault => {
  const { name, code, httpStatus, proxyStatus } = factsOf(error)
  if (name === 'ProxyError' && proxyStatus !== undefined)
    return proxyStatus >= 500 || proxyStatus === 408 || proxyStatus === 429 ? 'unknown-fate' : 'final'
  if (name === 'AbortError' || error instanceof Canceled) return 'canceled'
  if (THROTTLED.has(name) || httpStatus === 429) return 'throttled'
  if (EXPIRED.has(name)) return 'expired'
  if (SKEWED.has(name)) return 'skewed'
  if (name === 'ProxyError' && code === '') return 'unknown-fate'
  if (LOST.has(code) || code.startsWith('HPE_') || TIMED_OUT.has(name)) return 'unknown-fate'
  if (httpStatus !== undefined && (httpStatus >= 500 || httpStatus === 408)) return 'unknown-fate'
  if (httpStatus !== undefined && httpStatus >= 400) return 'final'
  // A 200 with a truncated body: the work was done, but the answer is unreadable.
  if (name === 'SyntaxError' || (httpStatus === 200 && name !== '')) return 'unknown-fate'
  return 'final'
}

/** Whether a call that failed this way may have done its work: no answer arrived. Any other error means that it did not. */
export const mayBeDone = (error: unknown): boolean => ['unknown-fate', 'canceled'].includes(faultOf(error))

/** True when the service says that this identity lacks permission; retrying does not help. */
export const isDenied = (error: unknown): boolean => {
  const { name, httpStatus } = factsOf(error)
  return name === 'AccessDeniedException' || name === 'AccessDenied' || httpStatus === 403
}
