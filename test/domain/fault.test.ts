import { describe, expect, test } from '@jest/globals'
import {
  factsOf,
  faultOf,
  isDenied,
  mayBeDone,
  ofOperation,
  wordsOf,
  type Fault
} from '../../src/domain/fault.js'
import { proxyError } from '../../src/domain/proxy-error.js'
import { Canceled, UserError } from '../../src/errors.js'
import { broken, refusal } from '../fakes/nouns.js'

const TROUBLE = { proxy: 'proxy:3128', variable: 'HTTPS_PROXY', target: 'sts.amazonaws.com:443' }

const syntaxError = (httpStatusCode?: number): Error =>
  Object.assign(
    new SyntaxError('Unexpected token < in JSON'),
    httpStatusCode === undefined ? {} : { $metadata: { httpStatusCode } }
  )

const given = (error: unknown, fault: Fault): [string, unknown, Fault] => {
  const { name, code, httpStatus } = factsOf(error)
  return [`${name} ${code} ${httpStatus ?? ''}`.replace(/ +/g, ' ').trim() || String(error), error, fault]
}

describe('what a failed call means', () => {
  test.each([
    given(refusal('ThrottlingException', 'Rate exceeded'), 'throttled'),
    given(refusal('Throttling', 'Rate exceeded'), 'throttled'),
    given(refusal('SlowDown', 'Reduce your request rate', 503), 'throttled'),
    given(refusal('RequestLimitExceeded'), 'throttled'),
    given(refusal('Unknown', 'UnknownError', 429), 'throttled'),
    given(refusal('InternalFailure', 'try again', 500), 'unknown-fate'),
    given(refusal('Unknown', 'UnknownError', 503), 'unknown-fate'),
    given(syntaxError(502), 'unknown-fate'),
    given(syntaxError(200), 'unknown-fate'),
    given(syntaxError(), 'unknown-fate'),
    given(
      Object.assign(new TypeError('Expected real number, got implicit NaN'), {
        $metadata: { httpStatusCode: 200 }
      }),
      'unknown-fate'
    ),
    given(broken('ECONNRESET'), 'unknown-fate'),
    given(broken('ENOTFOUND'), 'unknown-fate'),
    given(broken('EAI_AGAIN'), 'unknown-fate'),
    given(broken('EPIPE'), 'unknown-fate'),
    ...[
      ...['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'UND_ERR_SOCKET'],
      ...['UND_ERR_CLOSED', 'UND_ERR_DESTROYED', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'UND_ERR_PRX_TLS'],
      ...['ERR_TLS_HANDSHAKE_TIMEOUT', 'ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC'],
      ...['ERR_SOCKET_CONNECTION_TIMEOUT', 'ENETDOWN', 'EHOSTDOWN', 'EADDRNOTAVAIL', 'ETIMEOUT']
    ].map((code) => given(broken(code), 'unknown-fate')),
    ...[
      ...['SELF_SIGNED_CERT_IN_CHAIN', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
      ...['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'],
      ...['ERR_TLS_CERT_ALTNAME_INVALID', 'CERT_REVOKED', 'ERR_SSL_WRONG_VERSION_NUMBER']
    ].map((code) => given(broken(code), 'final')),
    given(proxyError({ ...TROUBLE, status: 407 }), 'final'),
    given(proxyError({ ...TROUBLE, status: 403 }), 'final'),
    given(proxyError({ ...TROUBLE, status: 499 }), 'final'),
    ...[408, 429, 500, 504].map((status) => given(proxyError({ ...TROUBLE, status }), 'unknown-fate')),
    given(proxyError({ ...TROUBLE, cause: broken('ECONNREFUSED') }), 'unknown-fate'),
    given(proxyError({ ...TROUBLE, cause: new Error('the connection ended') }), 'unknown-fate'),
    given(proxyError({ ...TROUBLE, cause: broken('SELF_SIGNED_CERT_IN_CHAIN') }), 'final'),
    given(broken('HPE_INVALID_CONSTANT'), 'unknown-fate'),
    given(Object.assign(new Error('no answer'), { name: 'TimeoutError' }), 'unknown-fate'),
    given(refusal('RequestTimeout', 'Your socket connection was idle'), 'unknown-fate'),
    given(refusal('Unknown', 'UnknownError', 408), 'unknown-fate'),
    given(
      refusal('ExpiredTokenException', 'The security token included in the request is expired'),
      'expired'
    ),
    given(refusal('ExpiredToken', 'The provided token has expired.'), 'expired'),
    given(refusal('RequestTimeTooSkewed', 'too large', 403), 'skewed'),
    given(refusal('InvalidSignatureException', 'Signature not yet current', 403), 'skewed'),
    given(refusal('AccessDeniedException', 'not authorized'), 'final'),
    given(refusal('AccessDenied', 'Access Denied', 403), 'final'),
    given(refusal('Unknown', 'UnknownError', 403), 'final'),
    given(refusal('DeploymentLimitExceededException'), 'final'),
    given(refusal('ApplicationDoesNotExistException'), 'final'),
    given(refusal('InvalidIdentityTokenException'), 'final'),
    given(Object.assign(new Error('aborted'), { name: 'AbortError' }), 'canceled'),
    given(new Canceled('The job was canceled.', 'Run it again.'), 'canceled'),
    given(new UserError('Nobody knows.', 'Ask.'), 'final'),
    given(new Error('a fault of our own'), 'final'),
    given('a text', 'final'),
    given(undefined, 'final')
  ])('%s', (_, error, fault) => {
    expect(faultOf(error)).toBe(fault)
  })

  test('only a refusal for lack of permission is a denial', () => {
    expect(isDenied(refusal('AccessDeniedException'))).toBe(true)
    expect(isDenied(refusal('AccessDenied'))).toBe(true)
    expect(isDenied(refusal('Unknown', 'UnknownError', 403))).toBe(true)
    expect(isDenied(refusal('ThrottlingException'))).toBe(false)
    expect(isDenied(broken())).toBe(false)
  })

  test.each<[Fault, string[]]>([
    [
      'throttled',
      [
        ...['ThrottlingException', 'Throttling', 'ThrottledException', 'TooManyRequestsException'],
        ...['RequestLimitExceeded', 'SlowDown', 'RequestThrottled', 'RequestThrottledException'],
        'PriorRequestNotComplete'
      ]
    ],
    ['expired', ['ExpiredToken', 'ExpiredTokenException', 'TokenRefreshRequired']],
    [
      'skewed',
      [
        ...['RequestTimeTooSkewed', 'RequestInTheFuture', 'RequestExpired'],
        ...['InvalidSignatureException', 'SignatureDoesNotMatch']
      ]
    ],
    ['unknown-fate', ['TimeoutError', 'NetworkingError', 'RequestTimeout', 'RequestTimeoutException']]
  ])('%s under each of its names', (fault, names) => {
    expect(names.filter((name) => faultOf(refusal(name)) !== fault)).toEqual([])
  })

  test('a lost connection under each of its codes', () => {
    const codes = [
      ...['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL'],
      ...['ECONNABORTED', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_SOCKET', 'ERR_STREAM_PREMATURE_CLOSE']
    ]
    expect(codes.filter((code) => faultOf(broken(code)) !== 'unknown-fate')).toEqual([])
  })

  test.each([
    ['a name', refusal('SlowDown', 'Reduce your rate.'), 'Reduce your rate (SlowDown)'],
    ['a code of Node where there is no name', broken(), 'socket hang up (ECONNRESET)'],
    ['neither', new Error('boom'), 'boom'],
    ['no message', refusal('SlowDown', ''), 'no message (SlowDown)'],
    [
      'a proxy in between',
      Object.assign(broken(), { proxy: 'proxy:3128' }),
      'socket hang up (ECONNRESET, through the proxy proxy:3128)'
    ],
    [
      'a proxy and no code',
      Object.assign(new Error('boom'), { proxy: 'proxy:3128' }),
      'boom (through the proxy proxy:3128)'
    ]
  ])('the message of an error with %s', (_, error, words) => {
    expect(wordsOf(error)).toBe(words)
  })

  test.each([
    ['a lost answer', broken(), true],
    ['a call that was aborted', Object.assign(new Error('aborted'), { name: 'AbortError' }), true],
    ['a refusal', refusal('AccessDeniedException'), false],
    ['throttling', refusal('SlowDown'), false]
  ])('whether the work may be done after %s', (_, error, may) => {
    expect(mayBeDone(error)).toBe(may)
  })

  test('what is thrown without being an error has only its text', () => {
    expect(factsOf('a text')).toMatchObject({
      name: '',
      message: 'a text',
      code: '',
      operation: '',
      proxy: ''
    })
    expect(factsOf(null)).toMatchObject({ name: '', message: 'null', code: '' })
    expect(factsOf({ code: 7, proxyStatus: '407' })).toMatchObject({ code: '', proxyStatus: undefined })
  })

  test('an error stays the same object, with the name of the failed call', () => {
    const [error, frozen] = [broken(), Object.freeze(broken())]
    expect([ofOperation(error, 'GetDeployment'), factsOf(error).operation]).toEqual([error, 'GetDeployment'])
    expect([ofOperation(frozen, 'GetDeployment'), factsOf(frozen).operation]).toEqual([frozen, ''])
    expect(ofOperation('a text', 'GetDeployment')).toBe('a text')
  })
})
