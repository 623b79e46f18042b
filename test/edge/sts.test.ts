import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { defaultTimeouts } from '../../src/edge/client-config.js'
import { sts } from '../../src/edge/sts.js'
import { START, virtualClock } from '../fakes/clock.js'

type Answer = readonly [status: number, body: string]

let server: Server
let answers: Answer[] = []
let bodies: URLSearchParams[] = []

beforeAll(async () => {
  server = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk: Buffer) => (text += chunk.toString()))
    request.on('end', () => {
      bodies.push(new URLSearchParams(text))
      const [status, body] = (answers.length > 1 ? answers.shift() : answers[0]) ?? [500, '']
      response.writeHead(status, { 'content-type': 'text/xml' }).end(body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  process.env['AWS_ENDPOINT_URL_STS'] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(() => {
  bodies = []
})
afterAll(async () => {
  delete process.env['AWS_ENDPOINT_URL_STS']
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const GRANTED: Answer = [
  200,
  `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>session</SessionToken><Expiration>2026-01-01T01:00:00Z</Expiration></Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`
]
const refused = (status: number, code: string, message = 'words'): Answer => [
  status,
  `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>1</RequestId></ErrorResponse>`
]

const assume = async (...given: Answer[]) => {
  answers = given
  const clock = virtualClock()
  const told: string[] = []
  const service = sts('us-east-1', defaultTimeouts, {
    clock,
    patienceMs: 60_000,
    tell: (sentence) => told.push(sentence)
  })
  const request = {
    roleArn: 'arn:aws:iam::123456789012:role/deploy',
    sessionName: 'run',
    durationSeconds: 900,
    token: 'a.b.c'
  }
  const result: unknown = await service.assumeRole(request).catch((error: unknown) => error)
  return { result, told, waitedMs: clock.now() - START }
}

describe('AssumeRoleWithWebIdentity', () => {
  test('is called with only the token and returns credentials with their expiration', async () => {
    const { result } = await assume(GRANTED)
    expect(result).toMatchObject({
      accessKeyId: 'ASIA',
      secretAccessKey: 'secret',
      sessionToken: 'session',
      expiration: new Date('2026-01-01T01:00:00Z')
    })
    expect(Object.fromEntries(bodies[0] ?? [])).toMatchObject({
      Action: 'AssumeRoleWithWebIdentity',
      RoleSessionName: 'run',
      DurationSeconds: '900',
      WebIdentityToken: 'a.b.c'
    })
  })

  test.each<[string, Answer]>([
    ['throttling', refused(400, 'Throttling', 'Rate exceeded')],
    ['a 500', refused(500, 'InternalFailure')],
    ['an empty 503', [503, '']],
    [
      'keys that could not be fetched',
      refused(
        400,
        'InvalidIdentityToken',
        "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements"
      )
    ],
    ['an unreachable identity provider', refused(400, 'IDPCommunicationError')]
  ])('%s is temporary', async (_, fault) => {
    const { result, told } = await assume(fault, fault, GRANTED)
    expect(result).toMatchObject({ accessKeyId: 'ASIA' })
    expect(told).toHaveLength(2)
  })

  test.each<[string, Answer]>([
    ['AccessDenied', refused(403, 'AccessDenied', 'Not authorized to perform sts:AssumeRoleWithWebIdentity')],
    [
      'no provider',
      refused(400, 'InvalidIdentityToken', 'No OpenIDConnect provider found in your account for x')
    ],
    ['another audience', refused(400, 'InvalidIdentityToken', 'Incorrect token audience')],
    [
      'too long',
      refused(
        400,
        'ValidationError',
        'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.'
      )
    ],
    ['an old token', refused(400, 'ExpiredTokenException', 'Token expired')]
  ])('%s is final at once', async (_, fault) => {
    const { result, told, waitedMs } = await assume(fault)
    expect(result).toBeInstanceOf(Error)
    expect([bodies.length, told.length, waitedMs]).toEqual([1, 0, 0])
  })
})
