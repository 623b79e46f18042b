import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { HttpRequest, HttpResponse } from '@smithy/core/protocols'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { factsOf } from '../domain/fault.js'
import { proxyError } from '../domain/proxy-error.js'
import { proxyFor, type Proxy } from './proxy.js'
import type { Pool } from './proxy-agent.js'
import { cutSilent } from './silence.js'

/** Milliseconds after which a connection counts as lost. */
export interface Limits {
  connectMs: number
  /** With no data sent or received. */
  silenceMs: number
}

/** The request handler of the SDK's clients and of the fetch in fetch.ts. */
export interface Connection {
  metadata: { handlerProtocol: string }
  handle: NodeHttpHandler['handle']
  destroy: () => void
  updateHttpClientConfig: () => void
  httpHandlerConfigs: () => object
}

/** The SDK's own limit of connections to one host. */
const POOL: Pool = { keepAlive: true, maxSockets: 50 }

/**
 * The only way out of this process: each request goes directly or through the proxy that the environment sets for its URL, and
 * fails when nothing flows. There is no limit on a whole request, because a large one takes long on a slow connection.
 */
export const connection = (limits: Limits, env: NodeJS.ProcessEnv = process.env): Connection => {
  const handlers = new Map<string, Promise<NodeHttpHandler>>()
  const handlerFor = (proxy: Proxy | undefined, secure: boolean): Promise<NodeHttpHandler> => {
    const key = `${proxy?.url.href ?? ''} ${String(secure)}`
    const handler = handlers.get(key) ?? openHandler(proxy, secure, limits)
    handlers.set(key, handler)
    return handler
  }
  return {
    metadata: { handlerProtocol: 'http/1.1' },
    handle: async (request, options) => {
      const proxy = proxyFor(urlOf(request), env)
      const handler = await handlerFor(proxy, request.protocol === 'https:')
      const answer = handler.handle(request, options)
      return proxy === undefined ? answer : judged(answer, request, proxy)
    },
    destroy: () => {
      for (const handler of handlers.values()) void handler.then((open) => open.destroy())
    },
    updateHttpClientConfig: () => undefined,
    httpHandlerConfigs: () => ({})
  }
}

const openHandler = async (
  proxy: Proxy | undefined,
  secure: boolean,
  { connectMs, silenceMs }: Limits
): Promise<NodeHttpHandler> => {
  const agent =
    proxy === undefined
      ? new (secure ? HttpsAgent : HttpAgent)(POOL)
      : (await import(/* webpackMode: "eager" */ './proxy-agent.js')).proxyAgent(proxy, POOL, {
          secure,
          connectMs
        })
  cutSilent(agent, silenceMs)
  return new NodeHttpHandler({
    // A proxy's agent has its own limit, and its error names the proxy.
    ...(proxy === undefined ? { connectionTimeout: connectMs } : {}),
    [secure ? 'httpsAgent' : 'httpAgent']: agent
  })
}

const hostOf = ({ hostname, port, protocol }: HttpRequest): string =>
  `${hostname}:${port ?? (protocol === 'https:' ? 443 : 80)}`

const urlOf = (request: HttpRequest): URL => new URL(`${request.protocol}//${hostOf(request)}`)

/** Names the proxy in an error that occurred behind it. */
const judged = async (
  answer: Promise<{ response: HttpResponse }>,
  request: HttpRequest,
  { name, variable }: Proxy
): Promise<{ response: HttpResponse }> => {
  try {
    const { response } = await answer
    if (!isProxysOwn(response, request)) return { response }
    ;(response.body as { destroy?: () => void }).destroy?.()
    throw proxyError({ proxy: name, variable, target: hostOf(request), status: response.statusCode })
  } catch (error) {
    throw throughProxy(error, name)
  }
}

const throughProxy = (error: unknown, name: string): unknown =>
  typeof error === 'object' && error !== null && Object.isExtensible(error) && factsOf(error).proxy === ''
    ? Object.assign(error, { proxy: name })
    : error

const REFUSALS = new Set([403, 407, 502, 503, 504])

/** In a tunnel only the service answers. A plain request may be answered by the proxy, whose answers have no request id. */
const isProxysOwn = ({ statusCode, headers }: HttpResponse, { protocol }: HttpRequest): boolean =>
  protocol === 'http:' &&
  (statusCode === 407 ||
    (REFUSALS.has(statusCode) && !Object.keys(headers).some((name) => /request-?id|-id-2$/i.test(name))))
