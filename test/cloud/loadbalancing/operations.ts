import { ServiceError, type QueryOperations } from '../contract.js'
import type { Fleets } from '../autoscaling/fleets.js'
import type { Background } from '../autoscaling/background.js'
import { form, forms, number, required, text, texts, type Form } from '../autoscaling/query.js'
import { attributesAnswer, balancerAnswer, groupAnswer, healthAnswer } from './answers.js'
import type { TargetGroups, TargetHealth } from './target-groups.js'

export interface BalancingPlane {
  targetGroups: TargetGroups
  fleets: Fleets
  background: Background
}

const describeBalancers = ({ targetGroups }: BalancingPlane, input: Form): object => {
  const [arns, names] = [texts(input, 'LoadBalancerArns'), texts(input, 'Names')]
  const found = targetGroups
    .all()
    .filter(({ loadBalancer }) => arns.length === 0 || arns.includes(loadBalancer.arn))
    .filter(({ loadBalancer }) => names.length === 0 || names.includes(loadBalancer.name))
  if (found.length < arns.length + names.length) {
    throw new ServiceError(
      'LoadBalancerNotFound',
      `One or more load balancers not found: ${[...arns, ...names].join(', ')}`
    )
  }
  return { LoadBalancers: found.map(balancerAnswer) }
}

const describeGroups = ({ targetGroups }: BalancingPlane, input: Form): object => {
  const [arns, names, balancer] = [
    texts(input, 'TargetGroupArns'),
    texts(input, 'Names'),
    text(input, 'LoadBalancerArn')
  ]
  const found = targetGroups
    .all()
    .filter((group) => arns.length === 0 || arns.includes(group.arn))
    .filter((group) => names.length === 0 || names.includes(group.name))
    .filter((group) => balancer === undefined || group.loadBalancer.arn === balancer)
  if (found.length < arns.length + names.length) {
    throw new ServiceError('TargetGroupNotFound', 'One or more target groups not found')
  }
  return { TargetGroups: found.map(groupAnswer) }
}

const targetsOf = (input: Form): string[] => forms(input, 'Targets').map((target) => required(target, 'Id'))

const describeHealth = ({ targetGroups }: BalancingPlane, input: Form): object => {
  const group = targetGroups.byArn(required(input, 'TargetGroupArn'))
  const [known, asked] = [targetGroups.health(group), targetsOf(input)]
  const unknown = (id: string): TargetHealth => ({
    machineId: id,
    state: 'unused',
    reason: 'Target.NotRegistered'
  })
  const wanted =
    asked.length === 0
      ? known
      : asked.map((id) => known.find((health) => health.machineId === id) ?? unknown(id))
  return { TargetHealthDescriptions: wanted.map(healthAnswer) }
}

const register = ({ targetGroups, fleets }: BalancingPlane, input: Form): object => {
  const group = targetGroups.byArn(required(input, 'TargetGroupArn'))
  const machines = targetsOf(input).map((id) => {
    const instance = fleets.instance(id)
    if (instance === undefined) {
      throw new ServiceError(
        'InvalidTarget',
        `The following targets are not in a running state and cannot be registered: '${id}'`
      )
    }
    return instance.machine
  })
  for (const machine of machines) targetGroups.register(group, machine)
  return {}
}

const deregister = ({ targetGroups, background }: BalancingPlane, input: Form): object => {
  const group = targetGroups.byArn(required(input, 'TargetGroupArn'))
  for (const id of targetsOf(input)) background.run(() => targetGroups.deregister(group, id))
  return {}
}

const modify = ({ targetGroups }: BalancingPlane, input: Form): object => {
  const group = targetGroups.byArn(required(input, 'TargetGroupArn'))
  for (const attribute of forms(input, 'Attributes')) {
    const [key, value] = [required(attribute, 'Key'), text(attribute, 'Value') ?? '']
    const seconds = Number(value)
    if (key === 'deregistration_delay.timeout_seconds' && !(seconds >= 0 && seconds <= 3600)) {
      throw new ServiceError(
        'InvalidConfigurationRequest',
        `'${key}' must be between 0 and 3600, was '${value}'`
      )
    }
    group.attributes.set(key, value)
  }
  return attributesAnswer(group)
}

const create = async ({ targetGroups }: BalancingPlane, input: Form): Promise<object> => {
  const group = await targetGroups.create(required(input, 'Name'), {
    path: text(input, 'HealthCheckPath') ?? '/',
    intervalSeconds: number(input, 'HealthCheckIntervalSeconds') ?? 30,
    timeoutSeconds: number(input, 'HealthCheckTimeoutSeconds') ?? 5,
    healthyThreshold: number(input, 'HealthyThresholdCount') ?? 5,
    unhealthyThreshold: number(input, 'UnhealthyThresholdCount') ?? 2,
    matcher: text(form(input, 'Matcher') ?? {}, 'HttpCode') ?? '200'
  })
  return { TargetGroups: [groupAnswer(group)] }
}

const describeListeners = ({ targetGroups }: BalancingPlane, input: Form): object => {
  const [balancer, arns] = [text(input, 'LoadBalancerArn'), texts(input, 'ListenerArns')]
  const found = targetGroups
    .all()
    .filter((group) => balancer === undefined || group.loadBalancer.arn === balancer)
    .filter((group) => arns.length === 0 || arns.includes(group.listenerArn))
  if (found.length === 0)
    throw new ServiceError('LoadBalancerNotFound', `Load balancer '${balancer ?? ''}' not found`)
  return {
    Listeners: found.map((group) => ({
      ListenerArn: group.listenerArn,
      LoadBalancerArn: group.loadBalancer.arn,
      Port: group.port,
      Protocol: 'HTTP',
      DefaultActions: [{ Type: 'forward', TargetGroupArn: group.arn }]
    }))
  }
}

/**
 * The part of the ELBv2 API that a deployment and its preflight need. Every target group here has one load balancer with one
 * listener.
 */
export const loadBalancingOperations = (plane: BalancingPlane): QueryOperations => ({
  DescribeLoadBalancers: (input) => describeBalancers(plane, input),
  DescribeTargetGroups: (input) => describeGroups(plane, input),
  DescribeTargetGroupAttributes: (input) =>
    attributesAnswer(plane.targetGroups.byArn(required(input, 'TargetGroupArn'))),
  ModifyTargetGroupAttributes: (input) => modify(plane, input),
  DescribeTargetHealth: (input) => describeHealth(plane, input),
  RegisterTargets: (input) => register(plane, input),
  DeregisterTargets: (input) => deregister(plane, input),
  CreateTargetGroup: (input) => create(plane, input),
  DescribeListeners: (input) => describeListeners(plane, input)
})
