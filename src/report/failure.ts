import { alarmCause } from '../domain/alarm.js'
import { counted, grouped, instances } from '../domain/counted.js'
import { type EventChange, FLEETS, type Target } from '../domain/event.js'
import { failuresOf, fleet } from '../domain/phase.js'
import { isLargeFleet } from '../domain/tally.js'
import { explainEnd } from './alarms.js'
import { cut, pad } from './columns.js'
import { code, fenced, forLog, forMarkdown, logLines } from './escape.js'
import { AGENT_LOG, ALL_SKIPPED, type Explanation } from './event-errors.js'
import { exitCodeOf, explainEvent, silentTargets } from './explain.js'
import { namesOf } from './health.js'
import { prose } from './markdown.js'
import { scriptWord, withoutArchive } from './script.js'
import { type Ending, type Story, targetsOf } from './story.js'
import type { Paint } from './style.js'

/** Where a failure happened, for the paths on the server. */
export interface FailurePlace {
  deploymentId: string
  /** The id of the deployment group, which is a folder of the agent; without it the path has a placeholder. */
  groupId?: string | undefined
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

/** What the service and the agent reported about a failed event, with the last lines of output and where to look next. */
export const factLines = ({ target, event }: EventChange, place: FailurePlace, paint: Paint): string[] => {
  const { scriptName = '', message = '', logTail = '' } = event.diagnostics ?? {}
  const tail = tailLines(logTail)
  const logs = logsOf({ target, event }, place)
  const facts: [string, string][] = [
    ['script', withoutArchive(scriptName)],
    ['error', errorOf({ target, event })],
    ['message', withoutArchive(message)]
  ]
  return [
    ...facts.filter(([, text]) => text !== '').map(([label, text]) => labeled(label, forLog(text))),
    ...(tail.length === 0 ? [] : [labeled('last output', '').trimEnd()]),
    ...tail.map((line) => `      ${paint('│', 'gray')} ${line}`),
    ...logs.map((path, at) => labeled(at === 0 ? 'on the server' : '', forLog(path)))
  ]
}

/** Where to look next. Only a script has a log of scripts. */
const logsOf = ({ event }: EventChange, { deploymentId, groupId }: FailurePlace): string[] => [
  ...((event.diagnostics?.scriptName ?? '') === '' ? [] : [scriptsLog(deploymentId, groupId)]),
  AGENT_LOG
]

/** `AfterInstall failed on i-1 (green)`, and on how many others for the same cause. */
export const failureTitle = ({ target, event }: EventChange, others = 0): string => {
  const more = others === 0 ? '' : ` and ${instances(others, 'more instance')}`
  return forLog(`${event.name} failed on ${target.id}${more} (${target.fleet})`)
}

/** A failed event for a person: what failed, where, what it means, what to do, and the facts. */
export const failureLines = (
  change: EventChange,
  place: FailurePlace,
  paint: Paint,
  others = 0
): string[] => [
  paint(`✗ ${failureTitle(change, others)}`, 'red'),
  ...explained(explainEvent(change)),
  ...factLines(change, place, paint)
]

/** Instances that ran nothing, since all their events were skipped: one by one, or together if they are many. */
export const skippedLines = (targets: readonly Target[], paint: Paint): string[] => {
  const shared = isLargeFleet(targets)
    ? FLEETS.map((side) => fleet(targets, side)).filter((its) => its.length > 0)
    : targets.map((target) => [target])
  return shared.flatMap((its) => [
    paint(`✗ ${forLog(namesOf(its.map(({ id }) => id)))} (${its[0]?.fleet ?? ''}) did not run`, 'red'),
    ...explained([ALL_SKIPPED])
  ])
}

/** Explains what the service says about a deployment that failed or was stopped; empty when it says nothing. */
export const deploymentErrorLines = (story: Pick<Story, 'ending' | 'alarms'>, paint: Paint): string[] => {
  const { id, error } = story.ending.deployment
  const explanation = explainEnd(story)
  return error === undefined
    ? []
    : [
        paint(`✗ ${forLog(id)}: ${forLog(error.code)}`, 'red'),
        ...(error.message === '' ? [] : [labeled('message', forLog(error.message))]),
        ...explained(explanation === undefined ? [] : [explanation])
          // The closing words of the run say what to do about an alarm.
          .slice(0, alarmCause(story.ending.deployment) === undefined ? undefined : 1)
      ]
}

/** Failures shown in full; when hundreds of instances fail, they mostly share one cause. */
const TOLD_IN_FULL = 5
const NAMED = 50

const advice = ({ meaning, next }: Explanation): string => `${prose(meaning)} **Next:** ${prose(next)}`

/** One failure, and the instances of a fleet that share it. */
export interface SharedFailure {
  /** In the order of the service's clock. */
  changes: EventChange[]
  /** `2 of 3 green instances` */
  share: string
}

const kindOf = ({ target, event: { name, diagnostics } }: EventChange): string =>
  JSON.stringify([
    target.fleet,
    name,
    diagnostics?.errorCode,
    diagnostics?.scriptName,
    diagnostics && withoutArchive(diagnostics.message)
  ])

const shared = (changes: EventChange[], ending: Ending): SharedFailure => {
  const side = changes[0]?.target.fleet ?? 'in-place'
  const all = targetsOf(ending).filter((target) => target.fleet === side).length
  return {
    changes,
    share: `${grouped(changes.length)} of ${instances(all, side === 'in-place' ? 'instance' : `${side} instance`)}`
  }
}

/** The failures of a run's events, those that are equal together, in the order of the first of each. */
const sharedFailures = (ending: Ending): SharedFailure[] => {
  const groups = new Map<string, EventChange[]>()
  for (const change of failuresOf(targetsOf(ending))) {
    const kind = kindOf(change)
    groups.set(kind, [...(groups.get(kind) ?? []), change])
  }
  return [...groups.values()].map((changes) => shared(changes, ending))
}

/** The instances that share this failure. */
export const sameFailures = (change: EventChange, ending: Ending): SharedFailure =>
  shared(
    failuresOf(targetsOf(ending)).filter((one) => kindOf(one) === kindOf(change)),
    ending
  )

const named = (changes: readonly EventChange[]): string =>
  `${changes
    .slice(0, NAMED)
    .map(({ target }) => code(target.id))
    .join(', ')}${changes.length > NAMED ? ', …' : ''}`

const block = (failure: SharedFailure, story: Story, first: boolean): string => {
  const { changes, share } = failure
  const change = changes[0]
  if (change === undefined) return ''
  const { name, diagnostics } = change.event
  const { message = '', logTail = '' } = diagnostics ?? {}
  const error = errorOf(change)
  // The title says already what a message about an exit code says.
  const words = diagnostics === undefined || exitCodeOf(diagnostics) !== undefined ? '' : message
  const tail = tailLines(logTail)
  return [
    `<details${first ? ' open' : ''}><summary>❌ <b>${forMarkdown(name)}</b> on ${share}${scriptWord(change.event, story)}${error === '' ? '' : `: ${forMarkdown(error)}`}</summary>`,
    ...(words === '' ? [] : [forMarkdown(withoutArchive(words))]),
    ...(tail.length === 0 ? [] : [fenced(tail).join('\n')]),
    ...explainEvent(change).map(advice),
    `Failed on ${named(changes)}. On the server: ${logsOf(change, placeOf(story)).map(code).join(', ')}`,
    '</details>'
  ].join('\n\n')
}

const placeOf = ({ ending, groupId }: Story): FailurePlace => ({
  deploymentId: ending.deployment.id,
  groupId
})

/** The failures of a run for its summary; empty when there are none. */
export const failureBlocks = (story: Story): string[] => {
  const { ending } = story
  const found = sharedFailures(ending)
  const blocks = [
    ...found.slice(0, TOLD_IN_FULL).map((failure, at) => block(failure, story, at === 0)),
    ...silent(ending),
    ...others(found.slice(TOLD_IN_FULL).flatMap(({ changes }) => changes)),
    ...serviceError(story)
  ]
  return blocks.length === 0 ? [] : ['### Failures', ...blocks]
}

const serviceError = (story: Story): string[] => {
  const { error } = story.ending.deployment
  const explanation = explainEnd(story)
  if (error === undefined) return []
  const text = `${code(error.code)} ${forMarkdown(error.message)}`
  return [explanation === undefined ? text : `${text}<br>\n${advice(explanation)}`]
}

const silent = (ending: Ending): string[] => {
  const ids =
    ending.deployment.status === 'Failed' ? silentTargets(targetsOf(ending)).map(({ id }) => code(id)) : []
  return ids.length === 0 ? [] : [`${ids.slice(0, NAMED).join(', ')}: ${advice(ALL_SKIPPED)}`]
}

const others = (rest: readonly EventChange[]): string[] =>
  rest.length === 0
    ? []
    : [
        `${counted(rest.length, 'more failed event')}: ${rest
          .slice(0, NAMED)
          .map(({ target, event }) => `${forMarkdown(event.name)} on ${code(target.id)}`)
          .join(', ')}${rest.length > NAMED ? ', …' : ''}`
      ]

/** How much of a log tail is shown: the agent sends 2 KB, the service promises up to 4 KB (docs/service.md, reference 2.3). */
const MOST_LINES = 60
const MOST_CELLS = 400

/**
 * The last lines of a script's output, safe for the log, preceded by a note if some are not shown. The service does not
 * promise a size (docs/service.md, captures 11), so it is limited here.
 */
export const tailLines = (logTail: string, most = MOST_LINES): string[] => {
  // No ordinary text needs more per cell; the rest is never read.
  const lines = logLines(withoutArchive(logTail.slice(-most * MOST_CELLS * 4)))
  const shown = lines.slice(-most).map((line) => cut(line, MOST_CELLS))
  return lines.length > most
    ? [`… ${counted(lines.length - most, 'earlier line is', 'earlier lines are')} not shown`, ...shown]
    : shown
}

/** Where a server keeps the full output of a deployment's scripts (docs/service.md, reference 2.3). */
export const scriptsLog = (deploymentId: string, groupId: string | undefined): string =>
  `/opt/codedeploy-agent/deployment-root/${groupId || '<deployment-group-id>'}/${deploymentId}/logs/scripts.log`
