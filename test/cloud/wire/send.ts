import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Answer, Call } from './call.js'

const identify = (call: Call): Record<string, string> =>
  call.protocol === 's3'
    ? { 'x-amz-request-id': call.id, 'x-amz-id-2': 'local' }
    : { [call.protocol === 'github' ? 'x-github-request-id' : 'x-amzn-requestid']: call.id }

const asStream = (body: Answer['body']): Readable =>
  body instanceof Readable ? body : Readable.from([Buffer.from(body ?? '')])

const lengthOf = (answer: Answer): number =>
  answer.body instanceof Readable ? (answer.length ?? 0) : Buffer.byteLength(answer.body ?? '')

/** Service milliseconds between two pieces of a dripping answer, and the number of pieces. */
const DRIP = { pause: 1000, pieces: 30 }

type Pause = (ms: number) => Promise<void>

async function* drip(source: Readable, length: number, pause: Pause): AsyncGenerator<Buffer> {
  const step = Math.max(1, Math.ceil(length / DRIP.pieces))
  for await (const chunk of source as AsyncIterable<Buffer>) {
    for (let start = 0; start < chunk.length; start += step) {
      await pause(DRIP.pause)
      yield chunk.subarray(start, start + step)
    }
  }
}

async function* half(source: Readable, length: number): AsyncGenerator<Buffer> {
  let left = Math.floor(length / 2)
  for await (const chunk of source as AsyncIterable<Buffer>) {
    yield chunk.subarray(0, left)
    left -= Math.min(left, chunk.length)
    if (left === 0) return
  }
}

/** Sends an answer, dripping or truncated if a fault says so. Resolves when it is sent or the peer is gone. */
export const send = async (
  call: Call,
  response: ServerResponse,
  { answer, pause, date }: { answer: Answer; pause: Pause; date: number }
): Promise<void> => {
  const length = lengthOf(answer)
  response.sendDate = false
  response.writeHead(answer.status, {
    date: new Date(date).toUTCString(),
    server: call.protocol === 's3' ? 'AmazonS3' : 'local',
    // HEAD has the content length of what a GET would send.
    ...(answer.status === 204 || answer.status === 304 ? {} : { 'content-length': String(length) }),
    ...identify(call),
    ...answer.headers
  })
  if (call.request.method === 'HEAD') return void response.end()
  const source = asStream(answer.body)
  // An answer without a body cannot be truncated, and its client keeps using the connection.
  if (call.fault === 'truncate' && length > 0) {
    response.flushHeaders()
    for await (const chunk of half(source, length)) response.write(chunk)
    // The first half is flushed before the connection is closed.
    return void setTimeout(() => response.destroy(), 20)
  }
  const stream = call.fault === 'slow-drip' ? drip(source, length, pause) : source
  await pipeline(stream, response).catch(() => response.destroy())
}
