import { HttpRequest, type HttpResponse } from '@smithy/core/protocols'
import { aborting } from './client-config.js'
import type { Connection } from './connection.js'
import { type Trace, tracedRequest } from './trace.js'

/** The part of `fetch` that GitHub's client needs. */
export type Fetch = (url: string, options?: FetchOptions) => Promise<Response>

export interface FetchOptions {
  method?: string
  headers?: Record<string, string>
  body?: string
  signal?: AbortSignal | undefined
}

const MOST_REDIRECTS = 5
const MOVED = new Set([301, 302, 307, 308])
const WITHOUT_BODY = new Set([204, 205, 304])

/**
 * A fetch over the same connections as the SDK's clients. Node's own ignores proxies in Node 20, and says only `fetch failed`
 * when a connection fails. With a trace, each request is written, redirects too.
 */
export const fetchOver =
  (connection: Connection, trace?: Trace): Fetch =>
  async (first, asked = {}) => {
    let url = new URL(first)
    let given = asked
    for (let redirects = 0; ; redirects++) {
      const { response, text } = await tracedRequest(
        { method: given.method ?? 'GET', url },
        () => send(url, given, connection),
        trace
      )
      const next = redirects < MOST_REDIRECTS ? nextUrl(response, url, given) : undefined
      if (next === undefined) return answered(response, text)
      if (next.origin !== url.origin) given = withoutToken(given)
      url = next
    }
  }

const send = async (
  url: URL,
  given: FetchOptions,
  connection: Connection
): Promise<{ response: HttpResponse; text: string }> => {
  const { response } = await connection.handle(requestOf(url, given), aborting(given.signal))
  return { response, text: await read(response.body as AsyncIterable<Uint8Array>) }
}

const requestOf = (
  { protocol, hostname, port, pathname, search }: URL,
  { method = 'GET', headers = {}, body }: FetchOptions
): HttpRequest =>
  new HttpRequest({
    ...{ protocol, hostname, method, headers, body },
    ...(port === '' ? {} : { port: Number(port) }),
    path: `${pathname}${search}`
  })

const nextUrl = (
  { statusCode, headers }: HttpResponse,
  url: URL,
  { method = 'GET' }: FetchOptions
): URL | undefined => {
  const { location } = headers
  return method === 'GET' && MOVED.has(statusCode) && location !== undefined
    ? new URL(location, url)
    : undefined
}

/** A redirect must not carry the token to another host. */
const withoutToken = (options: FetchOptions): FetchOptions => ({
  ...options,
  headers: Object.fromEntries(
    Object.entries(options.headers ?? {}).filter(([name]) => name.toLowerCase() !== 'authorization')
  )
})

const answered = ({ statusCode, headers }: HttpResponse, text: string): Response =>
  new Response(WITHOUT_BODY.has(statusCode) ? null : text, { status: statusCode, headers })

const read = async (body: AsyncIterable<Uint8Array>): Promise<string> => {
  const pieces: Uint8Array[] = []
  for await (const piece of body) pieces.push(piece)
  return Buffer.concat(pieces).toString('utf8')
}
