import { lookup } from 'node:dns/promises'
import { HttpRequest } from '@smithy/core/protocols'
import { wordsOf } from '../domain/fault.js'
import type { Addresses } from '../preview-port.js'
import { connection } from './connection.js'

/** A load balancer answers at once, even if nothing behind it does. */
const LIMITS = { connectMs: 10_000, silenceMs: 10_000 }

/**
 * Asks an address as a visitor's browser does, but at the load balancer itself, so that the answer does not depend on how long DNS takes to know a new name. Its
 * certificate must be for the host.
 */
export const connectAddresses = (): Addresses => {
  const open = connection(LIMITS)
  return {
    resolves: async (host) => {
      try {
        await lookup(host)
        return true
      } catch {
        return false
      }
    },
    ask: async (address, via, signal) => {
      const { protocol, port, pathname, host } = new URL(address)
      const request = new HttpRequest({
        ...{ protocol, hostname: via, path: pathname, method: 'GET', headers: { host } },
        ...(port === '' ? {} : { port: Number(port) })
      })
      try {
        const { response } = await open.handle(request, { abortSignal: signal })
        // Only whether somebody answers matters, and a page may be large.
        ;(response.body as { destroy: () => void }).destroy()
        return { status: response.statusCode }
      } catch (error) {
        signal.throwIfAborted()
        return { problem: wordsOf(error) }
      }
    }
  }
}
