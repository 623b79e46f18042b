import { ServiceError } from '../contract.js'
import type { Fleets } from './fleets.js'
import type { AutoScalingGroup } from './model.js'
import { required, type Form } from './query.js'

/** The group with that name; throws the service's refusal if there is none. */
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

/** The group in a request. */
export const named = (fleets: Fleets, input: Form): AutoScalingGroup =>
  groupOf(fleets, required(input, 'AutoScalingGroupName'))
