import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { CodeDeployClient, GetDeploymentCommand } from '@aws-sdk/client-codedeploy'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { clientConfig, defaultTimeouts } from '../../src/edge/client-config.js'
import { traced } from '../../src/edge/trace.js'
import { broken } from '../fakes/nouns.js'

let server: Server
let answer: { status: number; body: string; id?: string } = { status: 200, body: '{}' }

beforeAll(async () => {
  server = createServer((request, response) => {
    request.resume()
    response
      .writeHead(answer.status, answer.id === undefined ? {} : { 'x-amzn-requestid': answer.id })
      .end(answer.body)
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
