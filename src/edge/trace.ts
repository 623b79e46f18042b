import type { Clock } from '../ports.js'
import { factsOf, faultOf } from '../domain/fault.js'

/** Where each call is written when the job runs with debug logging. */
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

/** Paths of GitHub's token service are longer than those of its API. */
const MOST_OF_A_NAME = 300

interface Done {
  result: string
  ms: number
  requestId?: string | undefined
}

/** `CodeDeploy GetDeployment: 200 in 34 ms, request 8f1c…`. No input and no message: they may hold what nobody should read. */
const line = (call: string, { result, ms, requestId = 'unknown' }: Done): string =>
  `${call.slice(0, MOST_OF_A_NAME)}: ${result.slice(0, MOST_CHARACTERS)} in ${ms} ms, request ${requestId.slice(0, MOST_CHARACTERS)}`

const failure = (error: unknown): string => {
  const { name, code, httpStatus } = factsOf(error)
  return `${code === '' ? name : code}${httpStatus === undefined ? '' : ` ${httpStatus}`} (${faultOf(error)})`
}

const metadataOf = (error: unknown): Metadata =>
  (error as { $metadata?: Metadata } | undefined)?.$metadata ?? {}

/** Makes a call and writes how it ended, and when; `facts` are those of its answer. */
const written = async <T>(
  name: string,
  call: () => Promise<T>,
  { clock, write, facts }: Trace & { facts: (answer: T) => Metadata }
): Promise<T> => {
  const start = clock.now()
  const tell = (result: string, { requestId }: Metadata): void =>
    write(line(name, { result, ms: clock.now() - start, requestId }))
  try {
    const answer = await call()
    const metadata = facts(answer)
    tell(String(metadata.httpStatusCode ?? 'no status'), metadata)
    return answer
  } catch (error) {
    tell(failure(error), metadataOf(error))
    throw error
  }
}

/** Writes each call of a client, with its time and its request id; without a trace, the client is left as it is. */
export const traced = <Client extends object>(client: Client, trace: Trace | undefined): Client => {
  if (trace === undefined) return client
  ;(client as Client & Traceable).middlewareStack.add(
    (next, { clientName = '', commandName = '' }) =>
      (input) =>
        written(
          `${clientName.replace(/Client$/, '')} ${commandName.replace(/Command$/, '')}`,
          () => next(input),
          { ...trace, facts: ({ output }) => output.$metadata ?? {} }
        ),
    { step: 'initialize', name: 'trace' }
  )
  return client
}

/** The part of an answer over HTTP that is written. */
interface HttpAnswer {
  response: { statusCode: number; headers: Record<string, string> }
}

/**
 * Makes a request to GitHub and writes it like a call to AWS: `GET api.github.com/repos/o/r: 200 in 34 ms, request 8F1C:…`. The query
 * is left out, since what a service puts there may be for one reader only.
 */
export const tracedRequest = <T extends HttpAnswer>(
  { method, url }: { method: string; url: URL },
  call: () => Promise<T>,
  trace: Trace | undefined
): Promise<T> =>
  trace === undefined
    ? call()
    : written(`${method} ${url.host}${url.pathname}`, call, {
        ...trace,
        facts: ({ response: { statusCode, headers } }) => ({
          httpStatusCode: statusCode,
          requestId: headers['x-github-request-id']
        })
      })
