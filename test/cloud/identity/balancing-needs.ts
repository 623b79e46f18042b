import { texts, type Form } from '../autoscaling/query.js'
import type { Balancers } from '../loadbalancing/balancers.js'
import { tagsOf } from '../loadbalancing/tag-operations.js'
import type { TargetGroups } from '../loadbalancing/target-groups.js'
import type { Need } from './authorize.js'
import { givenTags, requestTags, resourceTags } from './tag-context.js'

/** Where resources are, and their tags. */
export interface BalancingPlace {
  region: string
  accountId: string
  targetGroups: TargetGroups
  balancers: Balancers
}

/** The member with the ARN on which a call needs the permission (service authorization reference: elasticloadbalancing). */
const ON: Readonly<Record<string, string>> = {
  CreateListener: 'LoadBalancerArn',
  CreateRule: 'ListenerArn',
  DeleteListener: 'ListenerArn',
  DeleteLoadBalancer: 'LoadBalancerArn',
  DeleteRule: 'RuleArn',
  DeleteTargetGroup: 'TargetGroupArn',
  DeregisterTargets: 'TargetGroupArn',
  ModifyListener: 'ListenerArn',
  ModifyRule: 'RuleArn',
  ModifyTargetGroupAttributes: 'TargetGroupArn',
  RegisterTargets: 'TargetGroupArn'
}

/** The ID of what does not exist yet. */
const NEW = '0000000000000000'

const text = (form: Form, member: string): string => {
  const value = form[member]
  return typeof value === 'string' ? value : ''
}

/** The ARN of what a call creates, which AddTags needs too if the call has tags. */
const created = (operation: string, form: Form, { region, accountId }: BalancingPlace): string => {
  const prefix = `arn:aws:elasticloadbalancing:${region}:${accountId}`
  switch (operation) {
    case 'CreateTargetGroup':
      return `${prefix}:targetgroup/${text(form, 'Name')}/${NEW}`
    case 'CreateLoadBalancer':
      return `${prefix}:loadbalancer/app/${text(form, 'Name')}/${NEW}`
    case 'CreateListener':
      return `${text(form, 'LoadBalancerArn').replace(':loadbalancer/', ':listener/')}/${NEW}`
    case 'CreateRule':
      return `${text(form, 'ListenerArn').replace(':listener/', ':listener-rule/')}/${NEW}`
    default:
      return ''
  }
}

/** The permissions that a call of ELBv2 needs. */
export const balancingNeeds = (operation: string, form: Form, place: BalancingPlace): Need[] => {
  const action = `elasticloadbalancing:${operation}`
  if (operation.startsWith('Describe')) return [{ action, resource: '*' }]
  const asked = givenTags(form['Tags'])
  const context = requestTags(asked)
  const tagged = (arn: string) => resourceTags('elasticloadbalancing', tagsOf(place, arn))
  if (operation === 'AddTags' || operation === 'RemoveTags') {
    const keys = operation === 'AddTags' ? {} : { 'aws:TagKeys': texts(form, 'TagKeys') }
    return texts(form, 'ResourceArns').map((resource) => ({
      ...{ action, resource },
      context: { ...context, ...keys, ...tagged(resource) }
    }))
  }
  const made = created(operation, form, place)
  const member = ON[operation]
  const resource = member === undefined ? (made === '' ? '*' : made) : text(form, member)
  const own = { action, resource, context: { ...context, ...tagged(resource) } }
  if (made === '' || asked.size === 0) return [own]
  const creates = { ...context, 'elasticloadbalancing:CreateAction': operation }
  return [own, { action: 'elasticloadbalancing:AddTags', resource: made, context: creates }]
}
