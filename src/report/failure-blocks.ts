import { hasFailed, type EventChange } from '../domain/event.js'
import { painter } from './color.js'
import { code, fenced, forMarkdown } from './escape.js'
import { explainDeploymentError, explainEvent, silentTargets } from './explain.js'
import type { Explanation } from './explanation.js'
import { ALL_SKIPPED } from './event-advice.js'
import { errorOf, factLines, type FailurePlace } from './failure.js'
import { targetsOf, type Ending, type Story } from './story.js'

/** Failures that are told in full; hundreds of instances mostly fail of one cause. */
const TOLD_IN_FULL = 5
const NAMED = 50

const plain = painter(false)

const endOf = ({ event }: EventChange): number =>
  (event.endTime ?? event.startTime)?.getTime() ?? Number.MAX_SAFE_INTEGER

/** Every failed event, the first by the service's clock first. */
export const failures = (ending: Ending): EventChange[] =>
  targetsOf(ending)
    .flatMap((target) => target.events.filter(hasFailed).map((event) => ({ target, event })))
    .sort((one, other) => endOf(one) - endOf(other))

const advice = ({ meaning, next }: Explanation): string =>
  `${forMarkdown(meaning)} **Next:** ${forMarkdown(next)}`

const block = (change: EventChange, place: FailurePlace, first: boolean): string => {
  const { target, event } = change
  const script = event.diagnostics?.scriptName ?? ''
  const where = script === '' ? '' : ` in ${code(script)}`
  const error = errorOf(change)
  return [
    `<details${first ? ' open' : ''}><summary>❌ <b>${forMarkdown(event.name)}</b> on ${code(target.id)} (${target.fleet})${where}${error === '' ? '' : `: ${forMarkdown(error)}`}</summary>`,
    ...explainEvent(change).map(advice),
    fenced(factLines(change, place, plain).map((line) => line.replace(/^ {4}/, ''))).join('\n'),
    '</details>'
  ].join('\n\n')
}

/** The failures of a run for its summary; empty when there is none. */
export const failureBlocks = ({ ending, groupId }: Story): string[] => {
  const { deployment } = ending
  const found = failures(ending)
  const place = { deploymentId: deployment.id, ...(groupId === undefined ? {} : { groupId }) }
  const blocks = [
    ...found.slice(0, TOLD_IN_FULL).map((change, at) => block(change, place, at === 0)),
    ...silent(ending),
    ...others(found.slice(TOLD_IN_FULL)),
    ...serviceError(ending)
  ]
  return blocks.length === 0 ? [] : ['### Failures', ...blocks]
}

const serviceError = ({ deployment: { error } }: Ending): string[] =>
  error === undefined
    ? []
    : [`${code(error.code)} ${forMarkdown(error.message)}<br>\n${advice(explainDeploymentError(error.code))}`]

const silent = (ending: Ending): string[] => {
  const ids =
    ending.deployment.status === 'Failed' ? silentTargets(targetsOf(ending)).map(({ id }) => code(id)) : []
  return ids.length === 0 ? [] : [`${ids.slice(0, NAMED).join(', ')}: ${advice(ALL_SKIPPED)}`]
}

const others = (rest: readonly EventChange[]): string[] =>
  rest.length === 0
    ? []
    : [
        `${rest.length} more failed events: ${rest
          .slice(0, NAMED)
          .map(({ target, event }) => `${forMarkdown(event.name)} on ${code(target.id)}`)
          .join(', ')}${rest.length > NAMED ? ', …' : ''}`
      ]
