import { alarmCause } from '../domain/alarm.js'
import { instances } from '../domain/counted.js'
import type { Deployment, Outcome } from '../domain/deployment.js'
import { type EventChange, isSettled, type Target } from '../domain/event.js'
import { eventOf } from '../domain/phase.js'
import type { Reason } from '../domain/reason.js'
import { explainEnd } from './alarms.js'
import { cutLine } from './columns.js'
import { ALL_SKIPPED } from './event-errors.js'
import { nextAct, silentTargets } from './explain.js'
import { sameFailures } from './failure.js'
import { reasonAdvice, reasonSentence } from './reasons.js'
import type { Story } from './story.js'
import { roughly } from './units.js'

/** Why a run failed, and the next act. */
export interface Cause {
  /** One sentence; absent if the headline says it. */
  what?: string | undefined
  next: string
  /** Other services than CodeDeploy know it, so the events and the errors of the deployment do not show it. */
  isBeyondEvents?: boolean
}

/**
 * The alarm or whatever else stopped it (the event that was at work then fails too), else the first failed event, else agents
 * that never answered, else what the service's own error code means.
 */
export const firstCause = (story: Story, outcome: Outcome): Cause | undefined => {
  const { firstFailure, deployment, targets, hopeless } = outcome
  const explanation = explainEnd(story)
  const alarm = alarmCause(deployment)
  if (alarm !== undefined && explanation !== undefined)
    return { what: `${deployment.id} was stopped by ${alarm}.`, next: explanation.next }
  if (hopeless !== undefined) return givenUp(story, outcome, hopeless)
  if (deployment.status === 'Stopped' && explanation !== undefined)
    return { what: withCode(explanation.meaning, deployment), next: explanation.next }
  if (firstFailure !== undefined)
    return because(reasonOf(firstFailure, outcome), story, {
      what: whatFailed(firstFailure, outcome),
      next: nextAct(firstFailure)
    })
  if (deployment.status === 'Failed' && silentTargets(targets).length > 0)
    return because(known(outcome, 'silence'), story, {
      what: `No agent answered on ${silentOnes(targets)}.`,
      next: ALL_SKIPPED.next
    })
  return (
    explanation &&
    because(targets.length === 0 ? known(outcome, 'launch') : undefined, story, {
      what: withCode(explanation.meaning, deployment),
      next: explanation.next
    })
  )
}

/** A cause that CodeDeploy does not know itself comes first: its own code only says that something took too long. */
const because = (reason: Reason | undefined, story: Story, cause: Cause): Cause =>
  reason === undefined
    ? cause
    : {
        what: `${cause.what ?? ''} ${reasonSentence(reason, story)}`.trim(),
        next: reasonAdvice(reason) || cause.next,
        isBeyondEvents: true
      }

const known = ({ reasons = [] }: Outcome, kind: Reason['kind']): Reason | undefined =>
  reasons.find((reason) => reason.kind === kind)

/** Why a deployment that nobody watches any longer still waits, if that is known. */
export const waitCause = (story: Story, { reasons = [], targets }: Outcome): Cause | undefined => {
  const isWaiting = ({ id, name }: { id: string; name?: string }): boolean =>
    targets.some(
      (target) =>
        target.id === id &&
        (name === undefined ? !isSettled(target.status) : eventOf(target, name)?.status === 'InProgress')
    )
  const reason = reasons.find((one) => {
    switch (one.kind) {
      case 'sick':
        return one.sick.ids.some((id) => isWaiting({ id, name: 'AllowTraffic' }))
      case 'silence':
        return one.silence.ids.some((id) => isWaiting({ id }))
      default:
        return targets.length === 0
    }
  })
  return reason && { what: reasonSentence(reason, story), next: reasonAdvice(reason), isBeyondEvents: true }
}

/** What was known about the event that failed first, while it was awaited. */
const reasonOf = ({ event, target }: EventChange, { reasons = [] }: Outcome): Reason | undefined =>
  reasons.find((reason) =>
    reason.kind === 'sick'
      ? event.name === 'AllowTraffic' && reason.sick.ids.includes(target.id)
      : reason.kind === 'silence' && reason.silence.ids.includes(target.id)
  )

/** This run has stopped it. */
const givenUp = (
  story: Story,
  { deployment }: Outcome,
  { reason, forMs }: NonNullable<Outcome['hopeless']>
): Cause => ({
  what: `This run stopped ${deployment.id} because nothing got better for ${roughly(forMs)} (\`stop-when-unhealthy-minutes\`). ${reasonSentence(reason, story)}`,
  next: reasonAdvice(reason),
  isBeyondEvents: true
})

const whatFailed = (first: EventChange, outcome: Outcome): string => {
  const { event, target } = first
  const { share, changes } = sameFailures(first, outcome)
  return changes.length > 1
    ? `${event.name} failed on ${share}, first on ${target.id}.`
    : `${event.name} failed first, on ${target.id} (${target.fleet}).`
}

const silentOnes = (targets: readonly Target[]): string => {
  const [first, ...rest] = silentTargets(targets)
  return `${first?.id ?? ''}${rest.length === 0 ? '' : ` and ${instances(rest.length, 'more instance')}`}`
}

/** Cells of the service's own message: it alone may name the role, the template or the limit, in as many words as it likes. */
const MESSAGE_CELLS = 400

const withCode = (meaning: string, { error }: Deployment): string => {
  const parts = [error?.code ?? '', cutLine(error?.message ?? '', MESSAGE_CELLS)].filter((one) => one !== '')
  return parts.length === 0 ? meaning : `${unended(meaning)} (${unended(parts.join(': '))}).`
}

const unended = (sentence: string): string => sentence.replace(/\.$/, '')
