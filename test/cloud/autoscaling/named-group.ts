import { ServiceError } from '../contract.js'
import type { Fleets } from './fleets.js'
import type { AutoScalingGroup } from './model.js'
import { required, type Form } from './query.js'

/** The group of that name, or the service's refusal. */
export const groupOf = (fleets: Fleets, name: string): AutoScalingGroup => {
  const group = fleets.find(name)
  if (group === undefined) {
    throw new ServiceError(
      'ValidationError',
      `AutoScalingGroup name not found - AutoScalingGroup '${name}' not found`
    )
  }
  return group
}

/** The group that a request names. */
export const named = (fleets: Fleets, input: Form): AutoScalingGroup =>
  groupOf(fleets, required(input, 'AutoScalingGroupName'))
