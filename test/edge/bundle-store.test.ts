import { Readable } from 'node:stream'
import { S3Client } from '@aws-sdk/client-s3'
import { expect, test } from '@jest/globals'
import type { StoredLocation } from '../../src/domain/revision.js'
import { bundleStore } from '../../src/edge/bundle-store.js'
import { clientConfig, defaultTimeouts } from '../../src/edge/clients.js'
import { virtualClock } from '../fakes/clock.js'

type Answer = [status: number, headers?: Record<string, string>]

/** Looks at one bundle in a bucket that answers so, one answer after the other; HEAD never has a body. */
const look = (answers: readonly Answer[], version?: string) => {
  const renewals: number[] = []
  let calls = 0
  const handle = () => {
    const [statusCode, headers = {}] = answers[calls++] ?? [500]
    return Promise.resolve({ response: { statusCode, headers, body: Readable.from([]) } })
  }
  const client = new S3Client({
    ...clientConfig('us-east-1', defaultTimeouts),
    credentials: { accessKeyId: 'AKIA', secretAccessKey: 'secret' },
    requestHandler: { handle } as never
  })
  const clock = virtualClock()
  const patience = { clock, patienceMs: 0, renewCredentials: () => renewals.push(calls) }
  const location: StoredLocation = { kind: 's3', bucket: 'bundles', key: 'web.zip', bundleType: 'zip' }
  const store = bundleStore(client, { bucket: 'bundles', patience })
  return {
    pin: store.pin(version === undefined ? location : { ...location, version }),
    renewals
  }
}

const THERE: Answer = [200, { etag: '"abc"', 'x-amz-version-id': 'v1' }]

test.each<[string, readonly Answer[], string | undefined, object | undefined]>([
  ['is there', [THERE], 'v1', { etag: '"abc"', version: 'v1' }],
  ['is there in a bucket without versions', [[200, { etag: '"abc"' }]], undefined, { etag: '"abc"' }],
  ['is gone', [[404]], undefined, undefined],
  ['is a delete marker', [[405]], 'v1', undefined],
  ['had a version id of another bucket', [[400], [400]], 'v1', undefined],
  ['was asked for with an expired token', [[400], THERE], 'v1', { etag: '"abc"', version: 'v1' }],
  ['is gone, and the token had expired', [[400], [404]], 'v1', undefined]
])('a bundle %s', async (_, answers, version, expected) => {
  const { pin, renewals } = look(answers, version)
  await expect(pin).resolves.toEqual(expected)
  expect(renewals).toEqual(answers.length > 1 ? [1] : [])
})

test.each<[string, readonly Answer[]]>([
  ['it may not be looked at', [[403]]],
  ['the request is bad and no version is to blame', [[400], [400]]]
])('is no verdict when %s', async (_, answers) => {
  await expect(look(answers).pin).rejects.toMatchObject({ $metadata: { httpStatusCode: answers[0]?.[0] } })
})
