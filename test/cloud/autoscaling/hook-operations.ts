import { ServiceError, type QueryOperations } from '../contract.js'
import type { Fleets } from './fleets.js'
import type { LifecycleHook } from './model.js'
import { named } from './named-group.js'
import { number, required, text, texts, type Form } from './query.js'

const hookOf = (input: Form): LifecycleHook => {
  const transition = required(input, 'LifecycleTransition')
  if (
    transition !== 'autoscaling:EC2_INSTANCE_LAUNCHING' &&
    transition !== 'autoscaling:EC2_INSTANCE_TERMINATING'
  ) {
    throw new ServiceError('ValidationError', `Lifecycle transition '${transition}' is not valid`)
  }
  const [target, metadata] = [text(input, 'NotificationTargetARN'), text(input, 'NotificationMetadata')]
  const role = text(input, 'RoleARN')
  return {
    name: required(input, 'LifecycleHookName'),
    transition,
    heartbeatSeconds: number(input, 'HeartbeatTimeout') ?? 3600,
    defaultResult: text(input, 'DefaultResult') === 'CONTINUE' ? 'CONTINUE' : 'ABANDON',
    ...(target === undefined ? {} : { notificationTarget: target }),
    ...(metadata === undefined ? {} : { notificationMetadata: metadata }),
    ...(role === undefined ? {} : { role })
  }
}

const hookAnswer = (group: string, hook: LifecycleHook): object => ({
  LifecycleHookName: hook.name,
  AutoScalingGroupName: group,
  LifecycleTransition: hook.transition,
  NotificationTargetARN: hook.notificationTarget,
  NotificationMetadata: hook.notificationMetadata,
  RoleARN: hook.role,
  HeartbeatTimeout: hook.heartbeatSeconds,
  // The most that a hook waits altogether, however often it is extended (docs/service.md, captures 7).
  GlobalTimeout: Math.min(hook.heartbeatSeconds * 100, 172_800),
  DefaultResult: hook.defaultResult
})

/** Lifecycle hooks: put, read, delete. */
export const hookOperations = (fleets: Fleets): QueryOperations => ({
  PutLifecycleHook: (input) => {
    fleets.putHook(required(input, 'AutoScalingGroupName'), hookOf(input))
    return {}
  },
  DeleteLifecycleHook: (input) => {
    fleets.deleteHook(required(input, 'AutoScalingGroupName'), required(input, 'LifecycleHookName'))
    return {}
  },
  DescribeLifecycleHooks: (input) => {
    const group = named(fleets, input)
    const names = texts(input, 'LifecycleHookNames')
    const hooks = [...group.hooks.values()].filter((hook) => names.length === 0 || names.includes(hook.name))
    return { LifecycleHooks: hooks.map((hook) => hookAnswer(group.name, hook)) }
  }
})
