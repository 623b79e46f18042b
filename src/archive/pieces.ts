/** The first bytes of a stream of pieces; the rest is not read. */
export const head = async (pieces: AsyncIterable<Buffer>, limit: number): Promise<Buffer> => {
  const kept: Buffer[] = []
  let size = 0
  for await (const piece of pieces) {
    kept.push(piece.subarray(0, limit - size))
    size += piece.length
    if (size >= limit) break
  }
  return Buffer.concat(kept)
}
