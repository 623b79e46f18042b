import type { Clock } from '../ports.js'
import { factsOf, faultOf } from '../domain/fault.js'

/** Where each call of an SDK client is written when the job runs with debug logging. */
export interface Trace {
  clock: Pick<Clock, 'now'>
  write: (line: string) => void
}

interface Metadata {
  httpStatusCode?: number | undefined
  requestId?: string | undefined
}

interface Call {
  clientName?: string
  commandName?: string
}

interface Answer {
  output: { $metadata?: Metadata }
}

/** What tracing needs of an SDK client; its own types name the inputs of each service. */
interface Traceable {
  middlewareStack: {
    add(
      middleware: (next: (input: never) => Promise<Answer>, call: Call) => (input: never) => Promise<Answer>,
      options: { step: 'initialize'; name: string }
    ): void
  }
}

/** Longer texts are not of the service. */
const MOST_CHARACTERS = 80

/** `CodeDeploy GetDeployment: 200 in 34 ms, request 8f1c…`. No input and no message: they may hold what nobody should read. */
const line = (
  { clientName = '', commandName = '' }: Call,
  { result, ms, requestId = 'unknown' }: { result: string; ms: number; requestId?: string | undefined }
): string =>
  `${clientName.replace(/Client$/, '')} ${commandName.replace(/Command$/, '')}: ${result.slice(0, MOST_CHARACTERS)} in ${ms} ms, request ${requestId.slice(0, MOST_CHARACTERS)}`

const failure = (error: unknown): string => {
  const { name, code, httpStatus } = factsOf(error)
  return `${code === '' ? name : code}${httpStatus === undefined ? '' : ` ${httpStatus}`} (${faultOf(error)})`
}

const metadataOf = (error: unknown): Metadata =>
  (error as { $metadata?: Metadata } | undefined)?.$metadata ?? {}

/** Writes each call of a client, with its time and its request id; without a trace, the client is left as it is. */
export const traced = <Client extends object>(client: Client, trace: Trace | undefined): Client => {
  if (trace === undefined) return client
  const { clock, write } = trace
  ;(client as Client & Traceable).middlewareStack.add(
    (next, call) => async (input) => {
      const start = clock.now()
      try {
        const answer = await next(input)
        const { httpStatusCode, requestId } = answer.output.$metadata ?? {}
        write(
          line(call, { result: String(httpStatusCode ?? 'no status'), ms: clock.now() - start, requestId })
        )
        return answer
      } catch (error) {
        const { requestId } = metadataOf(error)
        write(line(call, { result: failure(error), ms: clock.now() - start, requestId }))
        throw error
      }
    },
    { step: 'initialize', name: 'trace' }
  )
  return client
}
