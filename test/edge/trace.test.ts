import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { CodeDeployClient, GetDeploymentCommand } from '@aws-sdk/client-codedeploy'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { virtualClock } from '../fakes/clock.js'
import { clientConfig, defaultTimeouts } from '../../src/edge/client-config.js'
import { connectFetch, connectTokens } from '../../src/edge/aws.js'
import { type Trace, traced } from '../../src/edge/trace.js'
import { broken } from '../fakes/nouns.js'

let server: Server
let answer: { status: number; body: string; id?: string; location?: string } = { status: 200, body: '{}' }

beforeAll(async () => {
  server = createServer((request, response) => {
    request.resume()
    const { status, body, id = '', location = '' } = answer
    const isMoved = location !== '' && request.url !== location
    response
      .writeHead(location === '' || isMoved ? status : 200, {
        ...(id === '' ? {} : { 'x-amzn-requestid': id, 'x-github-request-id': id }),
        ...(isMoved ? { location } : {})
      })
      .end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterAll(() => {
  server.close()
})

const call = async (given: typeof answer, isTraced = true): Promise<string[]> => {
  answer = given
  const lines: string[] = []
  let now = 0
  const trace = { clock: { now: () => (now += 17) }, write: (line: string) => lines.push(line) }
  const config = clientConfig('us-east-1', defaultTimeouts)
  if (answer.status === 0) config.requestHandler.handle = () => Promise.reject(broken())
  const client = new CodeDeployClient({
    ...config,
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials: { accessKeyId: 'AKIA', secretAccessKey: 'hidden' }
  })
  await traced(client, isTraced ? trace : undefined)
    .send(new GetDeploymentCommand({ deploymentId: 'd-1' }))
    .catch(() => undefined)
  client.destroy()
  return lines
}

test.each<[string, typeof answer, string]>([
  ['an answer', { status: 200, body: '{}', id: 'abc-1' }, '200 in 17 ms, request abc-1'],
  ['one without a request id', { status: 200, body: '{}' }, '200 in 17 ms, request unknown'],
  [
    'a refusal, without its message',
    { status: 400, body: '{"__type":"ThrottlingException","message":"secret"}', id: 'abc-2' },
    'ThrottlingException 400 (throttled) in 17 ms, request abc-2'
  ],
  [
    'a name of any length',
    { status: 400, body: `{"__type":"${'x'.repeat(5000)}"}`, id: 'y'.repeat(500) },
    `${'x'.repeat(80)} in 17 ms, request ${'y'.repeat(80)}`
  ]
])('a call is one line: %s', async (_, given, expected) => {
  expect(await call(given)).toEqual([`CodeDeploy GetDeployment: ${expected}`])
})

test('a lost connection is one, too', async () => {
  const [line = ''] = await call({ status: 0, body: '' })
  expect(line).toMatch(/^CodeDeploy GetDeployment: ECONNRESET \(unknown-fate\) in 17 ms, request unknown$/)
})

test('without a trace nothing is added to the client', async () => {
  expect(await call({ status: 200, body: '{}' }, false)).toEqual([])
})

describe('a request to GitHub', () => {
  const host = (): string => `127.0.0.1:${(server.address() as AddressInfo).port}`
  const tracing = (): { lines: string[]; trace: Trace } => {
    const lines: string[] = []
    let now = 0
    return { lines, trace: { clock: { now: () => (now += 17) }, write: (line) => lines.push(line) } }
  }
  const SECRETS = /token|bearer|hidden|audience|\?/i

  test.each<[string, typeof answer, string]>([
    ['an answer', { status: 200, body: '{}', id: '8F1C:2A' }, '200 in 17 ms, request 8F1C:2A'],
    ['a refusal', { status: 404, body: '{"message":"hidden"}', id: 'B-2' }, '404 in 17 ms, request B-2'],
    ['one without an id', { status: 200, body: '{}' }, '200 in 17 ms, request unknown']
  ])('is one line without its query: %s', async (_, given, expected) => {
    answer = given
    const { lines, trace } = tracing()
    await connectFetch({ trace })(`http://${host()}/repos/o/r/commits/abc?token=hidden`, {
      headers: { authorization: 'Bearer hidden' }
    })
    expect(lines).toEqual([`GET ${host()}/repos/o/r/commits/abc: ${expected}`])
    expect(lines.join('\n')).not.toMatch(SECRETS)
  })

  test('is one line for each redirect', async () => {
    answer = { status: 302, body: '', id: 'D-4', location: '/elsewhere?signature=hidden' }
    const { lines, trace } = tracing()
    await connectFetch({ trace })(`http://${host()}/repos/o/r`)
    expect(lines).toEqual([
      `GET ${host()}/repos/o/r: 302 in 17 ms, request D-4`,
      `GET ${host()}/elsewhere: 200 in 17 ms, request D-4`
    ])
  })

  test('that gets no answer names the fault', async () => {
    const { lines, trace } = tracing()
    const closed = 'http://user:hidden@127.0.0.1:1/repos'
    await expect(connectFetch({ trace })(closed)).rejects.toThrow()
    expect(lines).toEqual(['GET 127.0.0.1:1/repos: ECONNREFUSED (unknown-fate) in 17 ms, request unknown'])
  })

  test('for a token shows neither the token nor what it is requested with', async () => {
    answer = { status: 200, body: '{"value":"eyJhidden"}', id: 'C-3' }
    const { lines, trace } = tracing()
    const endpoint = { url: `http://${host()}/idtoken?api-version=2.0`, requestToken: 'hidden' }
    const clock = virtualClock()
    const connecting = { clock, trace, tell: () => undefined, told: new Map<string, number>() }
    expect(await connectTokens(endpoint, connecting)('sts.amazonaws.com')).toBe('eyJhidden')
    expect(lines).toEqual([`GET ${host()}/idtoken: 200 in 17 ms, request C-3`])
  })

  test('is not written without a trace', async () => {
    answer = { status: 200, body: '{}' }
    expect((await connectFetch({})(`http://${host()}/repos`)).status).toBe(200)
  })
})
