import {
  ServiceError,
  type Caller,
  type CloudClock,
  type JsonOperations,
  type QueryOperations
} from '../contract.js'
import type { Fleets } from '../autoscaling/fleets.js'
import { cloudwatchNeeds } from '../cloudwatch/operations.js'
import type { Templates } from '../ec2/templates.js'
import type { Faults } from '../faults.js'
import type { Repository } from '../github/repository.js'
import { serveGitHub } from '../github/rest.js'
import { authorize, type Need } from '../identity/authorize.js'
import { balancingNeeds } from '../identity/balancing-needs.js'
import { codeDeployNeeds } from '../identity/codedeploy-needs.js'
import { answerElsewhere } from '../identity/elsewhere.js'
import type { Keys } from '../identity/keys.js'
import { serveOidc, type OidcOptions } from '../identity/oidc.js'
import { roleNeed } from '../identity/role-operations.js'
import { scalingNeeds } from '../identity/scaling-needs.js'
import type { Balancers } from '../loadbalancing/balancers.js'
import type { TargetGroups } from '../loadbalancing/target-groups.js'
import { serveS3, type S3Options } from '../s3/serve.js'
import { instanceArn, ssmNeeds, tagKeys } from '../ssm/operations.js'
import { authenticate, type Principal } from './authenticate.js'
import type { Answer, Call, RequestRecord } from './call.js'
import { answerCbor, parseCbor } from './cbor.js'
import { serveControl } from './control-endpoint.js'
import { answerJson, parseJson, perform, toJson } from './json.js'
import { notSimulated } from './not-simulated.js'
import { answerQuery, formOf } from './query.js'

/** Everything behind the port. */
export interface Services {
  clock: CloudClock
  region: string
  accountId: string
  administrator: Caller
  keys: Keys
  faults: Faults
  requests: () => readonly RequestRecord[]
  codedeploy: JsonOperations
  cloudwatch: JsonOperations
  ssm: JsonOperations
  /** What has tags that are in the conditions of policies. */
  fleets: Fleets
  templates: Templates
  targetGroups: TargetGroups
  balancers: Balancers
  /** The role of an instance profile. */
  roleOf: (profile: string) => string
  /** By service: `sts`, `iam`, `autoscaling`, `elasticloadbalancing`, `ec2`. */
  query: Record<string, QueryOperations>
  s3: S3Options
  oidc: OidcOptions
  repository: Repository
}

const signed = (call: Call, services: Services, now: number): Principal => {
  const principal = authenticate(call, services.keys, { now, serviceNow: services.clock.now() })
  const { service } = principal.signature
  if (service === call.service || call.service === 'unknown') return principal
  const isJson = call.protocol === 'json' || call.protocol === 'cbor'
  const code = isJson ? 'InvalidSignatureException' : 'SignatureDoesNotMatch'
  throw new ServiceError(
    code,
    `Credential should be scoped to correct service: '${call.service}'.`,
    isJson ? 400 : 403
  )
}

const serveJson = async (call: Call, services: Services, now: number): Promise<Answer> => {
  const { key, signature } = signed(call, services, now)
  const input = parseJson(call)
  const { region, accountId, administrator, codedeploy } = services
  const place = { region: signature.region, accountId, administrator, operations: codedeploy }
  authorize(call.protocol, key, await codeDeployNeeds(call.operation, input, place))
  if (signature.region === region) return answerJson(call, codedeploy, input)
  const output = toJson(answerElsewhere(call.operation, input))
  return { status: 200, headers: { 'content-type': 'application/x-amz-json-1.1' }, body: output }
}

/** CloudWatch, whose clients speak JSON or CBOR. */
const serveMonitoring = async (call: Call, services: Services, now: number): Promise<Answer> => {
  const { key } = signed(call, services, now)
  const input = call.protocol === 'cbor' ? parseCbor(call) : parseJson(call)
  authorize(call.protocol, key, cloudwatchNeeds(call.operation, input, services))
  if (call.protocol === 'json') return answerJson(call, services.cloudwatch, input)
  return answerCbor(await perform(call, services.cloudwatch, input))
}

const serveSsm = async (call: Call, services: Services, now: number): Promise<Answer> => {
  const { key } = signed(call, services, now)
  const input = parseJson(call)
  authorize(call.protocol, key, ssmNeeds(call.operation, input, services, services.fleets))
  return answerJson(call, services.ssm, input)
}

const queryNeeds = (call: Call, services: Services): Need[] => {
  const form = formOf(call)
  if (call.service === 'iam') return [roleNeed(call.operation, form, services.accountId)]
  if (call.service === 'autoscaling') return scalingNeeds(call.operation, form, services)
  if (call.service === 'elasticloadbalancing') return balancingNeeds(call.operation, form, services)
  const action = `${call.service}:${call.operation}`
  const { InstanceId: id } = form
  if (call.operation !== 'GetConsoleOutput' || typeof id !== 'string') return [{ action, resource: '*' }]
  const context = tagKeys(services.fleets, 'ec2:ResourceTag', id)
  return [{ action, resource: instanceArn(services, id), context }]
}

const serveQuery = async (call: Call, services: Services, now: number): Promise<Answer> => {
  const operations = services.query[call.service]
  if (operations === undefined) throw notSimulated(call)
  if (call.operation === 'AssumeRoleWithWebIdentity')
    return answerQuery(call, operations, services.administrator)
  const { key } = signed(call, services, now)
  // GetCallerIdentity needs no permission and cannot be denied (STS API reference).
  if (call.operation !== 'GetCallerIdentity') authorize(call.protocol, key, queryNeeds(call, services))
  return answerQuery(call, operations, key.caller)
}

const serveS3Call = (call: Call, services: Services, now: number): Promise<Answer> => {
  // An unknown or foreign caller is refused before any of the body is read.
  const principal = signed(call, services, now)
  return serveS3(call, principal, services.s3)
}

/** Passes a call to its service. `now` is the wall clock that signatures are checked against. */
export const dispatch = async (call: Call, services: Services, now: number): Promise<Answer> => {
  switch (call.protocol) {
    case 'json':
    case 'cbor':
      if (call.service === 'ssm') return serveSsm(call, services, now)
      if (call.service === 'monitoring') return serveMonitoring(call, services, now)
      if (call.service === 'codedeploy') return serveJson(call, services, now)
      throw notSimulated(call)
    case 'query':
    case 'ec2':
      return serveQuery(call, services, now)
    case 'github':
      return call.service === 'oidc' ? serveOidc(call, services.oidc) : serveGitHub(call, services.repository)
    case 'cloud':
      return serveControl(call, services)
    case 's3':
      return serveS3Call(call, services, now)
  }
}
