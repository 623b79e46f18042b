import { counted } from '../domain/counted.js'
import type { DeploymentGroup } from '../domain/group.js'
import type { Live, LivePart } from '../domain/live.js'
import type { GoingBack } from './changes.js'
import { howToEndThem, howToProve, otherCommand } from './live.js'
import type { LeftoverGroup } from './orphans.js'
import { cleanUpOf, type Closing } from './outcome.js'
import { revisionWord } from './traffic.js'
import { duration } from './units.js'

/** How the target of a rollback became live. */
export type RollbackWay =
  /** It already was. */
  | 'already-live'
  /** A running deployment was stopped before traffic had moved. */
  | 'never-left'
  /** Traffic went back to the blue fleet, which was still running. */
  | 'fast'
  /** The stored bundle was redeployed. */
  | 'redeploy'

/** What a rollback to an earlier bundle does not change. */
export const NOT_UNDONE: readonly string[] = [
  'data (migrations, queues and files written since)',
  'the launch template (new instances launch from its current version)',
  'settings of the Auto Scaling group, the deployment group and the load balancer',
  'secrets, parameters and everything else outside the bundle'
]

/** What a rollback did, as proven by its targets in service. */
export interface RollbackDone {
  way: RollbackWay
  /** The commit that is live now, or the service's name for the revision. */
  commit: string
  application: string
  group: string
  /** Who rolled back; empty outside of a workflow. */
  by?: string | undefined
  /** Why. */
  reason?: string | undefined
  /** Whether it keeps later runs from deploying. */
  hold?: boolean
  /** What became of the fleet that served before a redeploy. */
  oldFleet?: readonly string[]
  /** From the start of the rollback until the target served every request. */
  tookMs: number
  /** The Auto Scaling group left behind by the deployment that this rollback stopped. */
  leftover?: { group: LeftoverGroup; region: string } | undefined
  /** Why the target may not be live; with a doubt the rollback has failed. */
  doubt?: Doubt | undefined
  /** What going back changes on the servers; undefined if there was nothing to do. */
  changes?: GoingBack | undefined
}

/** Other instances serve beside the target or instead of it, or nothing proves which instances serve. */
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
      headline: `No proof that ${target} is live on ${place}: ${live.reason}`,
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
        ? `${target} is live on ${place}, but not alone: ${counted(count, 'instance')} of ${names} ${answer} as well`
        : `${target} is not live on ${place}: ${counted(count, 'instance')} of ${names} ${answer} instead`,
    sentences: others.map((part) => howToEndThem(part, group)),
    commands: others.flatMap((part) => otherCommand(part, group, region) ?? [])
  }
}

/** Who rolled back, and why. A rollback that fails was only started. */
export const whoAndWhy = (
  { by = '', reason }: Pick<RollbackDone, 'by' | 'reason'>,
  did = 'Rollback started'
): string[] => [
  ...(by === '' ? [] : [`${did} by ${by}.`]),
  ...(reason === undefined ? [] : [`Reason: ${reason}`])
]

const holdOf = ({ hold = false }: RollbackDone, place: string): string[] =>
  hold
    ? [
        `${place} is on hold: nothing is deployed to it until somebody releases it with \`command: release\`, or dispatches a deploy with \`release-hold: true\`.`
      ]
    : []

/** The closing of a rollback: its target is live, unless `doubt` says otherwise. */
export const rollbackClosing = (done: RollbackDone): Closing => {
  const place = `${done.application}/${done.group}`
  const live = `${revisionWord(done.commit, 'the revision')} is live on ${place}`
  const undone = `A rollback does not undo changes to ${NOT_UNDONE.join('; ')}.`
  const told: Record<RollbackWay, { headline: string; sentences: string[] }> = {
    'already-live': {
      headline: `${revisionWord(done.commit, 'the revision')} is already live on ${place}`,
      sentences: ['There was nothing to do.']
    },
    'never-left': {
      headline: `${live}: the running deployment was stopped before its traffic moved`,
      sentences: [undone]
    },
    fast: {
      headline: `${live} again after ${duration(done.tookMs)}`,
      sentences: [
        'Traffic went back to the blue fleet, which was still running; no new instances were needed.',
        undone
      ]
    },
    redeploy: {
      headline: `${live} again after ${duration(done.tookMs)}`,
      sentences: ['Its stored bundle was redeployed byte for byte; nothing was rebuilt.', undone]
    }
  }
  if (done.doubt !== undefined) return doubted(revisionWord(done.commit, 'the revision'), place, done.doubt)
  const { headline } = told[done.way]
  const sentences = [
    ...whoAndWhy(done.way === 'already-live' ? { reason: done.reason } : done, 'Rolled back'),
    ...told[done.way].sentences,
    ...(done.oldFleet ?? []),
    ...holdOf(done, place)
  ]
  const cleanUp = done.leftover && cleanUpOf(done.leftover.group, done.leftover.region)
  return { fails: false, headline, sentences, commands: [], cleanUp }
}
