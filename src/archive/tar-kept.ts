/** Files near the root are likely scripts, which are looked at later; so many bytes of each are kept, up to a sum. */
const KEEP = { depth: 3, each: 65_536, sum: 33_554_432 }

/** Bytes of a file that are kept at most. */
export const KEPT_OF_EACH = KEEP.each

/** The starts of files that may be asked for again. */
export interface Kept {
  open(path: string, size: number): ((piece: Buffer) => void) | undefined
  read(path: string, limit: number): Buffer | undefined
  /** The start of a file that was too large, or too deep in the tree, to be kept at first. */
  put(path: string, start: Buffer): void
}

export const openKept = (): Kept => {
  const files = new Map<string, Buffer[]>()
  let sum = 0
  return {
    open: (path, size) => {
      files.delete(path)
      if (size > KEEP.each || path.split('/').length > KEEP.depth || sum + size > KEEP.sum) return undefined
      sum += size
      const pieces: Buffer[] = []
      files.set(path, pieces)
      return (piece) => pieces.push(Buffer.from(piece))
    },
    read: (path, limit) => {
      const pieces = files.get(path)
      return pieces === undefined ? undefined : Buffer.concat(pieces).subarray(0, limit)
    },
    put: (path, start) => files.set(path, [start])
  }
}
