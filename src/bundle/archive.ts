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
