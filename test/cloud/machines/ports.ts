import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/** Below the range of outgoing connections, so that load on the proxy never takes an application's port. */
const RANGE = [18_000, 32_000] as const
const given = new Set<number>()

/** A free loopback port that no other machine of this process has. */
export const freePort = async (): Promise<number> => {
  for (let tries = 0; tries < 200; tries += 1) {
    const port = randomInt(...RANGE)
    if (given.has(port) || !(await canListen(port))) continue
    given.add(port)
    return port
  }
  throw new Error(`No free port on 127.0.0.1 between ${RANGE.join(' and ')}`)
}

/** Frees the port of a machine that is gone. */
export const returnPort = (port: number): void => {
  given.delete(port)
}

const canListen = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
