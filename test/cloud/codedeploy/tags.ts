import { structure, text, texts, type Input } from './input.js'
import type { Operations, Plane } from './plane.js'
import { refuse } from './refusal.js'

/** A resource has at most 50 tags (API: TagLimitExceededException). */
const MOST = 50

/** The tags of a request: keys of 1 to 128 characters, values of up to 256, none that AWS keeps for itself (API: Tag). */
export const readTags = (input: Input, member: 'tags' | 'Tags'): Map<string, string> => {
  const given: unknown[] = Array.isArray(input[member]) ? (input[member] as unknown[]) : []
  const tags = new Map<string, string>()
  for (const one of given as Input[]) {
    const [key, value] = [text(one, 'Key') ?? '', text(one, 'Value') ?? '']
    if (key === '' || key.length > 128 || value.length > 256 || key.startsWith('aws:'))
      refuse('InvalidTagsToAddException', `The tag '${key}' is not valid.`)
    tags.set(key, value)
  }
  if (tags.size > MOST) refuse('TagLimitExceededException', `A resource has at most ${MOST} tags.`)
  return tags
}

const PARTS = /^arn:aws:codedeploy:[^:]+:\d{12}:(application|deploymentgroup):([^/]+)(?:\/(.+))?$/

/** The tags of an application or a deployment group, to read and to change. */
const tagsOf = ({ engine }: Plane, input: Input): Map<string, string> => {
  const arn = text(input, 'ResourceArn')
  if (arn === undefined) return refuse('ResourceArnRequiredException', 'The ResourceArn is required.')
  const [, kind, name = '', group = ''] = PARTS.exec(arn) ?? []
  if (kind === undefined) return refuse('ArnNotSupportedException', `The ARN ${arn} is not supported.`)
  const application = engine.state.applications.get(name)
  if (application === undefined)
    return refuse('ApplicationDoesNotExistException', `No application found for name: ${name}`)
  if (kind === 'application') return application.tags
  return (
    application.groups.get(group)?.tags ??
    refuse('DeploymentGroupDoesNotExistException', `No Deployment Group found for name: ${group}`)
  )
}

/** Tags of applications and deployment groups, by ARN. */
export const tagOperations: Operations = {
  ListTagsForResource: (plane, input) => ({
    Tags: [...tagsOf(plane, input)].map(([Key, Value]) => ({ Key, Value }))
  }),
  TagResource: (plane, input) => {
    if (structure(input, 'Tags') === undefined) refuse('TagRequiredException', 'A tag is required.')
    const [tags, added] = [tagsOf(plane, input), readTags(input, 'Tags')]
    if (new Set([...tags.keys(), ...added.keys()]).size > MOST)
      refuse('TagLimitExceededException', `A resource has at most ${MOST} tags.`)
    for (const [key, value] of added) tags.set(key, value)
    return {}
  },
  UntagResource: (plane, input) => {
    const tags = tagsOf(plane, input)
    for (const key of texts(input, 'TagKeys')) tags.delete(key)
    return {}
  }
}
