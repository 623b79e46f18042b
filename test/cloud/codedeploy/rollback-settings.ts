import { flag, structure, texts, type Input } from './input.js'
import type { AutoRollback, RollbackEvent } from './model.js'
import { refuse } from './refusal.js'

const EVENTS: readonly RollbackEvent[] = [
  'DEPLOYMENT_FAILURE',
  'DEPLOYMENT_STOP_ON_ALARM',
  'DEPLOYMENT_STOP_ON_REQUEST'
]

/**
 * Reads autoRollbackConfiguration; refuses `enabled` without events (docs/service.md, reference 1.5). Undefined if it is
 * absent.
 */
export const readAutoRollback = (input: Input): AutoRollback | undefined => {
  const given = structure(input, 'autoRollbackConfiguration')
  if (given === undefined) return undefined
  const words = texts(given, 'events')
  const unknown = words.filter((word) => !EVENTS.some((event) => event === word))
  if (unknown.length > 0) {
    refuse(
      'InvalidAutoRollbackConfigException',
      `The auto rollback events ${JSON.stringify(unknown)} are invalid.`
    )
  }
  const enabled = flag(given, 'enabled')
  if (enabled && words.length === 0) {
    refuse(
      'InvalidAutoRollbackConfigException',
      'Automatic rollback is enabled, but no event type was listed.'
    )
  }
  return { enabled, events: EVENTS.filter((event) => words.includes(event)) }
}
