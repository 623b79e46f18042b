import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import type { Caller } from '../contract.js'
import type { FaultKind } from '../faults.js'

/** The protocol of a request, which decides the form of answers and refusals (docs/service.md, reference 7). */
export type Protocol = 'json' | 'cbor' | 'query' | 'ec2' | 's3' | 'github' | 'cloud'

/** One request on its way through the wire. */
export interface Call {
  id: string
  request: IncomingMessage
  protocol: Protocol
  /** `codedeploy`, `sts`, `iam`, `autoscaling`, `elasticloadbalancing`, `ec2`, `monitoring` (CloudWatch), `ssm`, `s3`, `oidc`, `github` or `cloud`. */
  service: string
  /** The API's own name of the operation: `CreateDeployment`, `PutObject`, `GetIDToken` … */
  operation: string
  /** The path as it was sent (still escaped), without the query. */
  path: string
  /** The query's pairs, unescaped. */
  query: URLSearchParams
  /** Small bodies (JSON, forms) are read first; S3 reads its own. */
  body: Buffer
  /** The fault that this call gets. */
  fault?: FaultKind
  /** The caller; known once the signature is verified. */
  caller?: Caller
}

/** The answer; a string body gets its length, a stream is piped. */
export interface Answer {
  status: number
  headers?: Record<string, string>
  body?: string | Buffer | Readable
  /** The length of a streamed body. */
  length?: number
}

/** One line of the request log. */
export interface RequestRecord {
  /** Epoch milliseconds by the cloud's clock. */
  time: number
  service: string
  operation: string
  /** HTTP status, or 0 if the connection was cut or left hanging. */
  status: number
  /** ARN of the caller, if known. */
  caller?: string
  /** Size of the request's body in bytes. */
  bytes: number
  method: string
  path: string
  fault?: FaultKind
}

/** A header as one string; several with the same name are joined as in HTTP. */
export const header = (call: Pick<Call, 'request'>, name: string): string | undefined => {
  const value = call.request.headers[name]
  return Array.isArray(value) ? value.join(',') : value
}
