import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { ServiceError, type CloudClock } from '../contract.js'
import { faultRefusal, SKEW, type FaultKind, type Faults } from '../faults.js'
import type { Answer, Call, RequestRecord } from './call.js'
import { refusal } from './refusal.js'
import { readCall } from './read-call.js'
import { send } from './send.js'

export interface WireOptions {
  clock: CloudClock
  faults: Faults
  /** Gets every call except those to the cloud's own control endpoint. */
  requests: RequestRecord[]
  /** Does the work of a call; if it throws a ServiceError, that becomes a refusal in the caller's protocol. */
  serve: (call: Call, now: number) => Answer | Promise<Answer>
  /** Holds a stepped clock still while a call is served. */
  hold?: () => () => void
  /** Advances a stepped clock: time passes for a client that waits for a hung or dripping answer. */
  pass?: (ms: number) => Promise<void>
  /** The clock that clients sign by, where it is not that of this machine. */
  wall?: (() => number) | undefined
  /** Where an error of the cloud itself is reported. */
  warn: (text: string) => void
}

export interface Wire {
  url: string
  port: number
  close(): Promise<void>
}

const HTML =
  '<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n</body></html>\n'

/**
 * Answers from the infrastructure in front of a service, which have no protocol (docs/service.md, reference 7.1: HTML and empty
 * 5xx).
 */
const frontAnswers: Partial<Record<FaultKind, Answer>> = {
  '503-html': { status: 503, headers: { 'content-type': 'text/html' }, body: HTML },
  '503-empty': { status: 503, body: '' }
}

const recordOf = (call: Call, time: number): RequestRecord => ({
  time,
  service: call.service,
  operation: call.operation,
  status: 0,
  bytes: Number(
    call.request.headers['content-length'] ?? call.request.headers['x-amz-decoded-content-length'] ?? 0
  ),
  method: call.request.method ?? '',
  path: call.request.url ?? '',
  ...(call.fault === undefined ? {} : { fault: call.fault })
})

const work = async (call: Call, options: WireOptions, now: number): Promise<Answer> => {
  const planned = call.fault === undefined ? undefined : faultRefusal(call.fault, call.protocol)
  if (planned !== undefined) return refusal(call, planned)
  const front = call.fault === undefined ? undefined : frontAnswers[call.fault]
  if (front !== undefined) return front
  try {
    return await options.serve(call, now)
  } catch (error) {
    if (error instanceof ServiceError) return refusal(call, error)
    if (!call.request.destroyed || call.request.complete) {
      options.warn(
        `${call.service} ${call.operation}: ${error instanceof Error ? (error.stack ?? '') : String(error)}`
      )
    }
    return refusal(
      call,
      new ServiceError('InternalFailure', 'The local cloud failed; its log says why.', 500)
    )
  }
}

const reset = (socket: Socket): void => {
  socket.resetAndDestroy()
}

/** How long, in service time, a client waits for an answer that does not come. */
const HANG_MS = 20_000

/** `release` lets a held clock continue before the answer is sent. */
const exchange = async (
  call: Call,
  { response, release }: { response: ServerResponse; release: () => void },
  options: WireOptions
): Promise<void> => {
  const fault = call.protocol === 'cloud' ? undefined : options.faults.take(call.operation)
  if (fault !== undefined) call.fault = fault
  const record = recordOf(call, options.clock.now())
  if (call.protocol !== 'cloud') options.requests.push(record)
  if (fault === 'hang') {
    void options.pass?.(HANG_MS)
    return
  }
  if (fault === 'reset-before') {
    reset(call.request.socket)
    return
  }
  const isOff = fault === 'clock-skew' || options.faults.isClockOff()
  const now = (options.wall ?? Date.now)() + (isOff ? SKEW : 0)
  const answer = await work(call, options, now)
  if (call.caller !== undefined) record.caller = call.caller.arn
  if (fault === 'reset-after') {
    reset(call.request.socket)
    return
  }
  record.status = answer.status
  if (fault === 'slow-drip') release()
  const pause = options.pass ?? ((ms: number) => options.clock.sleep(ms))
  await send(call, response, { answer, pause, date: now })
}

const handler =
  (options: WireOptions) =>
  (request: IncomingMessage, response: ServerResponse): void => {
    const release = options.hold?.() ?? (() => undefined)
    const run = async (): Promise<void> => exchange(await readCall(request), { response, release }, options)
    request.on('error', () => response.destroy())
    run()
      .catch((error: unknown) => {
        if (!request.destroyed) options.warn(String(error))
        response.destroy()
      })
      .finally(release)
  }

const listen = (server: Server): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })

/** The cloud's only HTTP server, on a free port of the loopback interface. */
export const startWire = async (options: WireOptions): Promise<Wire> => {
  const server = createServer({ keepAliveTimeout: 60_000, requestTimeout: 0 }, handler(options))
  await listen(server)
  const { port } = server.address() as AddressInfo
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { url: `http://127.0.0.1:${port}`, port, close }
}
