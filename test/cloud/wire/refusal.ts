import { ServiceError } from '../contract.js'
import { GitHubRefusal } from '../github/answers.js'
import { answerCbor } from './cbor.js'
import { document, fields } from './xml.js'
import type { Answer, Call } from './call.js'

/** A refusal from S3 with more elements or headers than code and message. */
export class S3Refusal extends ServiceError {
  readonly detail: Record<string, string>
  readonly headers: Record<string, string>
  constructor(
    words: { code: string; message: string; status: number },
    extra: { detail?: Record<string, string>; headers?: Record<string, string> } = {}
  ) {
    super(words.code, words.message, words.status)
    this.detail = extra.detail ?? {}
    this.headers = extra.headers ?? {}
  }
}

/** XML namespaces of the query protocol's services, with the API version that clients send. */
export const NAMESPACES: Record<string, string> = {
  sts: 'https://sts.amazonaws.com/doc/2011-06-15/',
  iam: 'https://iam.amazonaws.com/doc/2010-05-08/',
  autoscaling: 'http://autoscaling.amazonaws.com/doc/2011-01-01/',
  elasticloadbalancing: 'http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/',
  ec2: 'http://ec2.amazonaws.com/doc/2016-11-15/'
}

const namespace = (call: Call): string => NAMESPACES[call.service] ?? ''

// AccessDeniedException comes from AWS's front end, which capitalizes "Message" (docs/service.md, reference 7.1: clients accept
// both).
const json = (_call: Call, error: ServiceError): Answer => {
  const name = error.code === 'AccessDeniedException' ? 'Message' : 'message'
  const body = JSON.stringify({ __type: error.code, [name]: error.message })
  return { status: error.status, headers: { 'content-type': 'application/x-amz-json-1.1' }, body }
}

/** A service that once spoke the query protocol still names its refusals by their old codes, in a header. */
const cbor = (_call: Call, error: ServiceError): Answer =>
  answerCbor({ __type: error.code, message: error.message }, error.status, {
    'x-amzn-query-error': `${error.code};${error.status >= 500 ? 'Receiver' : 'Sender'}`
  })

const query = (call: Call, error: ServiceError): Answer => {
  const Type = error.status >= 500 ? 'Receiver' : 'Sender'
  const value = { Error: { Type, Code: error.code, Message: error.message }, RequestId: call.id }
  return {
    status: error.status,
    headers: { 'content-type': 'text/xml' },
    body: document('ErrorResponse', namespace(call), value)
  }
}

const ec2 = (call: Call, error: ServiceError): Answer => {
  const value = { Errors: { Error: { Code: error.code, Message: error.message } }, RequestID: call.id }
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Response>${fields(value)}</Response>`
  return { status: error.status, headers: { 'content-type': 'text/xml' }, body }
}

const s3 = (call: Call, error: ServiceError): Answer => {
  const extra = error instanceof S3Refusal ? error : { detail: {}, headers: {} }
  const value = {
    Code: error.code,
    Message: error.message,
    ...extra.detail,
    RequestId: call.id,
    HostId: 'local'
  }
  // The answer to HEAD has no body, so its clients only see the status (docs/service.md, reference 7.4).
  const body =
    call.request.method === 'HEAD' || error.status === 304
      ? ''
      : `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${fields(value)}</Error>`
  return { status: error.status, headers: { 'content-type': 'application/xml', ...extra.headers }, body }
}

const plain = (_call: Call, error: ServiceError): Answer => ({
  status: error.status,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: JSON.stringify({ message: error.message })
})

const github = (call: Call, error: ServiceError): Answer => {
  const { errors, headers } = error instanceof GitHubRefusal ? error : { errors: [], headers: {} }
  return {
    status: error.status,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'x-github-request-id': call.id,
      ...headers
    },
    body: JSON.stringify({
      message: error.message,
      ...(errors.length === 0 ? {} : { errors }),
      documentation_url: 'https://docs.github.com/rest',
      status: String(error.status)
    })
  }
}

const shapes = { json, cbor, query, ec2, s3, github, cloud: plain }

/** A refusal in the form of the caller's protocol (docs/service.md, reference 7.1, 7.2 and 7.4). */
export const refusal = (call: Call, error: ServiceError): Answer => shapes[call.protocol](call, error)
