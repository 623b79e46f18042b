import type { Archive, ArchiveProgress, Chunk } from './archive.js'

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
