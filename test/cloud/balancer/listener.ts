import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ListenerPlane, Reply, TargetGroupPlane, Visit } from '../contract.js'
import { forward } from './proxy.js'
import type { Choose } from './proxy.js'

/** The request as the conditions of rules see it. */
const visitOf = ({ method = 'GET', url = '/', headers, socket }: IncomingMessage): Visit => {
  const [path = '/', ...query] = url.split('?')
  return {
    method,
    host: (headers.host ?? '').replace(/:\d+$/, '').toLowerCase(),
    path,
    query: [...new URLSearchParams(query.join('?'))],
    headers,
    source: (socket.remoteAddress ?? '').replace(/^::ffff:/, '')
  }
}

const answerFixed = (answer: ServerResponse, reply: Exclude<Reply, { type: 'forward' }>): void => {
  if (reply.type === 'redirect') answer.writeHead(reply.status, { location: reply.location }).end()
  else answer.writeHead(reply.status, { 'content-type': reply.contentType }).end(reply.body)
}

/** An HTTP server on a free loopback port; `reply` decides about each request, `choose` picks a target of a group. */
export const listen = async (
  reply: (visit: Visit) => Reply,
  choose: (group: TargetGroupPlane) => Choose
): Promise<ListenerPlane> => {
  const server = createServer((visitor, answer) => {
    const decided = reply(visitOf(visitor))
    if (decided.type === 'forward') void forward(visitor, answer, choose(decided.group))
    else {
      visitor.resume()
      answerFixed(answer, decided)
    }
  })
  // A visitor's idle connection stays open as long as with an Application Load Balancer.
  server.keepAliveTimeout = 60_000
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
  }
}
