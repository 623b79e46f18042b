import type { Identity } from '../domain/identity.js'
import { connection, type Connection } from './connection.js'

const nothing = (): void => undefined

/** The SDK warns about its retries on the console; only the run itself writes its log. */
const SILENT = { debug: nothing, info: nothing, warn: nothing, error: nothing }

/**
 * The options of every client. `maxAttempts: 1`, because only retry.ts retries: it reports, limits and cancels the waiting. The
 * SDK's own handler knows no proxy and treats a slow connection as a silent one.
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
  /** Silence while waiting for an answer. */
  requestMs: number
  /** Silence while sending a large body; a slow connection is not silent. */
  silenceMs: number
}

export const defaultTimeouts: Timeouts = { connectMs: 10_000, requestMs: 20_000, silenceMs: 30_000 }

/** The options of one call of an SDK client. The SDK's types take no `abortSignal: undefined`. */
export const aborting = (abortSignal: AbortSignal | undefined): { abortSignal?: AbortSignal } =>
  abortSignal === undefined ? {} : { abortSignal }

/**
 * The SDK caches a provider's credentials until they expire. An expiration in the past makes it ask before every call, so that
 * only steps/identify.ts decides when credentials are renewed.
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

/** Makes one call of a client, and repeats it while it fails in passing. */
export type Call = <T>(name: string, send: (options: ReturnType<typeof aborting>) => Promise<T>) => Promise<T>
