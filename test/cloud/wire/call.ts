import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import type { Caller } from '../contract.js'
import type { FaultKind } from '../faults.js'

/** The dialect a request speaks, which decides how answers and refusals look (reference §7). */
export type Protocol = 'json' | 'query' | 'ec2' | 's3' | 'github' | 'cloud'

/** One request on its way through the wire. */
export interface Call {
  id: string
  request: IncomingMessage
  protocol: Protocol
  /** `codedeploy`, `sts`, `autoscaling`, `elasticloadbalancing`, `ec2`, `s3`, `oidc`, `github` or `cloud`. */
  service: string
  /** The API's own name of the operation: `CreateDeployment`, `PutObject`, `GetIDToken` … */
  operation: string
  /** Path as it was sent (still escaped), without the query. */
  path: string
  /** Query pairs as they were sent, unescaped. */
  query: URLSearchParams
  /** Small bodies (JSON, forms) are read before anything else; S3 reads its own. */
  body: Buffer
  /** What goes wrong with this call on purpose. */
  fault?: FaultKind
  /** Who calls; known once the signature is verified. */
  caller?: Caller
}

/** What goes back; a string body gets its length, a stream is piped. */
export interface Answer {
  status: number
  headers?: Record<string, string>
  body?: string | Buffer | Readable
  /** Length of a streamed body. */
  length?: number
}

/** One line of the request log. */
export interface RequestRecord {
  /** Epoch milliseconds by the cloud's clock. */
  time: number
  service: string
  operation: string
  /** HTTP status, or 0 when the connection was cut or left hanging. */
  status: number
  /** ARN of the caller, once known. */
  caller?: string
  /** Bytes of the request's body. */
  bytes: number
  method: string
  path: string
  fault?: FaultKind
}

/** A header as one string; several of one name are joined as HTTP says. */
export const header = (call: Pick<Call, 'request'>, name: string): string | undefined => {
  const value = call.request.headers[name]
  return Array.isArray(value) ? value.join(',') : value
}
