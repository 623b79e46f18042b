import { structure, text, type Input } from './input.js'
import type { BlueGreenConfiguration } from './model.js'
import { refuse } from './refusal.js'

/** Two days in minutes, the maximum of both waits (docs/service.md, reference 2.6). */
const LONGEST_WAIT = 2880

const wrong = (message: string): never => refuse('InvalidBlueGreenDeploymentConfigurationException', message)

const oneOf = <Word extends string>(
  words: readonly Word[],
  given: string | undefined,
  member: string
): Word =>
  words.find((word) => word === given) ??
  wrong(`The ${member} ${JSON.stringify(given)} is not one of ${words.join(', ')}.`)

const minutes = (part: Input, member: string): number | undefined => {
  const value = part[member]
  if (typeof value !== 'number') return undefined
  if (!Number.isInteger(value) || value < 0 || value > LONGEST_WAIT) {
    wrong(`The ${member} must be between 0 and ${LONGEST_WAIT} minutes, was ${value}.`)
  }
  return value
}

/**
 * Reads blueGreenDeploymentConfiguration with the service's rules for its waits (docs/service.md, reference 2.6 and captures
 * 6).
 */
export const readBlueGreen = (input: Input): BlueGreenConfiguration | undefined => {
  const given = structure(input, 'blueGreenDeploymentConfiguration')
  if (given === undefined) return undefined
  return {
    terminateBlueInstancesOnDeploymentSuccess: termination(
      structure(given, 'terminateBlueInstancesOnDeploymentSuccess') ?? {}
    ),
    deploymentReadyOption: readiness(structure(given, 'deploymentReadyOption') ?? {}),
    greenFleetProvisioningOption: {
      action: oneOf(
        ['DISCOVER_EXISTING', 'COPY_AUTO_SCALING_GROUP'],
        text(structure(given, 'greenFleetProvisioningOption') ?? {}, 'action') ?? 'DISCOVER_EXISTING',
        'greenFleetProvisioningOption.action'
      )
    }
  }
}

const termination = (part: Input): BlueGreenConfiguration['terminateBlueInstancesOnDeploymentSuccess'] => {
  const action = oneOf(
    ['TERMINATE', 'KEEP_ALIVE'],
    text(part, 'action') ?? 'TERMINATE',
    'terminateBlueInstancesOnDeploymentSuccess.action'
  )
  const wait = minutes(part, 'terminationWaitTimeInMinutes')
  // Seen with a group for ECS (field: terraform-provider-aws #23995).
  if (action === 'KEEP_ALIVE' && wait !== undefined)
    wrong("The terminationWaitTimeInMinutes can only be set with the action 'TERMINATE'")
  return { action, ...(wait === undefined ? {} : { terminationWaitTimeInMinutes: wait }) }
}

// 0 is accepted with CONTINUE_DEPLOYMENT, a positive wait is not (docs/service.md, captures 6).
const readiness = (part: Input): BlueGreenConfiguration['deploymentReadyOption'] => {
  const actionOnTimeout = oneOf(
    ['CONTINUE_DEPLOYMENT', 'STOP_DEPLOYMENT'],
    text(part, 'actionOnTimeout') ?? 'CONTINUE_DEPLOYMENT',
    'deploymentReadyOption.actionOnTimeout'
  )
  const wait = minutes(part, 'waitTimeInMinutes')
  if (actionOnTimeout === 'CONTINUE_DEPLOYMENT' && (wait ?? 0) > 0) {
    wrong("Deployment ready action cannot be set to 'CONTINUE_DEPLOYMENT' when timeout is specified")
  }
  return { actionOnTimeout, ...(wait === undefined ? {} : { waitTimeInMinutes: wait }) }
}
