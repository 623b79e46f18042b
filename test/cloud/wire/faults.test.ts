import { CodeDeployClient, ListApplicationsCommand } from '@aws-sdk/client-codedeploy'
import { ListBucketsCommand } from '@aws-sdk/client-s3'
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { FAULT_KINDS, parseFault } from '../faults.js'
import { startCloud, type Cloud } from '../start.js'
import { administrator, clientsOf, refusalOf } from './clients.js'

let cloud: Cloud
beforeAll(async () => {
  cloud = await startCloud({ scripted: true, instances: 1, timeScale: 10_000 })
})
afterEach(() => {
  cloud.faults.clear()
})
afterAll(() => cloud.stop())

const list = (signal?: AbortSignal): Promise<unknown> =>
  clientsOf(cloud).codedeploy.send(
    new ListApplicationsCommand({}),
    signal === undefined ? {} : { abortSignal: signal }
  )

describe('the spec of a fault', () => {
  test.each([
    ['PutObject:throttle', { operation: 'PutObject', kind: 'throttle', left: 1, skip: 0 }],
    ['*:hang:3', { operation: '*', kind: 'hang', left: 3, skip: 0 }],
    [
      'GetDeployment:503-html:forever:2',
      { operation: 'GetDeployment', kind: '503-html', left: Infinity, skip: 2 }
    ]
  ])('%s', (spec, fault) => {
    expect(parseFault(spec)).toEqual(fault)
  })

  test.each(['', 'PutObject', 'PutObject:explode', 'PutObject:throttle:often', 'Put Object:throttle'])(
    '"%s" is refused with its text',
    (spec) => {
      expect(() => parseFault(spec)).toThrow(`"${spec}"`)
    }
  )
})

describe('what a client of CodeDeploy sees of', () => {
  test.each([
    ['throttle', 'ThrottlingException'],
    ['throttle-legacy', 'Throttling'],
    ['500-json', 'InternalFailure'],
    ['503-html', 'SyntaxError'],
    ['503-empty', 'Unknown'],
    ['reset-before', 'Error'],
    ['reset-after', 'Error'],
    ['truncate', 'Error'],
    ['expired-token', 'ExpiredTokenException'],
    ['clock-skew', 'InvalidSignatureException'],
    ['access-denied', 'AccessDeniedException'],
    ['slow-drip', 'none']
  ])('%s', async (kind, name) => {
    cloud.faults.add(`ListApplications:${kind}`)
    expect(await refusalOf(list())).toBe(name)
    expect(await refusalOf(list())).toBe('none')
  })

  test('hang', async () => {
    cloud.faults.add('ListApplications:hang')
    const controller = new AbortController()
    const call = refusalOf(list(controller.signal))
    while (cloud.requests.at(-1)?.fault !== 'hang') await new Promise((resolve) => setImmediate(resolve))
    controller.abort()
    expect(await call).toBe('AbortError')
    expect(cloud.requests.at(-1)).toMatchObject({ operation: 'ListApplications', status: 0 })
  })
})

test.each([
  ['ListBuckets', 'throttle', 'SlowDown'],
  ['ListBuckets', 'slow-down', 'SlowDown'],
  ['ListBuckets', 'expired-token', 'ExpiredToken'],
  ['ListBuckets', 'clock-skew', 'RequestTimeTooSkewed'],
  ['ListBuckets', 'conflict-409', 'ConditionalRequestConflict'],
  ['ListBuckets', 'precondition-412', 'PreconditionFailed'],
  ['GetCallerIdentity', 'throttle', 'Throttling'],
  ['GetCallerIdentity', 'expired-token', 'ExpiredToken'],
  ['GetCallerIdentity', 'access-denied', 'AccessDenied']
])('%s under %s is %s', async (operation, kind, name) => {
  cloud.faults.add(`${operation}:${kind}`)
  const { s3, sts } = clientsOf(cloud)
  const call =
    operation === 'ListBuckets'
      ? s3.send(new ListBucketsCommand({}))
      : sts.send(new GetCallerIdentityCommand({}))
  expect(await refusalOf(call)).toBe(name)
})

test('a fault can wait and repeat, and then is used up', async () => {
  cloud.faults.add('ListApplications:throttle:2:1')
  const seen: string[] = []
  for (let call = 0; call < 4; call++) seen.push(await refusalOf(list()))
  expect(seen).toEqual(['none', 'ThrottlingException', 'ThrottlingException', 'none'])
})

test('a client with a wrong clock learns the time and succeeds', async () => {
  cloud.faults.add('ListApplications:clock-skew:forever')
  const options = { endpoint: cloud.url, region: 'ap-northeast-2', credentials: administrator(cloud) }
  const client = new CodeDeployClient(options)
  expect(await refusalOf(client.send(new ListApplicationsCommand({})))).toBe('none')
})

test('other processes can use the faults and the request log', async () => {
  const faults = `${cloud.url}/_cloud/faults`
  const planned = await fetch(faults, {
    method: 'POST',
    body: 'ListApplications:throttle\nPutObject:hang:forever\n'
  })
  expect(await planned.json()).toMatchObject([
    { kind: 'throttle', left: 1 },
    { kind: 'hang', left: 'forever' }
  ])
  const refused = await fetch(faults, { method: 'POST', body: 'PutObject:explode' })
  expect(refused.status).toBe(400)
  expect(await refused.json()).toEqual({ message: expect.stringContaining(FAULT_KINDS.join(', ')) })
  await list().catch(() => undefined)
  const log = (await (await fetch(`${cloud.url}/_cloud/requests`)).json()) as unknown[]
  expect(log.at(-1)).toMatchObject({
    service: 'codedeploy',
    operation: 'ListApplications',
    status: 400,
    fault: 'throttle'
  })
  expect(await (await fetch(faults, { method: 'DELETE' })).json()).toEqual([])
})
