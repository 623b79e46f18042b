import { createServer, Socket, type Server, type SocketConstructorOpts } from 'node:net'
import { answerTo, type Answer, type Asked, type Bucket } from './sink-answers.js'

/** How slow a sink is: not at all, or like a real connection to S3. */
export interface Slowness {
  /** Added to every answer, in milliseconds. */
  latencyMs: number
  /** Bytes per second on one connection; Infinity for no limit. */
  bytesPerSecond: number
}

export const UNLIMITED: Slowness = { latencyMs: 0, bytesPerSecond: Number.POSITIVE_INFINITY }

/** A body up to this size is read; a larger one is only counted. */
const READ_BODIES_TO = 1024 * 1024

/**
 * A server that receives uploads and throws them away, faster than anything can produce them. It supports the HTTP that the
 * benchmark's clients use: one request after another on a connection, with Content-Length.
 */
export const sink = (slowness: Slowness): Server => {
  const bucket: Bucket = { objects: new Map(), uploads: new Map() }
  return createServer({ noDelay: true, pauseOnConnect: true }, (accepted) => {
    serve(accepted, bucket, slowness)
  })
}

/**
 * The same connection, always read into the same buffer. Node otherwise allocates one for every read, which doubles the sink's
 * time. A server has no option for it, so this takes over the handle.
 */
const reusing = (accepted: Socket, take: (data: Buffer) => void): Socket => {
  const { _handle: handle } = accepted as Socket & { _handle: unknown }
  const options = {
    handle,
    onread: {
      buffer: Buffer.allocUnsafeSlow(64 * 1024),
      callback: (count: number, buffer: Uint8Array) => {
        take(Buffer.from(buffer.buffer, buffer.byteOffset, count))
        return true
      }
    }
  }
  return new Socket(options as SocketConstructorOpts)
}

interface Pending {
  asked: Asked
  left: number
  kept: Buffer[]
}

const serve = (accepted: Socket, bucket: Bucket, { latencyMs, bytesPerSecond }: Slowness): void => {
  let head = Buffer.alloc(0)
  let pending: Pending | undefined
  let earliest = 0

  const finish = ({ asked, kept }: Pending): void => {
    const text = render(answerTo({ ...asked, body: Buffer.concat(kept) }, bucket), asked.method)
    if (latencyMs === 0) socket.write(text)
    else setTimeout(() => socket.write(text), latencyMs)
  }
  const takeBody = (data: Buffer): Buffer => {
    if (pending === undefined) return data
    const taken = data.subarray(0, pending.left)
    pending.left -= taken.length
    if (pending.asked.length <= READ_BODIES_TO) pending.kept.push(Buffer.from(taken))
    if (pending.left === 0) {
      finish(pending)
      pending = undefined
    }
    return data.subarray(taken.length)
  }
  const takeHead = (data: Buffer): Buffer => {
    head = Buffer.concat([head, data])
    const end = head.indexOf('\r\n\r\n')
    if (end < 0) return Buffer.alloc(0)
    const asked = parse(head.subarray(0, end).toString('latin1'))
    const rest = head.subarray(end + 4)
    head = Buffer.alloc(0)
    if (asked.headers['expect'] !== undefined) socket.write('HTTP/1.1 100 Continue\r\n\r\n')
    pending = { asked, left: asked.length, kept: [] }
    if (asked.length > 0) return rest
    finish(pending)
    pending = undefined
    return rest
  }

  const socket = reusing(accepted, (data) => {
    let rest = data
    while (rest.length > 0) rest = pending === undefined ? takeHead(rest) : takeBody(rest)
    if (bytesPerSecond === Number.POSITIVE_INFINITY) return
    const now = performance.now()
    earliest = Math.max(earliest, now) + (1000 * data.length) / bytesPerSecond
    if (earliest - now < 2) return
    socket.pause()
    setTimeout(() => socket.resume(), earliest - now)
  })
  socket.on('error', () => socket.destroy())
  socket.on('end', () => socket.end())
  socket.resume()
}

const parse = (head: string): Asked => {
  const [first = '', ...lines] = head.split('\r\n')
  const [method = '', target = ''] = first.split(' ')
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
    })
  )
  const [path = '', query = ''] = target.split('?')
  const length = Number(headers['content-length'] ?? 0)
  return { method, path, query: new URLSearchParams(query), headers, length, body: Buffer.alloc(0) }
}

const render = ({ status, headers, body }: Answer, method: string): string => {
  const lines = Object.entries({ 'content-length': String(Buffer.byteLength(body)), ...headers })
  return [
    `HTTP/1.1 ${status} ${status < 300 ? 'OK' : 'No'}`,
    ...lines.map(([name, value]) => `${name}: ${value}`),
    '',
    method === 'HEAD' ? '' : body
  ].join('\r\n')
}
