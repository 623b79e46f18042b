import { createHash, type Hash } from 'node:crypto'
import { Transform, type TransformCallback } from 'node:stream'
import { ServiceError } from '../contract.js'
import { chunkSignature, sha256 } from './signature.js'

/** What is needed to verify chunk signatures; absent for unsigned streams. */
export interface ChunkKey {
  key: Buffer
  date: string
  scope: string
  /** The signature of the request's headers, the first link of the chain. */
  seed: string
}

const refuse = (message: string): ServiceError => new ServiceError('IncompleteBody', message)

/**
 * Decodes an `aws-chunked` body (`size[;chunk-signature=…]`, data, … `0`, trailers) as it streams, and verifies the signature
 * of every chunk and of the trailer if the stream is signed. `trailers` is complete once the stream has ended.
 */
export class ChunkedBody extends Transform {
  readonly trailers: Record<string, string> = {}
  private buffer: Buffer = Buffer.alloc(0)
  private state: 'head' | 'data' | 'gap' | 'trailer' | 'end' = 'head'
  private left = 0
  private declared = ''
  private previous: string
  private hash: Hash = createHash('sha256')
  private readonly chunkKey: ChunkKey | undefined

  constructor(chunkKey?: ChunkKey) {
    super()
    this.chunkKey = chunkKey
    this.previous = chunkKey?.seed ?? ''
  }

  override _transform(data: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.buffer = this.buffer.length === 0 ? data : Buffer.concat([this.buffer, data])
    try {
      while (this.step());
      done()
    } catch (error) {
      done(error as Error)
    }
  }

  override _flush(done: TransformCallback): void {
    done(this.state === 'end' ? null : refuse('The request body terminated unexpectedly'))
  }

  /** One step of the grammar; false if it needs more bytes. */
  private step(): boolean {
    if (this.state === 'data') return this.data()
    if (this.state === 'end') return false
    const line = this.line()
    if (line === undefined) return false
    if (this.state === 'head') this.head(line)
    else if (this.state === 'gap') this.state = 'head'
    else this.trailer(line)
    return true
  }

  private line(): string | undefined {
    const end = this.buffer.indexOf('\r\n')
    if (end < 0) return undefined
    const line = this.buffer.toString('latin1', 0, end)
    this.buffer = this.buffer.subarray(end + 2)
    return line
  }

  private head(line: string): void {
    const [, size, signature = ''] = /^([0-9a-fA-F]+)(?:;chunk-signature=([0-9a-f]{64}))?$/.exec(line) ?? []
    if (size === undefined) throw refuse(`Malformed chunk head: ${line.slice(0, 80)}`)
    this.left = parseInt(size, 16)
    this.declared = signature
    this.hash = createHash('sha256')
    if (this.left === 0) this.seal()
    this.state = this.left === 0 ? 'trailer' : 'data'
  }

  private data(): boolean {
    if (this.buffer.length === 0) return false
    const piece = this.buffer.subarray(0, this.left)
    this.buffer = this.buffer.subarray(piece.length)
    this.left -= piece.length
    if (this.chunkKey !== undefined) this.hash.update(piece)
    this.push(piece)
    if (this.left > 0) return false
    this.seal()
    this.state = 'gap'
    return true
  }

  private seal(): void {
    if (this.chunkKey !== undefined) this.compare('PAYLOAD', this.hash.digest('hex'), this.declared)
  }

  private trailer(line: string): void {
    if (line === '') return void (this.state = 'end')
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).toLowerCase()
    const value = line.slice(colon + 1).trim()
    if (name !== 'x-amz-trailer-signature') return void (this.trailers[name] = value)
    const canonical = Object.entries(this.trailers).map((pair) => `${pair.join(':')}\n`)
    if (this.chunkKey !== undefined) this.compare('TRAILER', sha256(canonical.join('')), value)
  }

  private compare(kind: 'PAYLOAD' | 'TRAILER', hash: string, given: string): void {
    if (this.chunkKey === undefined) return
    const { key, date, scope } = this.chunkKey
    const expected = chunkSignature(key, { kind, date, scope, previous: this.previous, hash })
    if (expected !== given) {
      throw new ServiceError(
        'SignatureDoesNotMatch',
        `The ${kind.toLowerCase()} signature of a chunk does not match.`,
        403
      )
    }
    this.previous = expected
  }
}
