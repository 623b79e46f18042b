/** A piece of an archive on its way out. */
export interface Chunk {
  bytes: Uint8Array
  /** CRC-32 of the bytes. */
  crc: number
  /** To be called when the bytes are not needed anymore: their memory is used again. */
  release: () => void
}

/** How far an archive has come. */
export interface ArchiveProgress {
  files: number
  /** Bytes of the files that went in. */
  bytesIn: number
  /** Bytes of the archive that came out. */
  bytesOut: number
}

/** Something that can be stored: its chunks in order, as often as they are asked for. */
export interface Archive {
  /** SHA-256 (hex) over the tree in it. */
  contentHash: string
  /** The archive has at most so many bytes. */
  atMost: number
  chunks(progress?: (state: ArchiveProgress) => void): AsyncIterable<Chunk>
}

/**
 * The same archive, whose first pieces are being made from now on, as many as may lie ready at once: so they are there when S3 has
 * said that it wants them. If it doesn't, they are dropped. Made again, the archive begins when it is asked for.
 */
export const early = (archive: Archive): Archive => {
  let tell: ((state: ArchiveProgress) => void) | undefined
  const pieces = archive.chunks((state) => tell?.(state))[Symbol.asyncIterator]()
  const first = pieces.next()
  // A failure is told when the archive is asked for; a run that ends before does not need it.
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
