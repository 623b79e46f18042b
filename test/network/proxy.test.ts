import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { openYard, type JobEnd, type Yard } from '../faults/job.js'
import { certificate } from './certificate.js'
import { startFront, type Front } from './front.js'
import { startProxy, type LocalProxy, type ProxyManner } from './proxy.js'

/** Jobs on a runner that reaches AWS and GitHub only through a proxy. */

let yard: Yard
let front: Front
let folder: string
let authority: string
let proxies: LocalProxy[] = []
let versions = 0

beforeAll(async () => {
  yard = await openYard({ timeScale: 400, script: { bootSeconds: 2, eventSeconds: 2 } })
  const issuer = certificate({ name: 'Authority of this test' })
  front = await startFront(certificate({ name: 'aws', hosts: ['127.0.0.1'], issuer }), yard.cloud.url)
  folder = await mkdtemp(join(tmpdir(), 'proxy-'))
  authority = join(folder, 'authority.pem')
  await writeFile(authority, issuer.pem)
})
afterEach(async () => {
  await Promise.all(proxies.map((proxy) => proxy.close()))
  proxies = []
  await yard.clear()
})
afterAll(async () => {
  await front.close()
  await yard.close()
  await rm(folder, { recursive: true, force: true })
})

const proxyThat = async (manner: ProxyManner = {}): Promise<LocalProxy> => {
  const proxy = await startProxy(manner)
  proxies.push(proxy)
  return proxy
}

/** Auto Scaling is asked only while the traffic is seen to move. */
const SERVICES = ['codedeploy', 'elasticloadbalancing', 'github', 'oidc', 's3', 'sts']
const TOKEN = 'a-token-for-github'

const deploy = async (
  env: Record<string, string>,
  { bytes = 0, inputs = {} }: { bytes?: number; inputs?: Record<string, string> } = {}
): Promise<JobEnd> => {
  yard.cloud.requests.length = 0
  const job = await yard.start(`v${++versions}`, {
    env: { GITHUB_REPOSITORY: 'example-org/example-app', NODE_NO_WARNINGS: '1', ...env },
    inputs: { 'github-token': TOKEN, ...inputs },
    bytes
  })
  return job.ended
}

/** An environment in which everything uses TLS, as the real services do. */
const overTls = (): Record<string, string> => {
  const moved = Object.entries(yard.cloud.env).filter(([, value]) => value.startsWith(yard.cloud.url))
  return {
    NODE_EXTRA_CA_CERTS: authority,
    ...Object.fromEntries(moved.map(([name, value]) => [name, value.replace(yard.cloud.url, front.url)]))
  }
}

/** What a person sees: the log without the masks and debug lines that the runner hides. */
const seen = ({ log }: JobEnd): string => log.replace(/^::(add-mask|debug)::.*$/gm, '')

/** The whole log if the job failed, otherwise empty. */
const failureOf = (job: JobEnd): string => (job.code === 0 ? '' : seen(job))

const services = (): string[] => [...new Set(yard.cloud.requests.map(({ service }) => service))].sort()

test('a whole deployment goes through tunnels of the proxy, with its parts in parallel', async () => {
  const proxy = await proxyThat()
  const before = front.connections
  const job = await deploy({ ...overTls(), HTTPS_PROXY: proxy.url }, { bytes: 40e6 })
  expect(failureOf(job)).toBe('')
  expect(services()).toEqual(expect.arrayContaining(SERVICES))
  expect(new Set(proxy.asked)).toEqual(new Set([`CONNECT ${front.name}`]))
  expect(front.connections - before).toBe(proxy.asked.length)
  expect(proxy.most).toBeGreaterThan(1)
})

test('every plain request reaches the proxy with its whole URL', async () => {
  const proxy = await proxyThat()
  const job = await deploy({ HTTP_PROXY: proxy.url })
  expect(failureOf(job)).toBe('')
  expect(services()).toEqual(expect.arrayContaining(SERVICES))
  expect(proxy.asked).toHaveLength(yard.cloud.requests.length)
  expect(proxy.asked.every((asked) => / http:\/\/127\.0\.0\.1:\d+$/.test(asked))).toBe(true)
})

test('the lower-case variable wins, and hosts in NO_PROXY are reached directly', async () => {
  const [lower, upper] = [await proxyThat(), await proxyThat()]
  const both = { http_proxy: lower.url, HTTP_PROXY: upper.url }
  expect((await deploy(both)).code).toBe(0)
  expect([lower.asked.length > 0, upper.asked.length]).toEqual([true, 0])
  lower.asked.length = 0
  expect((await deploy({ ...both, NO_PROXY: 'example.com, 127.0.0.1' })).code).toBe(0)
  expect([lower.asked.length, upper.asked.length]).toEqual([0, 0])
})

