import { ServiceError, type QueryOperations } from '../contract.js'
import { forms, number, paged, required, text, texts, type Form } from '../autoscaling/query.js'
import { readAction } from './actions.js'
import { defaultRuleAnswer, defaultRuleArn, ruleAnswer } from './answers.js'
import { readConditions } from './conditions.js'
import type { BalancingPlane } from './operations.js'
import { readTags } from './tags.js'

const rulesByArn = ({ balancers }: BalancingPlane, arns: readonly string[]): object[] =>
  arns.map((arn) => {
    const found = balancers.rule(arn)
    if (found !== undefined) return ruleAnswer(found.rule)
    const owner = balancers.listeners().find((listener) => defaultRuleArn(listener) === arn)
    if (owner === undefined) throw new ServiceError('RuleNotFound', `One or more rules not found: '${arn}'`)
    return defaultRuleAnswer(owner)
  })

/** The default action comes last, as a rule of its own. */
const rulesOf = ({ balancers }: BalancingPlane, listenerArn: string): object[] => {
  const listener = balancers.listener(listenerArn)
  return [...listener.rules.map(ruleAnswer), defaultRuleAnswer(listener)]
}

const describe = (plane: BalancingPlane, input: Form): object => {
  const [listener, arns] = [text(input, 'ListenerArn'), texts(input, 'RuleArns')]
  if ((listener === undefined) === (arns.length === 0))
    throw new ServiceError(
      'ValidationError',
      'You must specify either a listener ARN or rule ARNs, and not both'
    )
  const found = listener === undefined ? rulesByArn(plane, arns) : rulesOf(plane, listener)
  const size = number(input, 'PageSize') ?? plane.pageSize
  const { page, next } = paged(found, text(input, 'Marker'), size)
  return { Rules: page, NextMarker: next }
}

/** Two equal calls make two rules, if the second one names another priority: there is no token that makes it safe to repeat. */
const create = ({ balancers }: BalancingPlane, input: Form): object => {
  const listener = balancers.listener(required(input, 'ListenerArn'))
  required(input, 'Priority')
  const priority = number(input, 'Priority') ?? 0
  if (priority < 1 || priority > 50_000)
    throw new ServiceError('ValidationError', `Priority '${priority}' must be between '1' and '50000'`)
  const rule = balancers.addRule(listener, {
    ...{ priority, conditions: readConditions(input) },
    ...{ action: readAction(input, 'Actions'), tags: readTags(input) }
  })
  return { Rules: [ruleAnswer(rule)] }
}

const isDefault = ({ balancers }: BalancingPlane, arn: string): boolean =>
  balancers.listeners().some((listener) => defaultRuleArn(listener) === arn)

/** Rules: create, read, change, delete. */
export const ruleOperations = (plane: BalancingPlane): QueryOperations => ({
  CreateRule: (input) => create(plane, input),
  DescribeRules: (input) => describe(plane, input),
  ModifyRule: (input) => {
    const arn = required(input, 'RuleArn')
    const rule = plane.balancers.changeRule(arn, {
      ...(forms(input, 'Conditions').length === 0 ? {} : { conditions: readConditions(input) }),
      ...(forms(input, 'Actions').length === 0 ? {} : { action: readAction(input, 'Actions') })
    })
    return { Rules: [ruleAnswer(rule)] }
  },
  DeleteRule: (input) => {
    const arn = required(input, 'RuleArn')
    if (isDefault(plane, arn))
      throw new ServiceError('OperationNotPermitted', `Default rule '${arn}' cannot be deleted`)
    plane.balancers.removeRule(arn)
    return {}
  }
})
