/**
 * What a failed call means for the caller. `throttled` was not done and is asked again; `unknown-fate` may have been done
 * (a lost answer, a 5xx); `expired` needs new credentials; `skewed` is cured by the service's own clock, which the SDK takes
 * from the refusal; `final` is the service's own no.
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
  // A resolver in trouble; its own time-out is ETIMEOUT.
  ...['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'ETIMEOUT', 'ESERVFAIL', 'EREFUSED'],
  ...['ERR_SOCKET_CLOSED', 'ERR_SOCKET_CONNECTION_TIMEOUT', 'ERR_STREAM_PREMATURE_CLOSE'],
  // TLS that broke off, or whose records were damaged on the way.
  ...['ERR_TLS_HANDSHAKE_TIMEOUT', 'ERR_SSL_UNEXPECTED_EOF_WHILE_READING', 'ERR_SSL_BAD_RECORD_TYPE'],
  ...['ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC', 'ERR_SSL_SSLV3_ALERT_BAD_RECORD_MAC'],
  'ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR',
  // Those of undici, by which Node's own fetch fails.
  ...['UND_ERR_SOCKET', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'],
  ...['UND_ERR_CLOSED', 'UND_ERR_DESTROYED', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'UND_ERR_PRX_TLS']
])

// S3 gives up on a slow body by a 400 of this name; a proxy by a 408.
const TIMED_OUT = new Set(['TimeoutError', 'NetworkingError', 'RequestTimeout', 'RequestTimeoutException'])

interface Facts {
  /** The call that failed, where it was made by patience. */
  operation: string
  name: string
  message: string
  code: string
  httpStatus: number | undefined
  /** `host:port` of the proxy that the request went through; empty without one. */
  proxy: string
  /** Of a ProxyError: the variable that names the proxy, what was asked for, and the proxy's refusal. */
  proxyVariable: string
  target: string
  proxyStatus: number | undefined
}

/** The few facts of an error that decide: its name, Node's code and the HTTP status, wherever the SDK put them. */
export const factsOf = (error: unknown): Facts => {
  const fields: Record<string, unknown> = typeof error === 'object' && error !== null ? { ...error } : {}
  const metadata = fields['$metadata'] as { httpStatusCode?: number } | undefined
  const text = (name: string): string => (typeof fields[name] === 'string' ? fields[name] : '')
  const status = fields['proxyStatus']
  return {
    operation: text('operation'),
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

/** Notes on an error which call it ended, so that it can be told; the error stays what it is. */
export const ofOperation = <T>(error: T, operation: string): T => {
  if (error instanceof Error && Object.isExtensible(error)) Object.assign(error, { operation })
  return error
}

/** The sentence of an error with its name, or Node's code where the name says nothing. */
export const wordsOf = (error: unknown): string => {
  const { name, code, message, proxy } = factsOf(error)
  const isNamed = name !== 'Error' && name !== '' && name !== 'ProxyError'
  const way = proxy === '' || name === 'ProxyError' ? '' : `through the proxy ${proxy}`
  const kind = [isNamed ? name : code, way].filter((part) => part !== '').join(', ')
  return `${message === '' ? 'no message' : message.replace(/\.$/, '')}${kind === '' ? '' : ` (${kind})`}`
}

/**
 * Judges by name and HTTP status, never by prose: an HTML error page makes the SDK throw a SyntaxError without a
 * fault, and an empty 5xx body one named Unknown (reference §7.1), so the status decides there.
 */
export const faultOf = (error: unknown): Fault => {
  const { name, code, httpStatus, proxyStatus } = factsOf(error)
  if (name === 'ProxyError' && proxyStatus !== undefined)
    return proxyStatus >= 500 || proxyStatus === 408 || proxyStatus === 429 ? 'unknown-fate' : 'final'
  if (name === 'AbortError') return 'canceled'
  if (THROTTLED.has(name) || httpStatus === 429) return 'throttled'
  if (EXPIRED.has(name)) return 'expired'
  if (SKEWED.has(name)) return 'skewed'
  if (name === 'ProxyError' && code === '') return 'unknown-fate'
  if (LOST.has(code) || code.startsWith('HPE_') || TIMED_OUT.has(name)) return 'unknown-fate'
  if (httpStatus !== undefined && (httpStatus >= 500 || httpStatus === 408)) return 'unknown-fate'
  if (httpStatus !== undefined && httpStatus >= 400) return 'final'
  // A 200 whose body broke off in the middle: the work was done, the answer is unreadable.
  if (name === 'SyntaxError' || (httpStatus === 200 && name !== '')) return 'unknown-fate'
  return 'final'
}

/** True when the service says that this identity may not do it; asking again does not help. */
export const isDenied = (error: unknown): boolean => {
  const { name, httpStatus } = factsOf(error)
  return name === 'AccessDeniedException' || name === 'AccessDenied' || httpStatus === 403
}
