import type { Agent, ClientRequest } from 'node:http'
import { isIP, type Socket } from 'node:net'
import { checkServerIdentity, type PeerCertificate } from 'node:tls'
import { HttpProxyAgent } from 'http-proxy-agent'
import { HttpsProxyAgent } from 'https-proxy-agent'
import { proxyError } from '../domain/proxy-error.js'
import type { Proxy } from './proxy.js'

/** The options of a pool of connections. */
export interface Pool {
  keepAlive: true
  maxSockets: number
}

/** A pool of connections through a proxy: a tunnel each for `https:`, plain requests for `http:`. */
export const proxyAgent = (
  proxy: Proxy,
  pool: Pool,
  { secure, connectMs }: { secure: boolean; connectMs: number }
): Agent => {
  // The library writes the proxy's URL to its debug output, so the password goes into a header instead.
  const headers: Record<string, string> =
    proxy.authorization === undefined ? {} : { 'Proxy-Authorization': proxy.authorization }
  const agent = secure
    ? new HttpsProxyAgent(proxy.url, { ...pool, headers })
    : new HttpProxyAgent(proxy.url, { ...pool, headers })
  // The library reads this from the call stack, which does not have it when the request waited for a free connection.
  agent.isSecureEndpoint = () => secure
  const connect = agent.connect.bind(agent) as Connect
  const connectWithin: Connect = async (request, options) => {
    const trouble = { proxy: proxy.name, variable: proxy.variable, target: targetOf(options) }
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(), connectMs)
    agent.connectOpts = { ...agent.connectOpts, signal: late.signal }
    let status = 200
    request.once('proxyConnect', ({ statusCode }: { statusCode?: number }) => {
      status = statusCode ?? 200
    })
    try {
      const socket = await connect(request, forAddress(options))
      if (status === 200) return socket
      socket.destroy()
    } catch (error) {
      const cause = late.signal.aborted ? noAnswer(connectMs) : error
      throw proxyError({ ...trouble, cause })
    } finally {
      clearTimeout(timer)
    }
    throw proxyError({ ...trouble, status })
  }
  return Object.assign(agent, { connect: connectWithin })
}

type Target = Parameters<HttpsProxyAgent<string>['connect']>[1]
type Connect = (request: ClientRequest, options: Target) => Promise<Socket>

const targetOf = ({ host, port }: Target): string => `${host ?? 'an unnamed host'}:${port}`

/** The library leaves out a tunnel's host, and an IP address has no server name: its certificate would be checked against localhost. */
const forAddress = (options: Target): Target =>
  isIP(options.host ?? '') === 0
    ? options
    : Object.assign({}, options, {
        checkServerIdentity: (_: string, shown: PeerCertificate) =>
          checkServerIdentity(options.host ?? '', shown)
      })

const noAnswer = (connectMs: number): Error =>
  Object.assign(new Error(`no answer within ${connectMs} ms`), { code: 'ETIMEDOUT' })
