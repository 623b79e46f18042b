import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { ServiceError } from '../contract.js'
import type { Call } from './call.js'
import { readsOwnBody, route } from './route.js'

const MAX_SMALL_BODY = 1 << 20

const readBody = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_SMALL_BODY)
      throw new ServiceError('RequestEntityTooLarge', 'The request is too large.', 413)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** A request as a call: routed, and with its body unless S3 streams it. Throws ServiceError if the body is too large. */
export const readCall = async (request: IncomingMessage): Promise<Call> => {
  const [path, query] = splitOnce(request.url ?? '/')
  // In an S3 query `+` is only a plus sign if it is escaped; URLSearchParams reads it as a space, as S3 does.
  const call: Call = {
    id: randomUUID(),
    request,
    protocol: 's3',
    service: '',
    operation: '',
    path,
    query: new URLSearchParams(query),
    body: Buffer.alloc(0)
  }
  if (!readsOwnBody(call)) call.body = await readBody(request)
  return Object.assign(call, route(call))
}

const splitOnce = (url: string): [string, string] => {
  const mark = url.indexOf('?')
  return mark < 0 ? [url, ''] : [url.slice(0, mark), url.slice(mark + 1)]
}
