import { ServiceError, type QueryOperations } from '../contract.js'
import { forms, number, paged, required, text, texts, type Form } from '../autoscaling/query.js'
import { attributesAnswer, groupAnswer, healthAnswer } from './answers.js'
import { createGroup } from './create-group.js'
import type { BalancingPlane } from './operations.js'
import type { TargetHealth } from './target-groups.js'

const describeGroups = ({ targetGroups, balancers, pageSize }: BalancingPlane, input: Form): object => {
  const [arns, names, balancer] = [
    texts(input, 'TargetGroupArns'),
    texts(input, 'Names'),
    text(input, 'LoadBalancerArn')
  ]
  const found = targetGroups
    .all()
    .filter((group) => arns.length === 0 || arns.includes(group.arn))
    .filter((group) => names.length === 0 || names.includes(group.name))
    .filter(
      (group) => balancer === undefined || balancers.using(group.arn).some(({ arn }) => arn === balancer)
    )
  if (found.length < arns.length + names.length) {
    throw new ServiceError('TargetGroupNotFound', 'One or more target groups not found')
  }
  const { page, next } = paged(found, text(input, 'Marker'), number(input, 'PageSize') ?? pageSize)
  return {
    TargetGroups: page.map((group) => groupAnswer(group, balancers.using(group.arn))),
    NextMarker: next
  }
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
  return { TargetHealthDescriptions: wanted.map((health) => healthAnswer(group, health)) }
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

/** Target groups: create, read, change, delete; their targets and health. */
export const targetGroupOperations = (plane: BalancingPlane): QueryOperations => ({
  CreateTargetGroup: (input) => createGroup(plane, input),
  DescribeTargetGroups: (input) => describeGroups(plane, input),
  // One that is gone is no error: the API's only error is ResourceInUse.
  DeleteTargetGroup: async (input) => {
    await plane.targetGroups.remove(required(input, 'TargetGroupArn'))
    return {}
  },
  DescribeTargetGroupAttributes: (input) =>
    attributesAnswer(plane.targetGroups.byArn(required(input, 'TargetGroupArn'))),
  ModifyTargetGroupAttributes: (input) => modify(plane, input),
  DescribeTargetHealth: (input) => describeHealth(plane, input),
  RegisterTargets: (input) => register(plane, input),
  DeregisterTargets: (input) => deregister(plane, input)
})
