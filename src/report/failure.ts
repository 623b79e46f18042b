import type { Deployment } from '../domain/deployment.js'
import type { EventChange, Target } from '../domain/event.js'
import type { Paint } from './color.js'
import { pad } from './columns.js'
import { forLog } from './escape.js'
import { ALL_SKIPPED } from './event-advice.js'
import { exitCodeOf, explainDeploymentError, explainEvent } from './explain.js'
import type { Explanation } from './explanation.js'
import { scriptsLog, tailLines } from './log-tail.js'
import { AGENT_LOG } from './script-errors.js'

/** Where a failure happened, for the paths on the server. */
export interface FailurePlace {
  deploymentId: string
  /** The id of the deployment group, which is a folder of the agent; without it the path has a gap. */
  groupId?: string
}

const LABEL_WIDTH = 'on the server'.length

const labeled = (label: string, text: string): string => `    ${pad(label, LABEL_WIDTH)}  ${text}`

const explained = (explanations: readonly Explanation[]): string[] =>
  explanations.flatMap(({ meaning, next }) => [
    labeled('meaning', forLog(meaning)),
    labeled('next step', forLog(next))
  ])

/** `ScriptFailed, exit code 3` */
export const errorOf = ({ event }: EventChange): string => {
  const { diagnostics } = event
  if (diagnostics === undefined) return ''
  const exitCode = exitCodeOf(diagnostics)
  return `${diagnostics.errorCode}${exitCode === undefined ? '' : `, exit code ${exitCode}`}`
}

/** What the service and the agent told of a failed event, with its last lines of output and where to look on. */
export const factLines = ({ target, event }: EventChange, place: FailurePlace, paint: Paint): string[] => {
  const { scriptName = '', message = '', logTail = '' } = event.diagnostics ?? {}
  const tail = tailLines(logTail)
  const logs = [...(scriptName === '' ? [] : [scriptsLog(place.deploymentId, place.groupId)]), AGENT_LOG]
  const facts: [string, string][] = [
    ['script', scriptName],
    ['error', errorOf({ target, event })],
    ['message', message]
  ]
  return [
    ...facts.filter(([, text]) => text !== '').map(([label, text]) => labeled(label, forLog(text))),
    ...(tail.length === 0 ? [] : [labeled('last output', '').trimEnd()]),
    ...tail.map((line) => `      ${paint('│', 'gray')} ${line}`),
    ...logs.map((path, at) => labeled(at === 0 ? 'on the server' : '', forLog(path)))
  ]
}

/** A failed event as a person wants it: what, where, what it means and what to do, and the facts. */
export const failureLines = (change: EventChange, place: FailurePlace, paint: Paint): string[] => {
  const { target, event } = change
  return [
    paint(`✗ ${forLog(event.name)} failed on ${forLog(target.id)} (${target.fleet})`, 'red'),
    ...explained(explainEvent(change)),
    ...factLines(change, place, paint)
  ]
}

/** An instance that never took part: every one of its events was skipped. */
export const skippedLines = ({ id, fleet }: Target, paint: Paint): string[] => [
  paint(`✗ ${forLog(id)} (${fleet}) took no part`, 'red'),
  ...explained([ALL_SKIPPED])
]

/** What the service says of a deployment that failed or was stopped, explained; empty when it says nothing. */
export const deploymentErrorLines = ({ id, error }: Deployment, paint: Paint): string[] =>
  error === undefined
    ? []
    : [
        paint(`✗ ${forLog(id)}: ${forLog(error.code)}`, 'red'),
        ...(error.message === '' ? [] : [labeled('message', forLog(error.message))]),
        ...explained([explainDeploymentError(error.code)])
      ]
