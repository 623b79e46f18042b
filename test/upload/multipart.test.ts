import { describe, expect, test } from '@jest/globals'
import { crc32 } from '../../src/bundle/crc32.js'
import { UserError } from '../../src/errors.js'
import type { Body, ObjectStore } from '../../src/storage-port.js'
import { AT_ONCE, MOST_PARTS, partSize, uploadChunks } from '../../src/upload/multipart.js'
import { archiveOf, memoryStore, MIB, refusal } from './scene.js'

const object = { bucket: 'b', key: 'k.zip', contentType: 'application/zip', metadata: {}, tags: {} }
const upload = (sizes: readonly number[], store: ObjectStore, signal?: AbortSignal) => {
  const archive = archiveOf(sizes)
  return uploadChunks(archive.chunks(), { ...object, atMost: archive.atMost }, { store, signal })
}

describe('the part size', () => {
  const cases: [name: string, bytes: number, mebibytes: number][] = [
    ['an empty object', 0, 8],
    ['78 GiB', 78 * 1024 * MIB, 8],
    ['100 GiB', 100 * 1024 * MIB, 11],
    ['5 TiB', 5 * 1024 * 1024 * MIB, 525]
  ]
  test.each(cases)('for %s', (_, bytes, mebibytes) => {
    expect(partSize(bytes) / MIB).toBe(mebibytes)
    expect(bytes / partSize(bytes)).toBeLessThanOrEqual(MOST_PARTS)
  })
})

describe('an archive is sent', () => {
  test('in one request if it is small', async () => {
    const { store, calls } = memoryStore()
    expect(await upload([10, 20], store)).toEqual({ etag: '"e"', size: 30 })
    expect(calls).toEqual(['put 30'])
  })

  test('in parts that end with a chunk, the last one with the rest', async () => {
    const { store, calls } = memoryStore()
    await upload(
      Array.from({ length: 19 }, () => MIB),
      store
    )
    expect(calls).toEqual([
      'begin',
      `part 1 ${8 * MIB}`,
      `part 2 ${8 * MIB}`,
      `part 3 ${3 * MIB}`,
      `finish 1 2 3 of ${19 * MIB}`
    ])
  })

  test('byte for byte, in small and large chunks, with a CRC for each part and for the whole', async () => {
    const sizes = [100, 2 * MIB, 3, 700_000, 5 * MIB, 1, 2, 3 * MIB, 400_000, 9]
    const sent: { body: Buffer; crc: number }[] = []
    const keep = ({ pieces, crc }: Body) => sent.push({ body: Buffer.concat(pieces), crc })
    let wholeCrc = 0
    const { store } = memoryStore({
      part: (_, number, body) => {
        keep(body)
        return Promise.resolve({ number, etag: '' })
      },
      finish: (_, _parts, whole) => {
        wholeCrc = whole.crc
        return Promise.resolve({ etag: '' })
      }
    })
    await upload(sizes, store)
    const expected = archiveOf(sizes).bytes
    expect(Buffer.concat(sent.map(({ body }) => body)).equals(expected)).toBe(true)
    expect(sent.map(({ body }) => crc32(body))).toEqual(sent.map(({ crc }) => crc))
    expect(wholeCrc).toBe(crc32(expected))
  })

  test('in parallel parts, but no more of them than fit in memory', async () => {
    let open = 0
    let most = 0
    const { store } = memoryStore({
      part: async (_, number) => {
        most = Math.max(most, ++open)
        await new Promise(setImmediate)
        open--
        return { number, etag: '' }
      }
    })
    await upload(
      Array.from({ length: 200 }, () => MIB),
      store
    )
    expect(most).toBe(AT_ONCE)
  })
})

describe('no parts are left behind after the failure of', () => {
  const failing = async (
    overrides: Partial<ObjectStore>,
    work: (store: ObjectStore) => Promise<unknown> = (store) =>
      upload(
        Array.from({ length: 20 }, () => MIB),
        store
      )
  ) => {
    const { store, calls } = memoryStore(overrides)
    const error: unknown = await work(store).catch((reason: unknown) => reason)
    return { error, calls }
  }

  test('a part', async () => {
    const gone = refusal('InternalError', 500)
    const { error, calls } = await failing({
      part: (_, number) => (number === 2 ? Promise.reject(gone) : Promise.resolve({ number, etag: '' }))
    })
    expect(error).toBe(gone)
    expect(calls).toEqual(['begin', 'abort'])
  })

  test('the completion', async () => {
    const taken = refusal('PreconditionFailed', 412)
    const { error, calls } = await failing({ finish: () => Promise.reject(taken) })
    expect(error).toBe(taken)
    expect(calls.at(-1)).toBe('abort')
  })

  test('the archive, while parts are being sent: the abort waits for them', async () => {
    const changed = new UserError('a changed', '')
    const archive = archiveOf(
      Array.from({ length: 20 }, () => MIB),
      { broken: { after: 18, error: changed } }
    )
    const story: string[] = []
    const { error } = await failing(
      {
        part: async (_, number) => {
          for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
          story.push(`part ${number}`)
          return { number, etag: '' }
        },
        abort: () => {
          story.push('abort')
          return Promise.resolve()
        }
      },
      (store) => uploadChunks(archive.chunks(), { ...object, atMost: archive.atMost }, { store })
    )
    expect(error).toBe(changed)
    expect(story).toEqual(['part 1', 'part 2', 'abort'])
  })

  test('a canceled run', async () => {
    const canceled = new AbortController()
    const { error, calls } = await failing(
      {
        part: (_, number) => {
          canceled.abort(new Error('canceled'))
          return Promise.resolve({ number, etag: '' })
        }
      },
      (store) =>
        upload(
          Array.from({ length: 40 }, () => MIB),
          store,
          canceled.signal
        )
    )
    expect(error).toEqual(new Error('canceled'))
    expect(calls).toEqual(['begin', 'abort'])
  })

  test('the abort too: the error has the command that removes the parts', async () => {
    const { error } = await failing({
      finish: () => Promise.reject(refusal('InternalError', 500, 'We failed.')),
      abort: () => Promise.reject(refusal('AccessDenied', 403, 'Not you.'))
    })
    expect(error).toBeInstanceOf(UserError)
    expect((error as UserError).message).toBe(
      'We failed. The multipart upload could not be aborted either: Not you.'
    )
    expect((error as UserError).hint).toContain(
      'aws s3api abort-multipart-upload --bucket b --key k.zip --upload-id id'
    )
  })
})
