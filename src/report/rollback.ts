import type { DeploymentGroup } from '../domain/group.js'
import type { Live, LivePart } from '../domain/live.js'
import { howToProve, otherCommand, otherSentence } from './live.js'
import { deleteCommand, type LeftoverGroup, leftoverSentence } from './orphans.js'
import type { Closing } from './outcome.js'
import { revisionWord } from './traffic.js'
import { duration } from './units.js'

/** How the target of a rollback came to be live. */
export type RollbackWay =
  /** It was already. */
  | 'already-live'
  /** A running deployment was stopped before its traffic had moved. */
  | 'never-left'
  /** Traffic went back to the living blue fleet. */
  | 'fast'
  /** The stored bundle was deployed again. */
  | 'redeploy'

/** What going back to a former bundle leaves as it is. */
export const NOT_UNDONE: readonly string[] = [
  'data: migrations, queues and files written since',
  'the launch template: new instances start from its present version',
  'settings of the Auto Scaling group, the deployment group and the load balancer',
  'secrets, parameters and whatever else lies outside of the bundle'
]

/** What a rollback did, as its targets in service prove it. */
export interface RollbackDone {
  way: RollbackWay
  /** The commit that is live now, or what the service calls the revision. */
  commit: string
  application: string
  group: string
  /** From the start of the rollback until every request met the target. */
  tookMs: number
  /** What the deployment that was stopped for it has left behind. */
  leftover?: { group: LeftoverGroup; region: string }
  /** What speaks against it at the end; then the rollback has failed. */
  doubt?: Doubt
}

/** Others serve beside the target or instead of it, or nothing proves who serves. */
export interface Doubt {
  live: Live
  /** Parts of what is live that are not the target. */
  others: readonly LivePart[]
  group: DeploymentGroup
  region: string
}

const doubted = (target: string, place: string, { live, others, group, region }: Doubt): Closing => {
  if (live.kind === 'unknown') {
    const { sentence, commands } = howToProve(group, region)
    return {
      fails: true,
      headline: `It is not proven that ${target} is live on ${place}: ${live.reason}`,
      sentences: [sentence],
      commands
    }
  }
  const count = others.reduce((sum, { instances }) => sum + instances.length, 0)
  const names = others.map(({ deployment }) => deployment?.id ?? 'unknown origin').join(', ')
  const answer = live.evidence.from === 'deployments' ? 'may answer' : count === 1 ? 'answers' : 'answer'
  return {
    fails: true,
    headline:
      live.kind === 'mixed'
        ? `${target} is live on ${place}, but not alone: ${count} ${count === 1 ? 'instance' : 'instances'} of ${names} ${answer} as well`
        : `${target} is not live on ${place}: ${count} ${count === 1 ? 'instance' : 'instances'} of ${names} ${answer} instead`,
    sentences: others.map((part) => otherSentence(part, group)),
    commands: others.flatMap((part) => otherCommand(part, group, region) ?? [])
  }
}

/** The closing of a rollback whose target is live. */
export const rollbackClosing = (done: RollbackDone): Closing => {
  const place = `${done.application}/${done.group}`
  const live = `${revisionWord(done.commit, 'the revision')} is live on ${place}`
  const undone = `A rollback does not undo ${NOT_UNDONE.join('; ')}.`
  const told: Record<RollbackWay, { headline: string; sentences: string[] }> = {
    'already-live': { headline: `${live} already`, sentences: ['Nothing was done.'] },
    'never-left': {
      headline: `${live}: the running deployment was stopped before its traffic moved`,
      sentences: [undone]
    },
    fast: {
      headline: `${live} again after ${duration(done.tookMs)}`,
      sentences: [
        'Traffic went back to the blue fleet that was still there; no new instance was needed.',
        undone
      ]
    },
    redeploy: {
      headline: `${live} again after ${duration(done.tookMs)}`,
      sentences: ['Its stored bundle was deployed again, byte for byte; nothing was rebuilt.', undone]
    }
  }
  if (done.doubt !== undefined) return doubted(revisionWord(done.commit, 'the revision'), place, done.doubt)
  const { headline, sentences } = told[done.way]
  if (done.leftover === undefined) return { fails: false, headline, sentences, commands: [] }
  const { group, region } = done.leftover
  return {
    fails: false,
    headline,
    sentences: [...sentences, leftoverSentence(group)],
    commands: group.objections.length > 0 ? [] : [deleteCommand(group, region)]
  }
}
