import { type Diagnostics, type EventChange, hasFailed, type Target } from '../domain/event.js'
import { DEPLOYMENT_ERRORS } from './deployment-errors.js'
import {
  AGENT_LOG,
  ALLOW_TRAFFIC,
  BLUE_ADVICE,
  EVENT_ADVICE,
  type Explanation,
  SCRIPT_ERRORS,
  SCRIPT_MESSAGES
} from './event-errors.js'

const lookUp = (table: Readonly<Record<string, Explanation>>, word: string): Explanation | undefined =>
  Object.hasOwn(table, word) ? table[word] : undefined

const shown = (code: string): string => (code === '' ? '(none)' : code)

/** Explains an error code of a deployment (errorInformation.code). An unknown code is reported as unknown, never guessed at. */
export const explainDeploymentError = (code: string): Explanation =>
  lookUp(DEPLOYMENT_ERRORS, code) ?? {
    meaning: `The service reported the error code ${shown(code)}, which this version of the action does not know.`,
    next: "Read the service's own message and the first failed event, and look up the code in the CodeDeploy User Guide (error codes)."
  }

/** The exit code in the agent's message; undefined when there is none (a signal, a timeout, an event without a script). */
export const exitCodeOf = ({ message }: Diagnostics): number | undefined => {
  const digits = /failed with exit code (\d+)\s*$/.exec(message)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

/** Explains a message that says more than its code; undefined for any other message. */
const tellingMessage = ({ message }: Diagnostics, event?: string): Explanation | undefined => {
  const found = SCRIPT_MESSAGES.find(
    ({ pattern, only }) => pattern.test(message.trimEnd()) && (only === undefined || only === event)
  )
  return found === undefined ? undefined : { meaning: found.meaning, next: found.next }
}

/** Explains the diagnostics of a failed event, by its message where that says more than its code, else by its code. */
export const explainScriptError = (diagnostics: Diagnostics, event?: string): Explanation =>
  tellingMessage(diagnostics, event) ??
  lookUp(SCRIPT_ERRORS, diagnostics.errorCode) ?? {
    meaning: `The agent reported the error code ${shown(diagnostics.errorCode)}, which this version of the action does not know.`,
    next: `Read the message and the log tail; on the server, ${AGENT_LOG} has more.`
  }

const NO_DIAGNOSTICS: Explanation = {
  meaning: 'The service gives no reason: the instance did not answer.',
  next: `Check whether the instance is still running (Auto Scaling may have replaced it), then check its agent: \`systemctl status codedeploy-agent\`, ${AGENT_LOG}.`
}

/** Explains a failed event: the error itself, then what is specific to this event, if anything. */
export const explainEvent = ({ target, event }: EventChange): Explanation[] => {
  const { diagnostics, name } = event
  if (name === 'AllowTraffic') return [(diagnostics && tellingMessage(diagnostics, name)) ?? ALLOW_TRAFFIC]
  const error = diagnostics === undefined ? NO_DIAGNOSTICS : explainScriptError(diagnostics, name)
  const advice =
    lookUp(EVENT_ADVICE, name) ?? (target.fleet === 'blue' ? lookUp(BLUE_ADVICE, name) : undefined)
  return advice === undefined ? [error] : [error, advice]
}

/** The one next act about a failed event: what its message says, else what is special about the event, else about its error. */
export const nextAct = (change: EventChange): string => {
  const { diagnostics, name } = change.event
  const told = diagnostics && tellingMessage(diagnostics, name)
  return (told ?? explainEvent(change).at(-1) ?? NO_DIAGNOSTICS).next
}

/** Whether the service skipped every event of an instance. */
export const neverTookPart = ({ events }: Target): boolean =>
  events.length > 0 && events.every((event) => event.status === 'Skipped')

/**
 * Instances whose agent never answered in a failed deployment: all their events were skipped although no event failed
 * anywhere. After a failure the service skips every event that has not started, so a skipped event then says nothing about the agent.
 */
export const silentTargets = (targets: readonly Target[]): Target[] =>
  targets.some((target) => target.events.some(hasFailed)) ? [] : targets.filter(neverTookPart)
