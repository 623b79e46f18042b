import { ServiceError, type QueryOperations } from '../contract.js'
import { texts, type Form } from '../autoscaling/query.js'
import type { BalancingPlane } from './operations.js'
import { checkCount, readTags, tagsAnswer } from './tags.js'

/** The tags of anything with an ARN, to read and to change; undefined if it does not exist. */
export const tagsOf = (
  { targetGroups, balancers }: Pick<BalancingPlane, 'targetGroups' | 'balancers'>,
  arn: string
): Map<string, string> | undefined =>
  targetGroups.find(arn)?.tags ??
  balancers.all().find((balancer) => balancer.arn === arn)?.tags ??
  balancers.listeners().find((listener) => listener.arn === arn)?.tags ??
  balancers.rule(arn)?.rule.tags

const KINDS: readonly [string, string][] = [
  [':targetgroup/', 'TargetGroupNotFound'],
  [':listener-rule/', 'RuleNotFound'],
  [':listener/', 'ListenerNotFound']
]

const named = (plane: BalancingPlane, input: Form): { arn: string; tags: Map<string, string> }[] => {
  const arns = texts(input, 'ResourceArns')
  if (arns.length === 0 || arns.length > 20)
    throw new ServiceError('ValidationError', `1 to 20 resource ARNs must be specified, not ${arns.length}`)
  return arns.map((arn) => {
    const tags = tagsOf(plane, arn)
    const [, code] = KINDS.find(([part]) => arn.includes(part)) ?? ['', 'LoadBalancerNotFound']
    if (tags === undefined) throw new ServiceError(code, `'${arn}' not found`)
    return { arn, tags }
  })
}

/** Tags of load balancers, listeners, rules and target groups: add, remove, read, 20 resources a call. */
export const tagOperations = (plane: BalancingPlane): QueryOperations => ({
  AddTags: (input) => {
    const [resources, added] = [named(plane, input), readTags(input)]
    for (const { tags } of resources) checkCount(new Map([...tags, ...added]))
    for (const { tags } of resources) for (const [key, value] of added) tags.set(key, value)
    return {}
  },
  RemoveTags: (input) => {
    for (const { tags } of named(plane, input)) for (const key of texts(input, 'TagKeys')) tags.delete(key)
    return {}
  },
  DescribeTags: (input) => ({
    TagDescriptions: named(plane, input).map(({ arn, tags }) => ({
      ResourceArn: arn,
      Tags: tagsAnswer(tags)
    }))
  })
})
