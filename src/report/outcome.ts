import { grouped, instances } from '../domain/counted.js'
import { alarmCause } from '../domain/alarm.js'
import type { Deployment, Outcome } from '../domain/deployment.js'
import type { Target } from '../domain/event.js'
import { phaseOf } from '../domain/phase.js'
import { type Cause, firstCause, waitCause } from './cause.js'
import { phaseHeading } from './lines.js'
import {
  deleteCommand,
  deletionSentence,
  lastSeen,
  leftoverGroup,
  type LeftoverGroup,
  leftoverSentence
} from './orphans.js'
import { broughtBack, type Story, timings } from './story.js'
import { blueEnd, revisionWord, servingCount, whoServes } from './traffic.js'
import { duration } from './units.js'

/** What a run reports at its end. */
export interface Closing {
  /** Whether the job fails. */
  fails: boolean
  /** One sentence; the title of the summary. Plain text: escape it for where it goes. */
  headline: string
  /** Why it failed, and the next act. A summary shows the failures themselves instead, if there are any. */
  cause?: Cause | undefined
  /** The consequences, one sentence each. Plain text too. */
  sentences: string[]
  /** The sentences that deserve a warning when the job succeeds. */
  warnings?: string[]
  /** Commands to copy, each the next step that a sentence describes. */
  commands: string[]
  /** What was left behind. It comes last, since it deletes the servers on which the cause can be seen. */
  cleanUp?: CleanUp | undefined
}

export interface CleanUp {
  sentence: string
  commands: string[]
}

const place = ({ application, group }: Deployment): string => `${application}/${group}`

const target = (story: Story): string => revisionWord(story.commit, 'the revision')

const told = (fails: boolean, headline: string, sentences: string[], cause?: Cause): Closing => ({
  fails,
  headline,
  cause,
  sentences,
  commands: []
})

/** The closing sentences of a run, and whether it fails. */
export const closing = (story: Story): Closing => {
  const { ending } = story
  const end = ending.name === 'started' ? started(story) : TELLERS[ending.name](story, ending)
  const leftover = leftoverGroup(story)
  return {
    ...end,
    cleanUp:
      story.deletesLeftOver === true && leftover !== undefined
        ? { sentence: deletionSentence(leftover), commands: [] }
        : cleanUpOf(leftover, story.region)
  }
}

/** How to delete the Auto Scaling group that was left behind, if there is one and nothing speaks against it. */
export const cleanUpOf = (leftover: LeftoverGroup | undefined, region: string): CleanUp | undefined =>
  leftover && {
    sentence: leftoverSentence(leftover),
    commands: leftover.objections.length > 0 ? [] : [deleteCommand(leftover, region)]
  }

type Teller = (story: Story, outcome: Outcome) => Closing

const succeeded: Teller = (story, outcome) => {
  const { deployment, targets } = outcome
  const { toTrafficMs, totalMs } = timings(story)
  const warnings = partial(targets)
  const end = told(
    false,
    `${target(story)} is live on ${place(deployment)} after ${duration(toTrafficMs ?? totalMs)}`,
    [...warnings, ...blueEnd(outcome, story)]
  )
  return warnings.length === 0 ? end : { ...end, warnings }
}

/** `Deploying 9108d4a3 to shop/web`, or `Rolling back to 9108d4a3 on shop/web`. */
const doing = (story: Story, { deployment }: Outcome): string =>
  story.command === 'rollback'
    ? `Rolling back to ${target(story)} on ${place(deployment)}`
    : `Deploying ${target(story)} to ${place(deployment)}`

/** After a rollback that did not work, what else can be done. */
const otherTarget = ({ command }: Story): string[] =>
  command === 'rollback'
    ? [
        'To go back to another revision, roll back again with its commit; an empty `commit` lists what is available.'
      ]
    : []

const failed: Teller = (story, outcome) =>
  told(
    true,
    `${doing(story, outcome)} failed`,
    [whoServes(outcome, story.previousCommit), ...otherTarget(story)],
    firstCause(story, outcome)
  )

