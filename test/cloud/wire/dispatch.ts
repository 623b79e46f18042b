import {
  ServiceError,
  type Caller,
  type CloudClock,
  type JsonOperations,
  type QueryOperations
} from '../contract.js'
import type { Fleets } from '../autoscaling/fleets.js'
import { cloudwatchNeeds } from '../cloudwatch/operations.js'
import type { Faults } from '../faults.js'
import type { Repository } from '../github/repository.js'
import { serveGitHub } from '../github/rest.js'
import { authorize, type Need } from '../identity/authorize.js'
import { codeDeployNeeds } from '../identity/codedeploy-needs.js'
import { answerElsewhere } from '../identity/elsewhere.js'
import type { Keys } from '../identity/keys.js'
import { serveOidc, type OidcOptions } from '../identity/oidc.js'
import { roleNeed } from '../identity/role-operations.js'
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
  /** Instances, whose tags are in the conditions of policies. */
  fleets: Fleets
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

const queryNeed = (call: Call, services: Services): Need => {
  const action = `${call.service}:${call.operation}`
  if (call.service === 'iam') return roleNeed(call.operation, formOf(call), services.accountId)
  const { AutoScalingGroupName: name, InstanceId: id } = formOf(call)
  if (call.operation === 'GetConsoleOutput' && typeof id === 'string') {
    const context = tagKeys(services.fleets, 'ec2:ResourceTag', id)
    return { action, resource: instanceArn(services, id), context }
  }
  if (call.service !== 'autoscaling' || call.operation.startsWith('Describe') || typeof name !== 'string')
    return { action, resource: '*' }
  const place = `${services.region}:${services.accountId}`
  return {
    action,
    resource: `arn:aws:autoscaling:${place}:autoScalingGroup:*:autoScalingGroupName/${name}`
  }
}

/** With the first group of an account, Auto Scaling makes its own role, if the caller may (Auto Scaling user guide: service-linked roles). */
const firstGroup = (accountId: string): Need => ({
  action: 'iam:CreateServiceLinkedRole',
  resource: `arn:aws:iam::${accountId}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling`,
  context: { 'iam:AWSServiceName': 'autoscaling.amazonaws.com' }
})

/**
 * A caller that makes a group with a launch template must be allowed to launch from it, with the profile that it names (Auto Scaling
 * user guide: "Control Amazon EC2 launch template usage in Auto Scaling groups").
 */
const launchNeeds = (call: Call, { accountId, fleets }: Services): Need[] =>
  call.service === 'autoscaling' && call.operation === 'CreateAutoScalingGroup'
    ? [
        { action: 'ec2:RunInstances', resource: '*' },
        { action: 'ec2:CreateTags', resource: '*' },
        {
          action: 'iam:PassRole',
          resource: `arn:aws:iam::${accountId}:role/ExampleInstanceRole`,
          context: { 'iam:PassedToService': 'ec2.amazonaws.com' }
        },
        ...(fleets.all().length > 0 ? [] : [firstGroup(accountId)])
      ]
    : []

const serveQuery = async (call: Call, services: Services, now: number): Promise<Answer> => {
  const operations = services.query[call.service]
  if (operations === undefined) throw notSimulated(call)
  if (call.operation === 'AssumeRoleWithWebIdentity')
    return answerQuery(call, operations, services.administrator)
  const { key } = signed(call, services, now)
  // GetCallerIdentity needs no permission and cannot be denied (STS API reference).
  if (call.operation !== 'GetCallerIdentity')
    authorize(call.protocol, key, [queryNeed(call, services), ...launchNeeds(call, services)])
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
