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

/** Explains an error code of a deployment (errorInformation.code). A code that is not known is said to be so, never guessed at. */
export const explainDeploymentError = (code: string): Explanation =>
  lookUp(DEPLOYMENT_ERRORS, code) ?? {
    meaning: `The service gave the error code ${shown(code)}, which this version of the action does not know.`,
    next: "Read the service's own sentence and the first failed event, and look the code up in the CodeDeploy user guide (error codes)."
  }

/** The exit code in the agent's sentence; undefined when there is none (a signal, a timeout, an event without a script). */
export const exitCodeOf = ({ message }: Diagnostics): number | undefined => {
  const digits = /failed with exit code (\d+)\s*$/.exec(message)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

/** What a message that is known for its own sake tells; undefined for a message that says no more than the code. */
const tellingMessage = ({ message }: Diagnostics, event?: string): Explanation | undefined => {
  const found = SCRIPT_MESSAGES.find(
    ({ pattern, only }) => pattern.test(message.trimEnd()) && (only === undefined || only === event)
  )
  return found === undefined ? undefined : { meaning: found.meaning, next: found.next }
}

/** Explains the diagnostics of a failed event, by its message where that is telling, else by its code. */
export const explainScriptError = (diagnostics: Diagnostics, event?: string): Explanation =>
  tellingMessage(diagnostics, event) ??
  lookUp(SCRIPT_ERRORS, diagnostics.errorCode) ?? {
    meaning: `The agent gave the error code ${shown(diagnostics.errorCode)}, which this version of the action does not know.`,
    next: `Read the message and the log tail; on the server, ${AGENT_LOG} has more.`
  }

const NO_DIAGNOSTICS: Explanation = {
  meaning: 'The service says nothing about why: no answer came from the instance.',
  next: `Look whether the instance still runs (Auto Scaling may have replaced it), then at its agent: \`systemctl status codedeploy-agent\`, ${AGENT_LOG}.`
}

/** Explains a failed event: the error itself, then what it means that just this event failed, if there is more to say. */
export const explainEvent = ({ target, event }: EventChange): Explanation[] => {
  const { diagnostics, name } = event
  if (name === 'AllowTraffic') return [(diagnostics && tellingMessage(diagnostics, name)) ?? ALLOW_TRAFFIC]
  const error = diagnostics === undefined ? NO_DIAGNOSTICS : explainScriptError(diagnostics, name)
  const advice =
    lookUp(EVENT_ADVICE, name) ?? (target.fleet === 'blue' ? lookUp(BLUE_ADVICE, name) : undefined)
  return advice === undefined ? [error] : [error, advice]
}

/** Whether the service skipped every event of an instance. */
export const neverTookPart = ({ events }: Target): boolean =>
  events.length > 0 && events.every((event) => event.status === 'Skipped')

/**
 * Instances whose agent never answered in a failed deployment: all their events were skipped, though nothing had failed
 * anywhere. After a failure the service skips what it had not begun yet, so then it says nothing of an agent.
 */
export const silentTargets = (targets: readonly Target[]): Target[] =>
  targets.some((target) => target.events.some(hasFailed)) ? [] : targets.filter(neverTookPart)
