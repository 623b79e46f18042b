import { Readable } from 'node:stream'
import { S3Client } from '@aws-sdk/client-s3'
import { expect, test } from '@jest/globals'
import type { StoredLocation } from '../../src/domain/revision.js'
import { bundleStore } from '../../src/edge/bundle-store.js'
import { clientConfig, defaultTimeouts } from '../../src/edge/client-config.js'
import { virtualClock } from '../fakes/clock.js'

type Answer = [status: number, headers?: Record<string, string>, body?: string]

/** Pins one bundle in a bucket that gives these answers in turn. HEAD never has a body; a GET finds out the reason. */
const look = (answers: readonly Answer[], version?: string) => {
  const renewals: number[] = []
  let calls = 0
  const handle = () => {
    const [statusCode, headers = {}, text = ''] = answers[calls++] ?? [500]
    return Promise.resolve({ response: { statusCode, headers, body: Readable.from([Buffer.from(text)]) } })
  }
  const client = new S3Client({
    ...clientConfig('us-east-1', defaultTimeouts),
    credentials: { accessKeyId: 'AKIA', secretAccessKey: 'secret' },
    requestHandler: { handle } as never
  })
  const clock = virtualClock()
  const patience = { clock, patienceMs: 10_000, renewCredentials: () => renewals.push(calls) }
  const location: StoredLocation = { kind: 's3', bucket: 'bundles', key: 'web.zip', bundleType: 'zip' }
  const store = bundleStore(client, { bucket: 'bundles', patience })
  return {
    pin: store.pin(version === undefined ? location : { ...location, version }),
    renewals
  }
}

const THERE: Answer = [200, { etag: '"abc"', 'x-amz-version-id': 'v1' }]

/** A refusal of GET, which has a message. */
const refused = (code: string, status = 400): Answer => [status, {}, `<Error><Code>${code}</Code></Error>`]
const EXPIRED = refused('ExpiredToken')

test.each<[string, readonly Answer[], string | undefined, object | undefined, number[]]>([
  ['exists', [THERE], 'v1', { etag: '"abc"', version: 'v1' }, []],
  ['exists in a bucket without versions', [[200, { etag: '"abc"' }]], undefined, { etag: '"abc"' }, []],
  ['is gone', [[404]], undefined, undefined, []],
  ['is a delete marker', [[405]], 'v1', undefined, []],
  ['has a version id from another bucket', [[400], refused('InvalidArgument')], 'v1', undefined, []],
  [
    'is read with an expired token first',
    [[400], EXPIRED, THERE],
    'v1',
    { etag: '"abc"', version: 'v1' },
    [2]
  ],
  ['is gone and the token has expired', [[400], EXPIRED, [404]], 'v1', undefined, [2]]
])('a bundle %s', async (_, answers, version, expected, renewed) => {
  const { pin, renewals } = look(answers, version)
  await expect(pin).resolves.toEqual(expected)
  expect(renewals).toEqual(renewed)
})

test.each<[string, readonly Answer[], string]>([
  ['access is denied', [[403], refused('AccessDenied', 403)], 'AccessDenied'],
  ['new tokens are refused too', [[400], EXPIRED, [400], EXPIRED, [400], EXPIRED], 'ExpiredToken']
])('the error is thrown if %s', async (_, answers, name) => {
  await expect(look(answers).pin).rejects.toMatchObject({ name, operation: 'HeadObject' })
})
