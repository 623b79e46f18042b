/** A piece of an archive, ready to be sent. */
export interface Chunk {
  bytes: Uint8Array
  /** CRC-32 of the bytes. */
  crc: number
  /** Call this when the bytes are no longer needed: their memory is reused. */
  release: () => void
}

/** Progress of an archive. */
export interface ArchiveProgress {
  files: number
  /** Bytes of the files packed so far. */
  bytesIn: number
  /** Bytes of the archive written so far. */
  bytesOut: number
}

/** Something that can be stored: it gives its chunks in order, each time they are requested. */
export interface Archive {
  /** SHA-256 (hex) of the tree in it. */
  contentHash: string
  /** Upper bound of its size in bytes. */
  atMost: number
  chunks(progress?: (state: ArchiveProgress) => void): AsyncIterable<Chunk>
}

/**
 * The same archive, but it starts packing now, as far ahead as the pool allows, so its first chunks are ready once S3 turns
 * out to need them. Only the first call of `chunks` gets these; later ones start over.
 */
export const early = (archive: Archive): Archive => {
  let tell: ((state: ArchiveProgress) => void) | undefined
  const pieces = archive.chunks((state) => tell?.(state))[Symbol.asyncIterator]()
  const first = pieces.next()
  // Whoever reads the chunks gets the failure; if nobody does, it does not matter.
  first.catch(() => undefined)
  let begun: Begun | undefined = { first, pieces }
  return {
    ...archive,
    chunks: (progress) => {
      if (begun === undefined) return archive.chunks(progress)
      tell = progress
      const resumed = resume(begun)
      begun = undefined
      return resumed
    }
  }
}

interface Begun {
  first: Promise<IteratorResult<Chunk>>
  pieces: AsyncIterator<Chunk>
}

async function* resume({ first, pieces }: Begun): AsyncGenerator<Chunk> {
  try {
    for (let next = await first; next.done !== true; next = await pieces.next()) yield next.value
  } finally {
    await pieces.return?.()
  }
}
