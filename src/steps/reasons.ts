import { readableMessage } from '../domain/launch.js'
import type { Hopeless, Reason, WaitFacts } from '../domain/reason.js'
import { allowIt } from '../domain/rights.js'
import type { Look, ReasonSources, Waits } from './asking.js'
import { healthReasons } from './health-reasons.js'
import { launchReasons } from './launch-reasons.js'
import { silenceReasons } from './silence-reasons.js'

/** Why a deployment waits, as far as that is known at a look. */
export interface Waited {
  /** All that is known now. */
  reasons: Reason[]
  /** What was not told before. */
  news: Reason[]
  facts: WaitFacts
  hopeless?: Hopeless | undefined
}

/** Asked at each look at a deployment. It never waits: what is asked now is known at a later look. */
export type Reasons = (look: Look) => Waited

/**
 * Asks the services that know why a deployment waits, each only while it is its turn. A question that fails is asked less often; one
 * that is refused is not asked again, and the facts say what to allow. A reason is news when what is known of it changes.
 */
export const reasonsOf = (sources: ReasonSources, waits: Waits): Reasons => {
  const askers = [launchReasons, silenceReasons, healthReasons].map((ask) => ask(sources, waits))
  const told = new Set<string>()
  return (look) => {
    const answers = askers.map((ask) => ask(look))
    const reasons = answers.flatMap((answer) => answer.reasons ?? [])
    const denied = answers.map((answer) => answer.denied).find((error) => error !== undefined)
    const facts = answers.reduce<WaitFacts>((all, { facts = {} }) => ({ ...all, ...withoutGaps(facts) }), {})
    return {
      reasons,
      news: reasons.filter((reason) => isNew(reason, told)),
      facts: denied === undefined ? facts : { ...facts, note: noteOf(denied) },
      hopeless: answers.map((answer) => answer.hopeless).find((one) => one !== undefined)
    }
  }
}

const withoutGaps = (facts: WaitFacts): WaitFacts =>
  Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined))

const noteOf = (denied: unknown): string =>
  `To see more of what a deployment waits for, ${allowIt(denied)}. Nothing else depends on it.`

/** Each cause once, however many instances come to share it. */
const isNew = (reason: Reason, told: Set<string>): boolean => {
  const cause = causeOf(reason)
  const isKnown = told.has(cause)
  told.add(cause)
  return !isKnown
}

const causeOf = (reason: Reason): string => {
  switch (reason.kind) {
    case 'sick': {
      const { state, reason: code, description } = reason.sick.health
      return ['sick', state, code, description].join('\n')
    }
    case 'launch':
      return ['launch', readableMessage(reason.failure.message), reason.failure.refusal?.action].join('\n')
    case 'held':
      return 'held'
    case 'silence': {
      const { event, machine } = reason.silence
      return ['silence', event?.name, machine?.state, machine?.profile, machine?.checks].join('\n')
    }
  }
}
