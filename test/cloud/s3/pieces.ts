import { createReadStream } from 'node:fs'
import { S3Refusal } from '../wire/refusal.js'

/** A range of a file on disk. An object is one of them, or several if it was uploaded in parts. Files never change. */
export interface Piece {
  path: string
  offset: number
  size: number
}

/** `bytes=a-b`, `bytes=a-` or `bytes=-n` of an object; undefined for any other header (S3 then sends everything). */
export const parseRange = (
  text: string | undefined,
  size: number
): { start: number; end: number } | undefined => {
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(text ?? '') ?? []
  if (from === '' && to === '') return undefined
  const start = from === '' ? Math.max(0, size - Number(to)) : Number(from)
  const end = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1)
  if (start >= size || start > end) {
    const detail = { RangeRequested: text ?? '', ActualObjectSize: String(size) }
    throw new S3Refusal(
      { code: 'InvalidRange', message: 'The requested range is not satisfiable', status: 416 },
      { detail, headers: { 'content-range': `bytes */${size}` } }
    )
  }
  return { start, end }
}

/** The ranges of the pieces that make up a range of the whole. */
export const slicePieces = (pieces: readonly Piece[], start: number, end: number): Piece[] => {
  const found: Piece[] = []
  let position = 0
  for (const piece of pieces) {
    const from = Math.max(start, position)
    const to = Math.min(end + 1, position + piece.size)
    if (from < to) found.push({ path: piece.path, offset: piece.offset + from - position, size: to - from })
    position += piece.size
  }
  return found
}

/** The bytes of pieces, one after another. */
export async function* readPieces(pieces: readonly Piece[]): AsyncGenerator<Buffer> {
  for (const { path, offset, size } of pieces) {
    if (size > 0)
      yield* createReadStream(path, { start: offset, end: offset + size - 1 }) as AsyncIterable<Buffer>
  }
}
