import { short } from '../domain/commit.js'
import type { Deployment, Outcome } from '../domain/deployment.js'
import type { Target } from '../domain/event.js'
import { phaseOf, trafficHasBegun } from '../domain/phase.js'
import { clockSeenFrom, duration } from './duration.js'
import { lastSeen, leftoverGroup, leftoverSentences } from './leftover.js'
import { phaseHeading } from './lines.js'
import { revisionName, timings, type Story } from './story.js'
import { blueLivesUntil, servingCount, trafficLine } from './traffic.js'

/** How a run is told at its end. */
export interface Closing {
  /** Whether the job fails. */
  fails: boolean
  /** One sentence; the title of the summary. Plain text: escape it for where it goes. */
  headline: string
  /** What follows from it, one thought each. Plain text too. */
  sentences: string[]
}

/** Something that worked, with a limit: it deserves a warning though the job does not fail. */
export const failedInstances = (targets: readonly Target[]): Target[] =>
  targets.filter((target) => target.status === 'Failed' || target.status === 'Skipped')

const nameOf = (commit: string | undefined): string =>
  commit === undefined ? 'the revision' : /^[0-9a-f]{40}$/.test(commit) ? short(commit) : commit

const place = ({ application, group }: Deployment): string => `${application}/${group}`

/** The closing sentences of a run, and whether it fails. */
export const closing = (story: Story): Closing => {
  const { ending } = story
  const told = ending.name === 'started' ? started(story) : TELLERS[ending.name](story, ending)
  const leftover = leftoverGroup(story)
  const more = leftover === undefined ? [] : leftoverSentences(leftover, story.region)
  return { ...told, sentences: [...told.sentences, ...more] }
}

type Teller = (story: Story, outcome: Outcome) => Closing

const succeeded: Teller = (story, { deployment, targets, blueStillAlive }) => {
  const { toTrafficMs, totalMs } = timings(story)
  const took = duration(toTrafficMs ?? totalMs)
  return {
    fails: false,
    headline: `${nameOf(story.commit)} is live on ${place(deployment)} after ${took}`,
    sentences: [...partial(targets), ...(blueStillAlive ? [blueLives(deployment, targets, story.now)] : [])]
  }
}

/** A deployment may succeed with failed instances, by its configuration (reference §1.7). */
const partial = (targets: readonly Target[]): string[] => {
  const failed = failedInstances(targets)
  const ids = failed.slice(0, 10).map((target) => target.id)
  const rest = failed.length > ids.length ? ` and ${failed.length - ids.length} more` : ''
  return failed.length === 0
    ? []
    : [
        `${failed.length} of ${targets.length} instances did not get through: ${ids.join(', ')}${rest}. The deployment configuration allows it, so the service calls it a success; look at them.`
      ]
}

const blueLives = (deployment: Deployment, targets: readonly Target[], now: Date): string => {
  if (deployment.waits?.blueAction === 'KEEP_ALIVE')
    return 'The blue fleet is kept alive, out of service: it costs until somebody deletes its Auto Scaling group.'
  const until = blueLivesUntil(deployment, targets)
  const end = until === undefined ? 'its termination' : clockSeenFrom(now, until)
  return `The blue fleet lives until ${end}. Until then \`command: rollback\` can give the traffic back to it without a new fleet; the group takes no other deployment as long.`
}

const failed: Teller = (story, outcome) => ({
  fails: true,
  headline: `Deploying ${nameOf(story.commit)} to ${place(outcome.deployment)} failed`,
  sentences: [...firstCause(outcome), ...whoServes(story, outcome)]
})

const firstCause = ({ firstFailure }: Outcome): string[] =>
  firstFailure === undefined
    ? []
    : [
        `${firstFailure.event.name} failed first, on ${firstFailure.target.id} (${firstFailure.target.fleet}).`
      ]

/** Which revision the visitors see after a deployment that did not get to its end. */
const whoServes = ({ previousCommit }: Story, outcome: Outcome): string[] => {
  const { deployment, rollback } = outcome
  if (rollback !== undefined)
    return [
      `Its rollback ${rollback.id} did not succeed either (${rollback.status}). Look at the target group to see which instances serve.`
    ]
  if (deployment.style === 'IN_PLACE')
    return ['Instances that it had reached are changed already; the others still run the former revision.']
  return trafficHasBegun(outcome.targets)
    ? [`Traffic had begun to move: both revisions may answer. ${trafficLine(outcome.targets)}.`]
    : [`The traffic never moved: ${former(previousCommit)} never stopped serving.`]
}

const former = (commit: string | undefined): string =>
  commit === undefined ? 'the old version' : nameOf(commit)

const rolledBack: Teller = (story, outcome) => {
  const { deployment, rollback } = outcome
  const live = revisionName(rollback?.revision) ?? story.previousCommit
  const now = lastSeen(outcome.targets, outcome.rollbackTargets)
  const serving = servingCount(now, 'blue') + servingCount(now, 'in-place')
  return {
    fails: true,
    headline: `${nameOf(story.commit)} was rolled back on ${place(deployment)}: ${former(live)} is live again`,
    sentences: [
      ...firstCause(outcome),
      `${deployment.id} was rolled back by ${rollback?.id ?? 'the service'}${serving > 0 ? `; ${serving} of its former instances serve` : ''}.`
    ]
  }
}

const stopped: Teller = (story, outcome) => ({
  fails: true,
  headline: `Deploying ${nameOf(story.commit)} to ${place(outcome.deployment)} was stopped`,
  sentences: whoServes(story, outcome)
})

const follow = ({ id }: Deployment, { command, region }: Story): string =>
  command === 'deploy'
    ? `To follow it, run this job again: it finds ${id} and goes on where this one ended. Or: aws deploy get-deployment --deployment-id ${id} --region ${region}`
    : `To see how it ends: aws deploy get-deployment --deployment-id ${id} --region ${region}`

const timedOut: Teller = (story, { deployment, targets }) => {
  const phase = phaseHeading(phaseOf(deployment, targets), deployment)
  return {
    fails: true,
    headline: `The time to watch is over, but ${deployment.id} goes on`,
    sentences: [
      `Nothing was stopped. It is ${deployment.status} (${phase}) after ${duration(timings(story).totalMs)}.`,
      follow(deployment, story)
    ]
  }
}

const started = (story: Story): Closing => ({
  fails: false,
  headline: `${story.ending.deployment.id} is started on ${place(story.ending.deployment)}`,
  sentences: ['This run does not wait for it (`wait-for: none`).', follow(story.ending.deployment, story)]
})

const TELLERS: Record<Outcome['name'], Teller> = {
  succeeded,
  failed,
  'rolled-back': rolledBack,
  stopped,
  'timed-out': timedOut
}
