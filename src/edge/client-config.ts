import type { Identity } from '../domain/identity.js'
import { connection, type Connection } from './connection.js'

const nothing = (): void => undefined

/** The SDK warns of its own (not) retrying on the console; a run's log is written by the run alone. */
const SILENT = { debug: nothing, info: nothing, warn: nothing, error: nothing }

/**
 * What every client is made with. `maxAttempts: 1` since waiting is told, bounded and canceled in retry.ts alone. The SDK's own
 * handler knows no proxy, and takes a slow line for a silent one.
 */
export const clientConfig = (
  region: string,
  { connectMs, requestMs }: Pick<Timeouts, 'connectMs' | 'requestMs'>
): ClientConfig => ({
  region,
  maxAttempts: 1,
  logger: SILENT,
  customUserAgent: [['codedeploy-blue-green', '1']],
  requestHandler: connection({ connectMs, silenceMs: requestMs })
})

export interface ClientConfig {
  region: string
  maxAttempts: number
  logger: typeof SILENT
  customUserAgent: [string, string][]
  requestHandler: Connection
}

/** Milliseconds until a connection counts as lost. */
export interface Timeouts {
  connectMs: number
  /** Silence while an answer is waited for. */
  requestMs: number
  /** Silence on a connection that sends a large body; a slow line is not silent. */
  silenceMs: number
}

export const defaultTimeouts: Timeouts = { connectMs: 10_000, requestMs: 20_000, silenceMs: 30_000 }

/** The options of one call of an SDK client. The SDK's types take no `abortSignal: undefined`. */
export const aborting = (abortSignal: AbortSignal | undefined): { abortSignal?: AbortSignal } =>
  abortSignal === undefined ? {} : { abortSignal }

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
