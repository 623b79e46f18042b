import { request } from 'node:http'
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { Target } from './target.js'

/** Chooses the next target that was not yet tried for this request. */
export type Choose = (tried: ReadonlySet<Target>) => Target | undefined

/** Headers that apply to a single connection (RFC 9110, 7.6.1). */
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade'
]
const IDLE_TIMEOUT_MS = 60_000

/**
 * Forwards one visitor's request to a target. It tries another target if no connection could be opened, or if the connection
 * ended before the answer began and the request can be repeated; so visitors do not notice a target that leaves.
 */
export const forward = async (
  visitor: IncomingMessage,
  answer: ServerResponse,
  choose: Choose
): Promise<void> => {
  const tried = new Set<Target>()
  const repeatable = isRepeatable(visitor)
  for (;;) {
    const target = choose(tried)
    if (target === undefined) {
      refuse(answer, tried.size === 0 ? 503 : 502)
      return
    }
    tried.add(target)
    target.open += 1
    const end = await attempt(visitor, answer, { target, repeatable })
    target.open -= 1
    if (target.open === 0) target.whenIdle?.()
    if (end === 'timed-out') refuse(answer, 504)
    if (end === 'lost' && !repeatable) refuse(answer, 502)
    if (end !== 'unreached' && !(end === 'lost' && repeatable)) return
  }
}

const isRepeatable = ({ method = '', headers }: IncomingMessage): boolean =>
  ['GET', 'HEAD', 'OPTIONS'].includes(method) && !hasBody(headers)

const hasBody = (headers: IncomingHttpHeaders): boolean =>
  headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0'

/** `unreached`: nothing was sent. `lost`: the connection ended before the answer began. */
type End = 'done' | 'unreached' | 'lost' | 'timed-out'

const attempt = (
  visitor: IncomingMessage,
  answer: ServerResponse,
  { target, repeatable }: { target: Target; repeatable: boolean }
): Promise<End> =>
  new Promise((resolve) => {
    let sent = false
    const upstream = request({
      ...target.machine.address,
      method: visitor.method,
      path: visitor.url,
      headers: passedOn(visitor),
      // A body cannot be sent twice, so it is never sent on a connection that may be closing.
      agent: repeatable ? target.connections : false
    })
    const leave = () => upstream.destroy()
    const end = (how: End) => {
      answer.off('close', leave)
      resolve(how)
    }
    answer.once('close', leave)
    upstream.setTimeout(IDLE_TIMEOUT_MS, () => {
      end('timed-out')
      upstream.destroy()
    })
    upstream.once('response', (response) => relay(response, answer, () => end('done')))
    upstream.on('error', () =>
      end(answer.destroyed || answer.headersSent ? 'done' : sent ? 'lost' : 'unreached')
    )
    onceConnected(upstream, () => {
      sent = true
      if (hasBody(visitor.headers)) visitor.pipe(upstream)
      else upstream.end()
    })
  })

const onceConnected = (upstream: ClientRequest, act: () => void): void => {
  upstream.once('socket', (socket) => {
    if (socket.connecting) socket.once('connect', act)
    else act()
  })
}

const relay = (response: IncomingMessage, answer: ServerResponse, done: () => void): void => {
  answer.writeHead(response.statusCode ?? 502, response.statusMessage, endToEnd(response.headers))
  response.on('error', () => answer.destroy())
  response.pipe(answer)
  response.once('end', done)
  response.once('close', () => {
    if (!response.complete) answer.destroy()
    done()
  })
}

const endToEnd = (headers: IncomingHttpHeaders): IncomingHttpHeaders =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.includes(name)))

const passedOn = (visitor: IncomingMessage): IncomingHttpHeaders => {
  const before = visitor.headers['x-forwarded-for']
  const from = visitor.socket.remoteAddress ?? ''
  return {
    ...endToEnd(visitor.headers),
    'x-forwarded-for': before === undefined ? from : `${String(before)}, ${from}`,
    'x-forwarded-proto': 'http',
    'x-forwarded-port': String(visitor.socket.localPort ?? '')
  }
}

const REFUSALS = { 502: 'Bad Gateway', 503: 'Service Temporarily Unavailable', 504: 'Gateway Time-out' }

const refuse = (answer: ServerResponse, status: keyof typeof REFUSALS): void => {
  if (answer.destroyed || answer.headersSent) return
  const text = `${status} ${REFUSALS[status]}`
  answer.writeHead(status, { 'content-type': 'text/html' })
  answer.end(
    `<html>\n<head><title>${text}</title></head>\n<body>\n<center><h1>${text}</h1></center>\n</body>\n</html>\n`
  )
}
