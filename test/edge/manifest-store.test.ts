import { Readable } from 'node:stream'
import { constants, gunzipSync, gzipSync } from 'node:zlib'
import { S3Client } from '@aws-sdk/client-s3'
import { describe, expect, test } from '@jest/globals'
import { MOST_MANIFEST_BYTES, MOST_MANIFEST_TEXT } from '../../src/domain/manifest.js'
import { clientConfig, defaultTimeouts } from '../../src/edge/client-config.js'
import { manifestStore } from '../../src/edge/manifest-store.js'
import type { ManifestPlace } from '../../src/storage-port.js'
import { virtualClock } from '../fakes/clock.js'

interface Request {
  method: string
  path: string
  headers: Record<string, string>
  body?: Uint8Array | string
}
type Answer = [status: number, body?: string | Uint8Array, headers?: Record<string, string>]

/** A store whose bucket gives these answers in turn; `undefined` never answers. */
const storeWith = (answers: readonly (Answer | undefined)[], place: Partial<ManifestPlace> = {}) => {
  const requests: Request[] = []
  const handle = (request: Request, { abortSignal }: { abortSignal?: AbortSignal } = {}) => {
    const answer = answers[requests.length]
    requests.push(request)
    if (answer === undefined)
      return new Promise((_, reject) => {
        const abort = (): void => {
          reject(Object.assign(new Error('Request aborted'), { name: 'AbortError' }))
        }
        if (abortSignal?.aborted === true) abort()
        else abortSignal?.addEventListener('abort', abort)
      })
    const [statusCode, body = '', headers = {}] = answer
    const bytes = Buffer.from(body)
    return Promise.resolve({
      response: {
        statusCode,
        headers: { 'content-length': String(bytes.length), ...headers },
        body: Readable.from(bytes.length === 0 ? [] : [bytes])
      }
    })
  }
  const client = new S3Client({
    ...clientConfig('us-east-1', defaultTimeouts),
    credentials: { accessKeyId: 'AKIA', secretAccessKey: 'secret' },
    requestHandler: { handle } as never
  })
  const told: string[] = []
  const patience = { clock: virtualClock(), patienceMs: 20_000, tell: (line: string) => told.push(line) }
  const store = manifestStore(client, { region: 'us-east-1', bucket: 'bundles', ...place, patience })
  return { store, requests, told }
}

const error = (status: number, code: string): Answer => [
  status,
  `<Error><Code>${code}</Code><Message>because</Message></Error>`
]

const KEY = 'codedeploy/shop/manifests/x.zip.json.gz'

describe('writing', () => {
  test('sends it compressed, and never over one that is there', async () => {
    const { store, requests } = storeWith([[200]])
    await store.write(KEY, 'a manifest\n')
    const { method, path, headers, body = '' } = requests[0] ?? { method: '', path: '', headers: {} }
    expect([method, path]).toEqual(['PUT', `/${KEY}`])
    expect(headers).toMatchObject({ 'if-none-match': '*', 'content-type': 'application/gzip' })
    expect(headers['x-amz-server-side-encryption']).toBeUndefined()
    expect(gunzipSync(body).toString()).toBe('a manifest\n')
  })

  test('encrypts it as the bundle is encrypted, and only in the account that is expected', async () => {
    const kmsKeyId = 'arn:aws:kms:us-east-1:111122223333:key/1'
    const { store, requests } = storeWith([[200]], { kmsKeyId, expectedOwner: '111122223333' })
    await store.write(KEY, 'text')
    expect(requests[0]?.headers).toMatchObject({
      'x-amz-server-side-encryption': 'aws:kms',
      'x-amz-server-side-encryption-aws-kms-key-id': kmsKeyId,
      'x-amz-expected-bucket-owner': '111122223333'
    })
  })

  test.each([
    ['there is one already', 412, 'PreconditionFailed'],
    ['another run is writing the same', 409, 'ConditionalRequestConflict']
  ])('is done when %s', async (_, status, code) => {
    const { store, requests } = storeWith([error(status, code)])
    await store.write(KEY, 'text')
    expect(requests).toHaveLength(1)
  })

  test('is retried after a temporary failure, and a refusal is thrown', async () => {
    const passing = storeWith([error(503, 'SlowDown'), [200]])
    await passing.store.write(KEY, 'text')
    expect(passing.requests).toHaveLength(2)
    const { store } = storeWith([error(403, 'AccessDenied')])
    await expect(store.write(KEY, 'text')).rejects.toMatchObject({
      name: 'AccessDenied',
      operation: 'PutObject'
    })
  })
})

describe('reading', () => {
  test('unpacks it, in the account that is expected', async () => {
    const { store, requests } = storeWith([[200, gzipSync('a manifest\n')]], {
      expectedOwner: '111122223333'
    })
    expect(await store.read(KEY)).toBe('a manifest\n')
    expect(requests[0]).toMatchObject({
      method: 'GET',
      path: `/${KEY}`,
      headers: { 'x-amz-expected-bucket-owner': '111122223333' }
    })
  })

  test('there is none', async () => {
    expect(await storeWith([error(404, 'NoSuchKey')]).store.read(KEY)).toBeUndefined()
  })

  test('a bucket that does not exist is an error', async () => {
    await expect(storeWith([error(404, 'NoSuchBucket')]).store.read(KEY)).rejects.toMatchObject({
      name: 'NoSuchBucket',
      operation: 'GetObject'
    })
  })

  test('one that is too large is not even received', async () => {
    const length = { 'content-length': String(MOST_MANIFEST_BYTES + 1) }
    const { store, requests } = storeWith([[200, 'only the beginning', length]])
    await expect(store.read(KEY)).rejects.toThrow(
      `it has ${MOST_MANIFEST_BYTES + 1} bytes, more than ${MOST_MANIFEST_BYTES}`
    )
    expect(requests).toHaveLength(1)
  })

  test('one that is longer than its answer says is not read to its end', async () => {
    const length = { 'content-length': '10' }
    const { store } = storeWith([[200, Buffer.alloc(MOST_MANIFEST_BYTES + 1), length]])
    await expect(store.read(KEY)).rejects.toThrow(`it has more than ${MOST_MANIFEST_BYTES} bytes`)
  })

  test('a small one that unpacks to more than any manifest has is refused', async () => {
    // Members of gzip may follow each other, so that the bomb is made of small pieces.
    const piece = gzipSync(Buffer.alloc(16 * 1024 * 1024), { level: constants.Z_BEST_SPEED })
    const count = MOST_MANIFEST_TEXT / (16 * 1024 * 1024) + 1
    const bomb = Buffer.concat(Array.from({ length: count }, () => piece))
    expect(bomb.length).toBeLessThan(MOST_MANIFEST_BYTES)
    const { store } = storeWith([[200, bomb]])
    await expect(store.read(KEY)).rejects.toMatchObject({ code: 'ERR_BUFFER_TOO_LARGE' })
  })

  test.each([
    ['what is not compressed', 'plain text'],
    ['what is cut off', gzipSync('a manifest\n'.repeat(100)).subarray(0, 20)],
    ['nothing', '']
  ])('%s is refused', async (_, body) => {
    await expect(storeWith([[200, body]]).store.read(KEY)).rejects.toThrow()
  })

  test('ends when it is no longer wanted', async () => {
    const { store } = storeWith([undefined])
    const end = new AbortController()
    const reading = store.read(KEY, end.signal)
    const reason = new Error('no time')
    end.abort(reason)
    await expect(reading).rejects.toBe(reason)
  })
})
