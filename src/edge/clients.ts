import type { Identity } from '../domain/identity.js'

const nothing = (): void => undefined

/** The SDK warns of its own (not) retrying on the console; a run's log is written by the run alone. */
const SILENT = { debug: nothing, info: nothing, warn: nothing, error: nothing }

/**
 * What every client is made with. `maxAttempts: 1` since waiting is told, bounded and canceled in retry.ts alone. Without
 * `throwOnRequestTimeout` the SDK only warns of a request that hangs, and waits on; the request timeout ends with the
 * headers of an answer, so a body that stalls needs the socket's own.
 */
export const clientConfig = (region: string, timeouts: Timeouts): ClientConfig => ({
  region,
  maxAttempts: 1,
  logger: SILENT,
  customUserAgent: [['codedeploy-blue-green', '1']],
  requestHandler: {
    connectionTimeout: timeouts.connectMs,
    requestTimeout: timeouts.requestMs,
    throwOnRequestTimeout: true,
    socketTimeout: timeouts.requestMs
  }
})

export interface ClientConfig {
  region: string
  maxAttempts: number
  logger: typeof SILENT
  customUserAgent: [string, string][]
  requestHandler: {
    connectionTimeout: number
    requestTimeout: number
    throwOnRequestTimeout: boolean
    socketTimeout: number
  }
}

/** Milliseconds until a connection, or an answer, counts as lost. */
export interface Timeouts {
  connectMs: number
  requestMs: number
  /** Silence on a connection that sends a large body; a slow line is not silent. */
  silenceMs: number
}

export const defaultTimeouts: Timeouts = { connectMs: 10_000, requestMs: 20_000, silenceMs: 30_000 }

/**
 * The SDK keeps what a provider gives until it thinks that it runs out. An end in the past makes it ask before every
 * call, so that one place (steps/identify.ts) decides when credentials are renewed.
 */
export const alwaysAsked = (identity: Pick<Identity, 'credentials'>) => async () => {
  const { accessKeyId, secretAccessKey, sessionToken } = await identity.credentials()
  return {
    accessKeyId,
    secretAccessKey,
    ...(sessionToken === undefined ? {} : { sessionToken }),
    expiration: new Date(0)
  }
}
