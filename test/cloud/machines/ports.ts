import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/** Below the range outgoing connections take theirs from, so that load on the proxy never takes an application's port. */
const RANGE = [18_000, 32_000] as const
const given = new Set<number>()

/** A loopback port nobody listens on and no other machine of this process was given. */
export const freePort = async (): Promise<number> => {
  for (let tries = 0; tries < 200; tries += 1) {
    const port = randomInt(...RANGE)
    if (given.has(port) || !(await canListen(port))) continue
    given.add(port)
    return port
  }
  throw new Error(`No free port on 127.0.0.1 between ${RANGE.join(' and ')}`)
}

/** A machine that is gone needs its port no more. */
export const returnPort = (port: number): void => {
  given.delete(port)
}

const canListen = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