const rolledBack: Teller = (story, outcome) => {
  const { deployment, rollback, targets, rollbackTargets } = outcome
  const live = revisionWord(broughtBack(story), 'the old version')
  const now = lastSeen(targets, rollbackTargets)
  const serving = servingCount(now, 'blue') + servingCount(now, 'in-place')
  const proof =
    serving > 0 ? `; ${serving} of its previous instances ${serving === 1 ? 'is' : 'are'} in service` : ''
  const headline =
    story.command === 'rollback'
      ? `${doing(story, outcome)} failed: ${live} is live again`
      : `${target(story)} was rolled back on ${place(deployment)}: ${live} is live again`
  const sentence = `${deployment.id} was rolled back by ${rollback?.id ?? 'the service'}${proof}.`
  return told(true, headline, [sentence, ...otherTarget(story)], firstCause(story, outcome))
}

const stopped: Teller = (story, outcome) => {
  const alarm = alarmCause(outcome.deployment)
  return told(
    true,
    `${doing(story, outcome)} was stopped${alarm === undefined ? '' : ` by ${alarm}`}`,
    [whoServes(outcome, story.previousCommit), ...otherTarget(story)],
    stopCause(story, outcome, alarm !== undefined)
  )
}

const stopCause = (story: Story, outcome: Outcome, isNamed: boolean): Cause | undefined => {
  const cause = firstCause(story, outcome)
  return cause !== undefined && isNamed ? { next: cause.next } : cause
}

const howToFollow = ({ id }: Deployment): string =>
  `To follow it, run this job again: it finds ${id} and continues where this one ended.`

const BY_HAND = 'To check it by hand:'

const lookCommand = ({ id }: Deployment, { region }: Story): string =>
  `aws deploy get-deployment --deployment-id ${id} --region ${region}`

/** Why this run stopped watching, and what it did to the deployment. */
const WATCH_ENDS = {
  deadline: { why: 'The time limit for watching was reached, but', done: 'Nothing was stopped.' },
  left: { why: 'The job was canceled, but', done: 'Nothing was stopped (`on-cancel: leave`).' },
  stopping: { why: 'The job was canceled, and', done: 'It was asked to stop but has not stopped yet.' }
} as const

const timedOut: Teller = (story, outcome) => {
  const { deployment, targets, canceled } = outcome
  const phase = phaseHeading(phaseOf(deployment, targets), deployment)
  const { why, done } = WATCH_ENDS[canceled ?? 'deadline']
  const end = told(
    true,
    `${why} ${deployment.id} is still running`,
    [
      howToFollow(deployment),
      `${done} Its status is ${deployment.status} (${phase}) after ${duration(timings(story).totalMs)}. ${BY_HAND}`
    ],
    waitCause(story, outcome)
  )
  return { ...end, commands: [lookCommand(deployment, story)] }
}

const started = (story: Story): Closing => {
  const { deployment } = story.ending
  const end = told(false, `Started ${deployment.id} on ${place(deployment)}`, [
    'This run does not wait for it (`wait-for: none`).',
    `${howToFollow(deployment)} ${BY_HAND}`
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

/** The closing as log lines: what happened and why, what to do next, and only then the rest. */
export const closingLines = ({ headline, cause, sentences, commands, cleanUp }: Closing): string[] => [
  cause?.what === undefined ? headline : `${headline}. ${cause.what}`,
  ...(cause === undefined ? [] : [cause.next]),
  ...sentences,
  ...commands.map(indented),
  ...(cleanUp === undefined ? [] : [cleanUp.sentence, ...cleanUp.commands.map(indented)])
]

const indented = (command: string): string => `    ${command}`

/** A deployment can succeed although these instances did not (docs/service.md, reference 1.7). */
const failedInstances = (targets: readonly Target[]): Target[] =>
  targets.filter((target) => target.status === 'Failed' || target.status === 'Skipped')

/** The warning about instances that failed or were skipped; empty when there are none. */
export const partial = (targets: readonly Target[]): string[] => {
  const failed = failedInstances(targets)
  const ids = failed.slice(0, 10).map(({ id }) => id)
  const rest = failed.length > ids.length ? ` and ${failed.length - ids.length} more` : ''
  return failed.length === 0
    ? []
    : [
        `${grouped(failed.length)} of ${instances(targets.length)} failed or ${failed.length === 1 ? 'was' : 'were'} skipped: ${ids.join(', ')}${rest}. The deployment configuration allows this, so the service reports success; check ${failed.length === 1 ? 'this instance' : 'these instances'}.`
      ]
}
