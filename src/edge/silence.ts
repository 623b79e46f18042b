import { readFileSync } from 'node:fs'
import type { Agent } from 'node:http'
import { Socket } from 'node:net'

/**
 * Cuts a pool's connections on which nothing has flowed for `silenceMs` during a request. How long the request takes does not
 * matter: a slow connection is not a silent one.
 */
export const cutSilent = (pool: Agent, silenceMs: number): void => {
  const connect = pool.createConnection.bind(pool)
  const reuse = pool.reuseSocket.bind(pool)
  const isIdle = (socket: Socket): boolean =>
    Object.values(pool.freeSockets).some((sockets) => sockets?.includes(socket))
  pool.createConnection = (...given) => {
    const socket = connect(...given)
    if (socket instanceof Socket) watch(socket, silenceMs, isIdle)
    return socket
  }
  // Node stops the timer of an idle connection.
  pool.reuseSocket = (socket, request) => {
    reuse(socket, request)
    if (socket instanceof Socket) socket.setTimeout(silenceMs / TICKS)
  }
}

/** How many times a silent connection is checked before it is cut. */
const TICKS = 2

const watch = (socket: Socket, silenceMs: number, isIdle: (socket: Socket) => boolean): void => {
  const tickMs = silenceMs / TICKS
  let last: Counters = { read: 0, written: 0, onTheWay: undefined }
  let silent = 0
  socket.setTimeout(tickMs)
  socket.on('timeout', () => {
    if (isIdle(socket)) return
    const now = countersOf(socket)
    silent = ticksOf(silent, last, now)
    last = now
    if (silent < TICKS) socket.setTimeout(tickMs)
    else socket.destroy(silence(silenceMs))
  })
}

const LITTLE = 64 * 1024

interface Counters {
  read: number
  written: number
  /** Bytes that the other side has not acknowledged; undefined where the system does not say. */
  onTheWay: number | undefined
}

const countersOf = (socket: Socket): Counters => ({
  read: socket.bytesRead,
  written: socket.bytesWritten,
  // Less than this leaves within a tick on any connection, and reading the table takes long on a busy machine.
  onTheWay: socket.bytesWritten < LITTLE ? undefined : onTheWay(socket)
})

/** Node restarts its timer when it reads or writes, so one tick has passed since then; the kernel may have sent just now. */
const ticksOf = (silent: number, last: Counters, now: Counters): number => {
  if (now.read !== last.read || now.written !== last.written) return 1
  return (now.onTheWay ?? 0) < (last.onTheWay ?? 0) ? 0 : silent + 1
}

/**
 * Node only sees bytes go to the kernel, which buffers megabytes: on a slow connection that looks like a minute of silence. Linux
 * shows how many the kernel still has (proc_pid_net(5), `tx_queue`); elsewhere only Node's counters decide.
 */
const onTheWay = ({ localPort, remotePort, localFamily }: Socket): number | undefined => {
  if (process.platform !== 'linux' || localPort === undefined || remotePort === undefined) return undefined
  const line = new RegExp(`:${hex(localPort)} [0-9A-F]+:${hex(remotePort)} [0-9A-F]{2} ([0-9A-F]{8}):`)
  try {
    const table = readFileSync(localFamily === 'IPv6' ? '/proc/net/tcp6' : '/proc/net/tcp', 'latin1')
    const [, queued] = line.exec(table) ?? []
    return queued === undefined ? undefined : parseInt(queued, 16)
  } catch {
    // Some containers hide the table.
    return undefined
  }
}

const hex = (port: number): string => port.toString(16).toUpperCase().padStart(4, '0')

const silence = (ms: number): Error =>
  Object.assign(new Error(`no data sent or received for ${ms / 1000} s`), {
    name: 'TimeoutError',
    code: 'ETIMEDOUT'
  })
