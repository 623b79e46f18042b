import { factsOf } from './fault.js'

/** What went wrong at a proxy for one request. */
export interface ProxyTrouble {
  /** `host:port` of the proxy. */
  proxy: string
  /** The environment variable that names it. */
  variable: string
  /** The requested `host:port`. */
  target: string
  /** The HTTP status of its answer, if it gave one. */
  status?: number
  cause?: unknown
}

const REASONS: Record<number, string> = {
  403: 'Forbidden',
  407: 'Proxy Authentication Required',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout'
}

/** A request that did not get past its proxy. It keeps the code of its cause, and is recognized by its name. */
export const proxyError = (trouble: ProxyTrouble): Error => {
  const { proxy, variable, target, status, cause } = trouble
  const facts = factsOf(cause)
  const named = `The proxy ${proxy} (${variable})`
  const words =
    status === undefined
      ? `${named} did not connect to ${target}: ${facts.message}`
      : `${named} refused ${target}: HTTP ${status}${REASONS[status] === undefined ? '' : ` ${REASONS[status]}`}`
  return Object.assign(new Error(words, { cause }), {
    name: 'ProxyError',
    ...{ proxy, proxyVariable: variable, target },
    ...(status === undefined ? { code: facts.code } : { proxyStatus: status })
  })
}
