import type { Reason } from '../domain/reason.js'
import { forLog } from './escape.js'
import { namesOf, sickAdvice, sickSentence } from './health.js'
import { launchAdvice, launchSentence } from './launch.js'
import { silenceAdvice, silenceSentence } from './silence.js'
import { seenFrom, type Times } from './times.js'

/** What another service than CodeDeploy says about a wait, in one sentence. */
export const reasonSentence = (reason: Reason, times: Times): string => {
  switch (reason.kind) {
    case 'sick':
      return sickSentence(reason.sick, times)
    case 'launch':
      return launchSentence(reason.failure, times)
    case 'held':
      return `A launch hook has held ${namesOf(reason.ids)} since ${seenFrom(times, new Date(reason.since))} (Pending:Wait).`
    case 'silence':
      return silenceSentence(reason.silence, times)
  }
}

const HELD =
  'Whoever handles the hook has not completed it: see `aws autoscaling describe-lifecycle-hooks` and its target (a function, a queue or a topic). The instance is let in or given up when the hook times out.'

/** What that means, and what to do about it; empty if nothing is known. */
export const reasonAdvice = (reason: Reason): string => {
  switch (reason.kind) {
    case 'sick':
      return sickAdvice(reason.sick)
    case 'launch':
      return launchAdvice(reason.failure)
    case 'held':
      return HELD
    case 'silence':
      return silenceAdvice(reason.silence)
  }
}

/** A reason as lines of the log. */
export const reasonLines = (reason: Reason, times: Times): string[] =>
  [reasonSentence(reason, times), reasonAdvice(reason)].filter((line) => line !== '').map(forLog)
