import { describe, expect, test } from '@jest/globals'
import { proxyFor, proxySecrets } from '../../src/edge/proxy.js'

const PROXY = 'http://proxy.example.com:3128'
const S3 = 'https://bucket.s3.eu-west-1.amazonaws.com'

const nameFor = (url: string, env: Record<string, string>): string | undefined =>
  proxyFor(new URL(url), env)?.name

describe('the proxy of a URL', () => {
  test.each<[string, string, Record<string, string>, string | undefined]>([
    ['nothing is set', S3, {}, undefined],
    ['HTTPS_PROXY is', S3, { HTTPS_PROXY: PROXY }, 'proxy.example.com:3128'],
    ['https_proxy is', S3, { https_proxy: PROXY }, 'proxy.example.com:3128'],
    ['both are', S3, { https_proxy: 'http://lower:1', HTTPS_PROXY: 'http://upper:2' }, 'lower:1'],
    ['the lower one is empty', S3, { https_proxy: '', HTTPS_PROXY: 'http://upper:2' }, 'upper:2'],
    ['only HTTP_PROXY is', S3, { HTTP_PROXY: PROXY }, undefined],
    ['HTTP_PROXY is, for http:', 'http://ghes.local/api', { HTTP_PROXY: PROXY }, 'proxy.example.com:3128'],
    ['it has no scheme', S3, { HTTPS_PROXY: 'proxy.example.com:3128' }, 'proxy.example.com:3128'],
    ['it has no port', S3, { HTTPS_PROXY: 'http://proxy.example.com' }, 'proxy.example.com:80'],
    ['it uses TLS', S3, { HTTPS_PROXY: 'https://proxy.example.com' }, 'proxy.example.com:443'],
    ['it is an IPv6 address', S3, { HTTPS_PROXY: 'http://[fd00::1]:3128' }, '[fd00::1]:3128']
  ])('%s', (_, url, env, name) => {
    expect(nameFor(url, env)).toBe(name)
  })
})

describe('NO_PROXY', () => {
  test.each<[string, string, boolean]>([
    ['amazonaws.com', S3, true],
    ['.amazonaws.com', S3, true],
    ['*.amazonaws.com', S3, true],
    ['AMAZONAWS.COM', S3, true],
    ['bucket.s3.eu-west-1.amazonaws.com', S3, true],
    ['bucket.s3.eu-west-1.amazonaws.com:443', S3, true],
    ['amazonaws.com:8443', S3, false],
    ['azonaws.com', S3, false],
    ['example.com, .internal amazonaws.com', S3, true],
    ['example.com,,', S3, false],
    ['*', S3, true],
    ['127.0.0.1', 'https://127.0.0.1:4566', true],
    ['127.0.0.1:4566', 'https://127.0.0.1:4566', true],
    ['127.0.0.1:1', 'https://127.0.0.1:4566', false],
    ['0.0.1', 'https://127.0.0.1:4566', false],
    ['10.0.0.0/8', 'https://10.20.30.40', true],
    ['10.0.0.0/8', 'https://11.20.30.40', false],
    ['10.0.0.0/99', 'https://10.20.30.40', false],
    ['fd00::/8', 'https://[fd12::1]', true],
    ['[::1]:443', 'https://[::1]', true],
    ['::1', 'https://[0:0:0:0:0:0:0:1]', true],
    ['localhost', 'https://127.0.0.1', false]
  ])('%s, for %s', (list, url, without) => {
    expect(nameFor(url, { HTTPS_PROXY: PROXY, NO_PROXY: list })).toBe(
      without ? undefined : 'proxy.example.com:3128'
    )
  })

  test('is read in lower case first', () => {
    expect(nameFor(S3, { HTTPS_PROXY: PROXY, no_proxy: 'example.com', NO_PROXY: '*' })).toBeDefined()
  })
})

test.each([
  ['http://169.254.169.254/latest/meta-data', undefined],
  ['http://169.254.170.2/v2/credentials', undefined],
  ['http://[fd00:ec2::254]/latest', undefined],
  // As with curl, everything else on this machine must be listed in NO_PROXY.
  ['http://127.0.0.1:8080', 'proxy.example.com:3128'],
  ['http://localhost:8080', 'proxy.example.com:3128']
])('%s is reached through %s', (url, name) => {
  expect(nameFor(url, { HTTP_PROXY: PROXY })).toBe(name)
})

describe('a password', () => {
  const env = { HTTPS_PROXY: 'http://me:p%40ss@proxy.example.com:3128' }

  test('is only in the header', () => {
    const proxy = proxyFor(new URL(S3), env)
    expect(proxy?.authorization).toBe(`Basic ${btoa('me:p@ss')}`)
    expect(JSON.stringify({ ...proxy, authorization: '' })).not.toMatch(/p%40ss|p@ss|me:/)
  })

  test.each<[string, Record<string, string>, string[]]>([
    ['as in a URL', env, ['p%40ss', 'p@ss', btoa('me:p@ss')]],
    ['without a scheme', { http_proxy: 'me:secret@proxy:1' }, ['secret', 'secret', btoa('me:secret')]],
    [
      'of an unusable proxy',
      { https_proxy: 'socks5://me:secret@proxy:1' },
      ['secret', 'secret', btoa('me:secret')]
    ],
    ['with a lone percent sign', { https_proxy: 'http://me:50%@p:1' }, ['50%', '50%', btoa('me:50%')]],
    ['that is missing', { https_proxy: 'http://me@proxy:1', HTTP_PROXY: PROXY }, []]
  ])('%s is masked in every form', (_, given, secrets) => {
    expect(proxySecrets(given)).toEqual(secrets)
  })
})

test.each(['socks5://me:secret@proxy:1080', 'http://', 'http://me:secret@proxy:99999', 'ftp://proxy'])(
  '%s is refused without showing its password',
  (value) => {
    const refused = (): unknown => proxyFor(new URL(S3), { HTTPS_PROXY: value })
    expect(refused).toThrow(/^HTTPS_PROXY is `/)
    expect(refused).not.toThrow(/secret/)
  }
)