describe('a proxy that wants a password', () => {
  const SECRET = 'p@ss w/rd'
  const withPassword = ({ name }: LocalProxy, password = SECRET): string =>
    `http://deployer:${encodeURIComponent(password)}@${name}`

  test.each([
    ['by tunnels', 'HTTPS_PROXY', overTls],
    ['by plain requests', 'HTTP_PROXY', () => ({})]
  ])('gets it from the URL, and the log does not show it (%s)', async (_, variable, environment) => {
    const proxy = await proxyThat({ wants: `deployer:${SECRET}` })
    const job = await deploy({
      ...environment(),
      [variable]: withPassword(proxy),
      ...{ RUNNER_DEBUG: '1', DEBUG: '*' }
    })
    expect(failureOf(job)).toBe('')
    expect(proxy.asked.length).toBeGreaterThan(0)
    const written = job.log.replace(/^::add-mask::.*$/gm, '')
    for (const form of [SECRET, encodeURIComponent(SECRET), btoa(`deployer:${SECRET}`)]) {
      expect(job.log).toContain(`::add-mask::${form.replaceAll('%', '%25')}`)
      expect(written).not.toContain(form)
    }
  })

  test.each([
    ['by tunnels', 'HTTPS_PROXY', overTls],
    ['by plain requests', 'HTTP_PROXY', () => ({})]
  ])('and gets a wrong one is named at once, with where to set it (%s)', async (_, variable, environment) => {
    const proxy = await proxyThat({ wants: `deployer:${SECRET}` })
    const job = await deploy({ ...environment(), [variable]: withPassword(proxy, 'outdated-word') })
    expect(job.code).toBe(1)
    expect(seen(job)).toContain(`The proxy ${proxy.name} (${variable}) refused`)
    expect(seen(job)).toContain('407 Proxy Authentication Required')
    expect(seen(job)).toContain(`into ${variable} in the environment of the runner`)
    expect(seen(job)).not.toMatch(/outdated-word|githubstatus|role-to-assume/)
    expect(proxy.asked).toHaveLength(2) // The token, and in parallel the commit's subject.
  })
})

test.each([
  ['by tunnels', 'https_proxy', overTls],
  ['by plain requests', 'http_proxy', () => ({})]
])('a proxy that refuses the service is named at once (%s)', async (_, variable, environment) => {
  const proxy = await proxyThat({ refuses: 403 })
  const job = await deploy({ ...environment(), [variable]: proxy.url })
  expect(job.code).toBe(1)
  expect(seen(job)).toContain(`The proxy ${proxy.name} (${variable}) refused 127.0.0.1:`)
  expect(seen(job)).toContain('HTTP 403 Forbidden')
  expect(seen(job)).toContain('Ask whoever runs the proxy to allow 127.0.0.1:')
  expect(seen(job)).not.toMatch(/githubstatus|trust policy/)
})

describe('ambient credentials', () => {
  const AMBIENT = { 'role-to-assume': '', 'github-token': '' }

  test('are fetched from STS through the proxy', async () => {
    const proxy = await proxyThat()
    const { ACTIONS_ID_TOKEN_REQUEST_URL: url = '', ACTIONS_ID_TOKEN_REQUEST_TOKEN: token = '' } =
      yard.cloud.env
    const answer = await fetch(`${url}&audience=sts.amazonaws.com`, {
      headers: { authorization: `Bearer ${token}` }
    })
    const file = join(folder, 'token')
    await writeFile(file, ((await answer.json()) as { value: string }).value)
    const job = await deploy(
      {
        HTTP_PROXY: proxy.url,
        AWS_WEB_IDENTITY_TOKEN_FILE: file,
        AWS_ROLE_ARN: yard.cloud.env['ROLE_ARN'] ?? ''
      },
      { inputs: AMBIENT }
    )
    expect(failureOf(job)).toBe('')
    const operations = yard.cloud.requests.map(({ operation }) => operation)
    expect(operations).toContain('AssumeRoleWithWebIdentity')
    expect(operations).not.toContain('GetIDToken')
    expect(proxy.asked).toHaveLength(operations.length)
  })

  test("are never requested from the machine's own endpoint through the proxy", async () => {
    const proxy = await proxyThat()
    let asked = 0
    const machine = createServer((_, response) => {
      asked++
      response.end(
        JSON.stringify({
          AccessKeyId: yard.cloud.env['AWS_ACCESS_KEY_ID'],
          SecretAccessKey: yard.cloud.env['AWS_SECRET_ACCESS_KEY'],
          Token: '',
          Expiration: new Date(Date.now() + 3_600_000).toISOString()
        })
      )
    })
    await new Promise<void>((resolve) => machine.listen(0, '127.0.0.1', resolve))
    const { port } = machine.address() as AddressInfo
    const job = await deploy(
      { HTTP_PROXY: proxy.url, AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${port}/` },
      { inputs: AMBIENT }
    )
    machine.close()
    expect(asked).toBe(1)
    expect(new Set(proxy.asked.map((one) => one.split(' ')[1]))).toEqual(new Set([yard.cloud.url]))
    expect(seen(job)).toContain('Account 123456789012')
  })
})

test('an unusable proxy is named without its password', async () => {
  const job = await deploy({ HTTP_PROXY: 'socks5://me:hush-hush@127.0.0.1:1080' })
  expect(job.code).toBe(1)
  expect(seen(job)).toContain('HTTP_PROXY is `socks5://127.0.0.1:1080`, which is not a usable proxy')
  expect(seen(job)).not.toContain('hush-hush')
})
