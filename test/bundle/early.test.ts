import { describe, expect, test } from '@jest/globals'
import { type Archive, type Chunk, early } from '../../src/bundle/archive.js'

/** An archive that records when it starts and ends. */
const archiveOf = (pieces: readonly (string | Error)[]) => {
  const story: string[] = []
  async function* chunks(): AsyncGenerator<Chunk> {
    story.push('begin')
    try {
      for (const piece of pieces) {
        await Promise.resolve()
        if (piece instanceof Error) throw piece
        yield { bytes: Buffer.from(piece), crc: 0, release: () => undefined }
      }
    } finally {
      story.push('end')
    }
  }
  const archive: Archive = { contentHash: '', atMost: 0, chunks: () => chunks() }
  return { archive: early(archive), story }
}

const read = async (archive: Archive): Promise<string> => {
  const pieces: string[] = []
  for await (const { bytes } of archive.chunks()) pieces.push(Buffer.from(bytes).toString())
  return pieces.join(' ')
}

describe('an archive that starts early', () => {
  test('starts before it is read, gives every chunk, and starts over each further time', async () => {
    const { archive, story } = archiveOf(['one', 'two', 'three'])
    expect(story).toEqual(['begin'])
    expect(await read(archive)).toBe('one two three')
    expect(story).toEqual(['begin', 'end'])
    expect(await read(archive)).toBe('one two three')
    expect(story).toEqual(['begin', 'end', 'begin', 'end'])
  })

  test('reports a failure only to its reader', async () => {
    const { archive } = archiveOf([new Error('a changed')])
    await new Promise(setImmediate)
    await expect(read(archive)).rejects.toThrow('a changed')
  })

  test('is closed when its reader stops early', async () => {
    const { archive, story } = archiveOf(['one', 'two', 'three'])
    for await (const { bytes } of archive.chunks()) {
      expect(Buffer.from(bytes).toString()).toBe('one')
      break
    }
    expect(story).toEqual(['begin', 'end'])
  })
})
