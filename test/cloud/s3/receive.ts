import { createHash, type Hash } from 'node:crypto'
import { open, rm, type FileHandle } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { ServiceError } from '../contract.js'
import type { Principal } from '../wire/authenticate.js'
import { header, type Call } from '../wire/call.js'
import { ChunkedBody } from '../wire/chunked.js'
import { signingKey } from '../wire/signature.js'
import {
  ALGORITHMS,
  checksumHeader,
  createChecksum,
  parseAlgorithm,
  type Algorithm,
  type RunningChecksum
} from './checksum.js'
import type { Piece } from './pieces.js'
import type { Store } from './store.js'

/** A verified body on disk. */
export interface Received {
  piece: Piece
  md5: string
  checksum?: { algorithm: Algorithm; value: string }
}

const bad = (code: string, message: string): ServiceError => new ServiceError(code, message)

/** The algorithm that the client announces: by the checksum itself, by the trailer's name, or explicitly. */
const announced = (call: Call): Algorithm | undefined =>
  ALGORITHMS.find((one) => header(call, checksumHeader(one)) !== undefined) ??
  ALGORITHMS.find(
    (one) => header(call, 'x-amz-trailer')?.toLowerCase().includes(checksumHeader(one)) === true
  ) ??
  parseAlgorithm(header(call, 'x-amz-sdk-checksum-algorithm'))

interface Body {
  stream: Readable
  trailers: Record<string, string>
}

/** The body without its aws-chunked encoding, if it has one; signed chunks are verified as they arrive. */
const unwrap = (call: Call, principal: Principal): Body => {
  const payload = header(call, 'x-amz-content-sha256') ?? ''
  if (!payload.startsWith('STREAMING-')) return { stream: call.request, trailers: {} }
  const { signature, key } = principal
  const chain = {
    key: signingKey(key.secretAccessKey, signature.scope),
    date: signature.date,
    scope: signature.scope,
    seed: signature.signature
  }
  if (/^STREAMING-AWS4-ECDSA/.test(payload)) {
    throw new ServiceError('NotImplemented', 'SigV4A chunk signatures cannot be verified here.', 501)
  }
  const chunked = new ChunkedBody(payload.startsWith('STREAMING-UNSIGNED') ? undefined : chain)
  call.request.on('error', (error) => chunked.destroy(error))
  call.request.on('aborted', () => chunked.destroy(new Error('aborted')))
  return { stream: call.request.pipe(chunked), trailers: chunked.trailers }
}

interface Meters {
  md5: Hash
  sha256?: Hash
  checksum?: RunningChecksum
}

const write = async (file: FileHandle, stream: Readable, meters: Meters): Promise<number> => {
  let size = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    meters.md5.update(chunk)
    meters.sha256?.update(chunk)
    meters.checksum?.update(chunk)
    await file.writev([chunk])
    size += chunk.length
  }
  return size
}

const checkPayload = (call: Call, sha256: Hash | undefined): void => {
  if (sha256 !== undefined && sha256.digest('hex') !== header(call, 'x-amz-content-sha256')) {
    throw bad(
      'XAmzContentSHA256Mismatch',
      "The provided 'x-amz-content-sha256' header does not match what was computed."
    )
  }
}

const checkMd5 = (call: Call, md5: Buffer): void => {
  const given = header(call, 'content-md5')
  if (given !== undefined && given !== md5.toString('base64')) {
    throw bad('BadDigest', 'The Content-MD5 you specified did not match what we received.')
  }
}

const checkLength = (call: Call, size: number): void => {
  const declared = header(call, 'x-amz-decoded-content-length')
  if (declared !== undefined && Number(declared) !== size) {
    throw bad(
      'IncompleteBody',
      'You did not provide the number of bytes specified by the Content-Length HTTP header'
    )
  }
}

const checkChecksum = (given: string | undefined, algorithm: Algorithm, computed: string): void => {
  if (given !== undefined && given !== computed) {
    throw bad('BadDigest', `The ${algorithm} you specified did not match the calculated checksum.`)
  }
}

/** Streams a body to disk and verifies length, payload hash, Content-MD5 and checksum; keeps nothing if one of them is wrong. */
export const receive = async (
  call: Call,
  principal: Principal,
  store: Store,
  fallback?: Algorithm
): Promise<Received> => {
  const path = store.newFile()
  const algorithm = announced(call) ?? fallback
  const meters: Meters = { md5: createHash('md5') }
  if (/^[0-9a-f]{64}$/.test(header(call, 'x-amz-content-sha256') ?? '')) meters.sha256 = createHash('sha256')
  if (algorithm !== undefined) meters.checksum = createChecksum(algorithm)
  const file = await open(path, 'w')
  try {
    const body = unwrap(call, principal)
    const size = await write(file, body.stream, meters)
    const md5 = meters.md5.digest()
    checkLength(call, size)
    checkPayload(call, meters.sha256)
    checkMd5(call, md5)
    const received = { piece: { path, offset: 0, size }, md5: md5.toString('hex') }
    if (algorithm === undefined || meters.checksum === undefined) return received
    const value = meters.checksum.digest()
    checkChecksum(
      header(call, checksumHeader(algorithm)) ?? body.trailers[checksumHeader(algorithm)],
      algorithm,
      value
    )
    return { ...received, checksum: { algorithm, value } }
  } catch (error) {
    await rm(path, { force: true })
    throw error
  } finally {
    await file.close()
  }
}
