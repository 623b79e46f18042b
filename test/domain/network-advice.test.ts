import { describe, expect, test } from '@jest/globals'
import { networkAdvice } from '../../src/domain/network-advice.js'
import { proxyError } from '../../src/domain/proxy-error.js'
import { explained } from '../../src/domain/refusal.js'
import { UserError } from '../../src/errors.js'
import { explainRefusal } from '../../src/steps/identify.js'
import { broken, refusal } from '../fakes/nouns.js'
import { token } from '../fakes/token.js'

const TROUBLE = { proxy: 'proxy:3128', variable: 'HTTPS_PROXY', target: 'sts.amazonaws.com:443' }

const CASES: [string, Error, RegExp][] = [
  ...[
    ...['SELF_SIGNED_CERT_IN_CHAIN', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'UNABLE_TO_GET_ISSUER_CERT'],
    ...['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'CERT_UNTRUSTED']
  ].map((code): [string, Error, RegExp] => [code, broken(code), /NODE_EXTRA_CA_CERTS/]),
  ['CERT_HAS_EXPIRED', broken('CERT_HAS_EXPIRED'), /clock of the runner/],
  ['CERT_NOT_YET_VALID', broken('CERT_NOT_YET_VALID'), /clock of the runner/],
  ['ERR_TLS_CERT_ALTNAME_INVALID', broken('ERR_TLS_CERT_ALTNAME_INVALID'), /Something other/],
  ['a 407', proxyError({ ...TROUBLE, status: 407 }), /http:\/\/USER:PASSWORD@proxy:3128/],
  ['a 403', proxyError({ ...TROUBLE, status: 403 }), /allow sts\.amazonaws\.com:443/],
  ['a 502', proxyError({ ...TROUBLE, status: 502 }), /that it reaches sts\.amazonaws\.com:443/],
  ['no proxy there', proxyError({ ...TROUBLE, cause: broken('ECONNREFUSED') }), /Check that HTTPS_PROXY/],
  [
    'a plain proxy that is named with https:',
    proxyError({ ...TROUBLE, cause: broken('ERR_SSL_WRONG_VERSION_NUMBER') }),
    /must begin with http:\/\//
  ],
  [
    'a proxy whose own certificate is not known',
    proxyError({ ...TROUBLE, cause: broken('SELF_SIGNED_CERT_IN_CHAIN') }),
    /NODE_EXTRA_CA_CERTS/
  ],
  ['a loss behind a proxy', Object.assign(broken('ECONNRESET'), { proxy: 'proxy:3128' }), /check the proxy/]
]

describe('problems between the runner and a service', () => {
  test.each(CASES)('%s gets advice, whichever service was called', (_, error, advice) => {
    expect(networkAdvice(error)).toMatch(advice)
    for (const told of [explained(error), explainRefusal(error, 'arn:aws:iam::1:role/deploy', token())]) {
      expect(told).toBeInstanceOf(UserError)
      expect((told as UserError).hint).toMatch(advice)
    }
  })

  test.each([
    ['a lost connection', broken('ECONNRESET')],
    ['a refusal of the service', refusal('AccessDenied')]
  ])('%s is something else', (_, error) => {
    expect(networkAdvice(error)).toBeUndefined()
  })
})
