import { ServiceError, type Caller, type JsonOperations } from '../contract.js'
import type { Need } from './authorize.js'
import type { Context } from './policy.js'
import { givenTags, requestTags, resourceTags } from './tag-context.js'

/** Where the resources are, and how to look up what an ARN needs but the request does not have. */
export interface CodeDeployPlace {
  region: string
  accountId: string
  operations: JsonOperations
  administrator: Caller
}

type Input = Record<string, unknown>

// The service authorization reference lists no resource type for these, so only a statement on "*" allows them.
const WITHOUT_RESOURCE = new Set([
  'BatchGetDeploymentTargets',
  'ContinueDeployment',
  'GetDeploymentTarget',
  'ListApplications',
  'ListDeploymentConfigs',
  'ListDeploymentTargets',
  'StopDeployment'
])

const ON_APPLICATION = new Set([
  'BatchGetApplicationRevisions',
  'CreateApplication',
  'DeleteApplication',
  'GetApplication',
  'GetApplicationRevision',
  'ListApplicationRevisions',
  'ListDeploymentGroups',
  'RegisterApplicationRevision',
  'UpdateApplication'
])

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

/** What an operation answers, or undefined if it refuses (the real call then says why). */
const ask = async (place: CodeDeployPlace, operation: string, input: Input): Promise<Input | undefined> => {
  try {
    return (await place.operations[operation]?.(input, place.administrator)) as Input | undefined
  } catch (error) {
    if (error instanceof ServiceError) return undefined
    throw error
  }
}

const arn = (place: CodeDeployPlace, kind: string, name: string): string =>
  `arn:aws:codedeploy:${place.region}:${place.accountId}:${kind}:${name}`

const group = (place: CodeDeployPlace, input: Input): string | undefined => {
  const [application, name] = [
    text(input['applicationName']),
    text(input['deploymentGroupName']) ?? text(input['currentDeploymentGroupName'])
  ]
  return application === undefined ? undefined : arn(place, 'deploymentgroup', `${application}/${name ?? ''}`)
}

const groupOf = async (place: CodeDeployPlace, deploymentId: string): Promise<string | undefined> => {
  const found = await ask(place, 'GetDeployment', { deploymentId })
  // A test may have taken the answer apart.
  const info = found?.['deploymentInfo'] as Input | undefined
  return info && group(place, info)
}

const ids = (input: Input): string[] => {
  const many = input['deploymentIds']
  if (Array.isArray(many)) return many.filter((one): one is string => typeof one === 'string')
  const one = text(input['deploymentId'])
  return one === undefined ? [] : [one]
}

/** A group that gets a service role is given it by the caller (CodeDeploy user guide: iam:PassRole). An update names the group otherwise. */
const passedRole = (operation: string, input: Input): Need[] => {
  const role = text(input['serviceRoleArn'])
  return role === undefined || !/^(?:Create|Update)DeploymentGroup$/.test(operation)
    ? []
    : [
        {
          action: 'iam:PassRole',
          resource: role,
          context: { 'iam:PassedToService': 'codedeploy.amazonaws.com' }
        }
      ]
}

const pairs = (given: unknown): Context => requestTags(givenTags(given))

/** The tags of what exists already; a group that a call creates has none yet. */
const tagsAt = async (place: CodeDeployPlace, resource: string): Promise<Context> => {
  const found = await ask(place, 'ListTagsForResource', { ResourceArn: resource })
  return resourceTags('', givenTags(found?.['Tags']))
}

/** A permission on an application or a group, with the tags of the request and of the resource. */
const tagged = async (place: CodeDeployPlace, need: Need, input: Input): Promise<Need> => {
  const own = need.resource === undefined ? {} : await tagsAt(place, need.resource)
  const keys = Array.isArray(input['TagKeys']) ? { 'aws:TagKeys': input['TagKeys'] as string[] } : {}
  return { ...need, context: { ...own, ...pairs(input['tags'] ?? input['Tags']), ...keys } }
}

/**
 * The permissions that a CodeDeploy call needs (service authorization reference for CodeDeploy). The control plane itself
 * checks what CreateDeployment needs in addition (configuration and revision, docs/service.md, reference 4.2), because it knows
 * the revisions.
 */
export const codeDeployNeeds = async (
  operation: string,
  input: Input,
  place: CodeDeployPlace
): Promise<Need[]> => {
  const action = `codedeploy:${operation}`
  if (WITHOUT_RESOURCE.has(operation)) return [{ action, resource: '*' }]
  const [name, tagsOf] = [text(input['applicationName']), text(input['ResourceArn'])]
  if (tagsOf !== undefined) return [await tagged(place, { action, resource: tagsOf }, input)]
  if (ON_APPLICATION.has(operation)) {
    const resource = name === undefined ? undefined : arn(place, 'application', name)
    return [await tagged(place, { action, resource }, input)]
  }
  const config = text(input['deploymentConfigName'])
  if (operation.endsWith('DeploymentConfig')) {
    return [{ action, resource: config === undefined ? undefined : arn(place, 'deploymentconfig', config) }]
  }
  const named = ids(input)
  if (named.length > 0)
    return Promise.all(
      named.map(async (id) => tagged(place, { action, resource: await groupOf(place, id) }, input))
    )
  const own = await tagged(place, { action, resource: group(place, input) }, input)
  return [own, ...passedRole(operation, input)]
}
