import { operationOf } from '../s3/route.js'
import { githubOperation } from '../github/route.js'
import { header, type Call, type Protocol } from './call.js'
import { readSignature } from './signature.js'

/** Where a request goes: its protocol, its service and its operation. */
export interface Route {
  protocol: Protocol
  service: string
  operation: string
}

/** API versions of the query protocol, for requests that are not signed (docs/service.md, reference 7). */
const versions: Record<string, string> = {
  '2011-06-15': 'sts',
  '2010-05-08': 'iam',
  '2011-01-01': 'autoscaling',
  '2015-12-01': 'elasticloadbalancing',
  '2016-11-15': 'ec2'
}

const targets: Record<string, string> = {
  CodeDeploy_20141006: 'codedeploy',
  GraniteServiceVersion20100801: 'monitoring',
  AmazonSSM: 'ssm'
}

const byTarget = (target: string): Route => {
  const [prefix = '', operation = ''] = target.split('.')
  return { protocol: 'json', service: targets[prefix] ?? prefix, operation }
}

/** `/service/TARGET/operation/NAME`, as Smithy's RPC v2 has it. */
const RPC_PATH = /^\/service\/(\w+)\/operation\/(\w+)$/

const byPath = (path: string): Route | undefined => {
  const [, target = '', operation = ''] = RPC_PATH.exec(path) ?? []
  return operation === '' ? undefined : { protocol: 'cbor', service: targets[target] ?? target, operation }
}

/** A form names its operation; the signature's scope, or otherwise the API version, names the service. */
const byForm = (call: Call): Route => {
  const form = new URLSearchParams(call.body.toString('utf8'))
  const service = versions[form.get('Version') ?? ''] ?? scopedService(call) ?? 'unknown'
  return { protocol: service === 'ec2' ? 'ec2' : 'query', service, operation: form.get('Action') ?? '' }
}

const scopedService = (call: Call): string | undefined => {
  try {
    return readSignature(call)?.service
  } catch {
    return undefined
  }
}

/** Whether a request's small body must be read before its operation is known. */
export const isForm = (call: Pick<Call, 'request' | 'path'>): boolean =>
  call.path === '/' && header(call, 'content-type')?.startsWith('application/x-www-form-urlencoded') === true

/** S3 reads its own bodies as streams; all others are small and are read first. */
export const readsOwnBody = (call: Pick<Call, 'request' | 'path'>): boolean =>
  header(call, 'x-amz-target') === undefined &&
  !isForm(call) &&
  !call.path.startsWith('/_') &&
  !RPC_PATH.test(call.path)

/** One port for all protocols, recognized by X-Amz-Target, by the form, and by the path; everything else is S3. */
export const route = (call: Call): Route => {
  const target = header(call, 'x-amz-target')
  if (target !== undefined) return byTarget(target)
  const rpc = byPath(call.path)
  if (rpc !== undefined) return rpc
  if (isForm(call)) return byForm(call)
  if (call.path.startsWith('/_cloud/'))
    return { protocol: 'cloud', service: 'cloud', operation: call.path.slice(8) }
  if (call.path.startsWith('/_github/')) return githubOperation(call)
  const service = scopedService(call) ?? 's3'
  // Another service whose requests have paths: none of them is simulated.
  if (service !== 's3')
    return { protocol: 'json', service, operation: `${call.request.method ?? ''} ${call.path}` }
  return { protocol: 's3', service, operation: operationOf(call) }
}
