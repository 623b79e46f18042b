import { ArchiveError } from './defects.js'

/** A stream of bytes taken in exact lengths. */
export interface Blocks {
  position(): number
  take(length: number): Promise<Buffer>
  /** Lets so many bytes pass by `use`. */
  pass(length: number, use?: (piece: Buffer) => void): Promise<void>
}

export const openBlocks = (pieces: AsyncIterable<Buffer>): Blocks => {
  const iterator = pieces[Symbol.asyncIterator]()
  let rest: Buffer = Buffer.alloc(0)
  let position = 0
  const next = async (length: number): Promise<Buffer> => {
    while (rest.length === 0) {
      const step = await iterator.next()
      if (step.done === true) return Buffer.alloc(0)
      rest = step.value
    }
    const piece = rest.subarray(0, length)
    rest = rest.subarray(piece.length)
    position += piece.length
    return piece
  }
  const pass = async (length: number, use?: (piece: Buffer) => void): Promise<void> => {
    for (let left = length; left > 0;) {
      const piece = await next(left)
      if (piece.length === 0) throw new ArchiveError('it ends in the middle of an entry; it was cut')
      use?.(piece)
      left -= piece.length
    }
  }
  const take = async (length: number): Promise<Buffer> => {
    const kept: Buffer[] = []
    for (let left = length; left > 0;) {
      const piece = await next(left)
      if (piece.length === 0) break
      kept.push(piece)
      left -= piece.length
    }
    return Buffer.concat(kept)
  }
  return { position: () => position, take, pass }
}
