import { duration } from './duration.js'
import { deleteCommand, leftoverSentence, type LeftoverGroup } from './leftover.js'
import type { Closing } from './outcome.js'
import { strayCommand, straySentence, type Stray } from './stray.js'
import { revisionWord } from './who-serves.js'

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
  /** Others that may answer beside the target; with any of them the rollback has failed. */
  strays?: { found: readonly Stray[]; region: string }
}

/** The target serves, and so does what should not: no success. */
const notAlone = (live: string, { found, region }: NonNullable<RollbackDone['strays']>): Closing => ({
  fails: true,
  headline: `${live}, but not alone: ${found.flatMap(({ instances }) => instances).length} instances of ${found.map(({ deployment }) => deployment.id).join(', ')} may answer as well`,
  sentences: found.map(straySentence),
  commands: found.map((stray) => strayCommand(stray, region))
})

/** The closing of a rollback whose target is live. */
export const rollbackClosing = (done: RollbackDone): Closing => {
  const live = `${revisionWord(done.commit, 'the revision')} is live on ${done.application}/${done.group}`
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
  if (done.strays !== undefined && done.strays.found.length > 0) return notAlone(live, done.strays)
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
