import type { Deployment, Outcome } from '../domain/deployment.js'
import type { Target } from '../domain/event.js'
import { phaseOf } from '../domain/phase.js'
import { phaseHeading } from './lines.js'
import { deleteCommand, lastSeen, leftoverGroup, leftoverSentence } from './orphans.js'
import { broughtBack, type Story, timings } from './story.js'
import { blueLives, revisionWord, servingCount, whoServes } from './traffic.js'
import { duration } from './units.js'

/** How a run is told at its end. */
export interface Closing {
  /** Whether the job fails. */
  fails: boolean
  /** One sentence; the title of the summary. Plain text: escape it for where it goes. */
  headline: string
  /** What follows from it, one thought each. Plain text too. */
  sentences: string[]
  /** Those of the sentences that are worth a warning in a job that succeeds. */
  warnings?: string[]
  /** Commands for a person to copy, each the next step that a sentence speaks of. */
  commands: string[]
}

const place = ({ application, group }: Deployment): string => `${application}/${group}`

const target = (story: Story): string => revisionWord(story.commit, 'the revision')

const told = (fails: boolean, headline: string, sentences: string[]): Closing => ({
  fails,
  headline,
  sentences,
  commands: []
})

/** The closing sentences of a run, and whether it fails. */
export const closing = (story: Story): Closing => {
  const { ending } = story
  const end = ending.name === 'started' ? started(story) : TELLERS[ending.name](story, ending)
  const leftover = leftoverGroup(story)
  if (leftover === undefined) return end
  const commands = leftover.objections.length > 0 ? [] : [deleteCommand(leftover, story.region)]
  return {
    ...end,
    sentences: [...end.sentences, leftoverSentence(leftover)],
    commands: [...end.commands, ...commands]
  }
}

type Teller = (story: Story, outcome: Outcome) => Closing

const succeeded: Teller = (story, { deployment, targets, blueStillAlive }) => {
  const { toTrafficMs, totalMs } = timings(story)
  const warnings = partial(targets)
  const end = told(
    false,
    `${target(story)} is live on ${place(deployment)} after ${duration(toTrafficMs ?? totalMs)}`,
    [...warnings, ...(blueStillAlive ? [blueLives(deployment, targets, story.now)] : [])]
  )
  return warnings.length === 0 ? end : { ...end, warnings }
}

const failed: Teller = (story, outcome) =>
  told(true, `Deploying ${target(story)} to ${place(outcome.deployment)} failed`, [
    ...firstCause(outcome),
    whoServes(outcome, story.previousCommit)
  ])

const firstCause = ({ firstFailure }: Outcome): string[] =>
  firstFailure === undefined
    ? []
    : [
        `${firstFailure.event.name} failed first, on ${firstFailure.target.id} (${firstFailure.target.fleet}).`
      ]

const rolledBack: Teller = (story, outcome) => {
  const { deployment, rollback, targets, rollbackTargets } = outcome
  const live = revisionWord(broughtBack(story), 'the old version')
  const now = lastSeen(targets, rollbackTargets)
  const serving = servingCount(now, 'blue') + servingCount(now, 'in-place')
  const proof = serving > 0 ? `; ${serving} of its former instances serve` : ''
  return told(true, `${target(story)} was rolled back on ${place(deployment)}: ${live} is live again`, [
    ...firstCause(outcome),
    `${deployment.id} was rolled back by ${rollback?.id ?? 'the service'}${proof}.`
  ])
}

const stopped: Teller = (story, outcome) =>
  told(true, `Deploying ${target(story)} to ${place(outcome.deployment)} was stopped`, [
    whoServes(outcome, story.previousCommit)
  ])

const howToFollow = ({ id }: Deployment, { command }: Story): string =>
  command === 'deploy'
    ? `To follow it, run this job again: it finds ${id} and goes on where this one ended. To look at it by hand:`
    : 'To look at it by hand:'

const lookCommand = ({ id }: Deployment, { region }: Story): string =>
  `aws deploy get-deployment --deployment-id ${id} --region ${region}`

/** Why nobody watches anymore, and what was done about the deployment. */
const WATCH_ENDS = {
  deadline: { why: 'The time to watch is over, but', done: 'Nothing was stopped.' },
  left: { why: 'The job was canceled, but', done: 'Nothing was stopped (`on-cancel: leave`).' },
  stopping: { why: 'The job was canceled, and', done: 'It was asked to stop and was not over yet.' }
} as const

const timedOut: Teller = (story, { deployment, targets, canceled }) => {
  const phase = phaseHeading(phaseOf(deployment, targets), deployment)
  const { why, done } = WATCH_ENDS[canceled ?? 'deadline']
  const end = told(true, `${why} ${deployment.id} goes on`, [
    `${done} It is ${deployment.status} (${phase}) after ${duration(timings(story).totalMs)}.`,
    howToFollow(deployment, story)
  ])
  return { ...end, commands: [lookCommand(deployment, story)] }
}

const started = (story: Story): Closing => {
  const { deployment } = story.ending
  const end = told(false, `${deployment.id} is started on ${place(deployment)}`, [
    'This run does not wait for it (`wait-for: none`).',
    howToFollow(deployment, story)
  ])
  return { ...end, commands: [lookCommand(deployment, story)] }
}

const TELLERS: Record<Outcome['name'], Teller> = {
  succeeded,
  failed,
  'rolled-back': rolledBack,
  stopped,
  'timed-out': timedOut
}

/** The closing as lines of a log; an annotation of its headline is up to the command. */
export const closingLines = ({ sentences, commands }: Closing): string[] => [
  ...sentences,
  ...commands.map((command) => `    ${command}`)
]

/** Instances that did not get through: worth a warning when the deployment succeeds all the same (reference §1.7). */
const failedInstances = (targets: readonly Target[]): Target[] =>
  targets.filter((target) => target.status === 'Failed' || target.status === 'Skipped')

/** The warning about them; empty when all got through. */
export const partial = (targets: readonly Target[]): string[] => {
  const failed = failedInstances(targets)
  const ids = failed.slice(0, 10).map(({ id }) => id)
  const rest = failed.length > ids.length ? ` and ${failed.length - ids.length} more` : ''
  return failed.length === 0
    ? []
    : [
        `${failed.length} of ${targets.length} instances did not get through: ${ids.join(', ')}${rest}. The deployment configuration allows it, so the service calls it a success; look at them.`
      ]
}
