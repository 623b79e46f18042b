import { treeOf } from '../domain/admission.js'
import { isCommit, short } from '../domain/commit.js'
import type { Deployment, Outcome } from '../domain/deployment.js'
import { revisionName } from '../domain/revision.js'
import type { World } from '../ports.js'
import type { GoingBack } from '../report/changes.js'
import { deploymentUrl } from '../report/console-link.js'
import type { LeftoverGroup } from '../report/orphans.js'
import { type Doubt, rollbackClosing, type RollbackWay } from '../report/rollback.js'
import type { Story } from '../report/story.js'
import { rollbackSummary } from '../report/summary.js'
import { blueEnd } from '../report/traffic.js'
import type { RollbackTarget } from '../steps/locate.js'
import { originOf } from './origin.js'
import { noteUndone } from './record.js'
import { deploymentOutputs, tellClosing } from './report.js'
import type { RollbackContext } from './rollback-context.js'

/** A target's name for people: its commit, or its S3 address when it was not stored under a commit. */
export const nameOf = ({ commit, location }: RollbackTarget): string =>
  commit ?? `s3://${location.bucket}/${location.key}`

/** What is known at the end of a rollback. */
export interface Conclusion {
  target: RollbackTarget
  context: RollbackContext
  story?: Story
  /** What had taken traffic and does no longer. */
  undone?: Deployment | undefined
  /** Whether the group is on hold, as was asked for. */
  isHeld: boolean
  left?: LeftoverGroup | undefined
  doubt?: Doubt | undefined
  /** What going back changes on the servers. */
  changes?: GoingBack | undefined
}

/** What the report of a rollback shows of the deployment that did it. */
export const rollbackStory = (
  ending: Story['ending'],
  {
    target,
    from,
    undoes
  }: { target: RollbackTarget; from: string | undefined; undoes: Deployment | undefined },
  { inputs, group, world, zone }: RollbackContext
): Story => ({
  command: 'rollback',
  ending,
  region: inputs.identity.region,
  now: new Date(world.clock.now()),
  zone,
  groupId: group.id,
  commit: target.commit,
  subject: target.subject,
  previousCommit: from,
  undoes,
  by: world.context.actor,
  reason: inputs.reason,
  repository: originOf(world.context).repository
})

/** The deployment that moved the traffic back, or the stopped one when the traffic had never moved. */
export const fastEnding = (outcome: Outcome): Story['ending'] => {
  const { rollback, rollbackTargets = [] } = outcome
  return rollback === undefined
    ? outcome
    : { name: 'succeeded', deployment: rollback, targets: rollbackTargets, blueStillAlive: false }
}

/**
 * Reports a rollback whose target is live in log, summary and outputs; returns 0 unless other revisions serve as well. Only then
 * is the record changed: a person waits for the result, and neither a slow S3 nor a cancel may keep it from them.
 */
export const conclude = async (
  way: RollbackWay,
  deployment: Deployment,
  { target, context, story, undone, isHeld, left, doubt, changes }: Conclusion
): Promise<number> => {
  const { world, inputs } = context
  const { region } = inputs.identity
  const done = {
    way,
    commit: nameOf(target),
    application: inputs.application,
    group: inputs.group,
    tookMs: world.clock.now() - world.startedAt,
    by: world.context.actor,
    oldFleet: way === 'redeploy' && story !== undefined ? oldFleetOf(story) : [],
    hold: isHeld,
    reason: inputs.reason,
    leftover: left && { group: left, region },
    doubt,
    changes
  }
  const end = rollbackClosing(done)
  tellClosing(end, world)
  if (story !== undefined && way === 'redeploy') deploymentOutputs(story, context.group, world)
  const live = end.fails && target.commit !== undefined ? '' : target.commit
  rollbackOutputs({ way, deployment, region, status: end.fails ? 'failed' : 'succeeded', live }, world)
  await world.runner.summary(rollbackSummary(done, story))
  if (doubt === undefined) await noteWhatIsUndone(undone, { target, isHeld }, context)
  return end.fails ? 1 : 0
}

const oldFleetOf = (story: Story): string[] =>
  story.ending.name === 'succeeded' ? blueEnd(story.ending, story) : []

/** A failure is a warning: the target is live, and only later runs need to know. */
const noteWhatIsUndone = async (
  undone: Deployment | undefined,
  { target, isHeld }: { target: RollbackTarget; isHeld: boolean },
  { record, world, inputs: { reason, hold } }: RollbackContext
): Promise<void> => {
  const missing = await noteUndone(undone, target.location, { record, world, reason })
  if (missing === undefined) return
  const { why, mayBeStored, listsTarget } = missing
  const where = `${record.address} ${mayBeStored ? 'may not' : 'does not'} say so: ${why}.`
  // Without a tree, there are no files to tell apart, so nothing was to be noted.
  if (treeOf(undone?.revision) !== undefined && undone !== undefined)
    world.runner.annotate(
      'warning',
      `${undoneName(undone)} was rolled back, but ${where} ${keepOut(target, { isHeld, hold })}`
    )
  if (listsTarget)
    world.runner.annotate(
      'warning',
      `${nameOf(target)} is no longer rolled back, but ${where} To deploy it again, set \`redeploy-undone: true\`.`
    )
}

const undoneName = ({ id, revision }: Deployment): string => {
  const name = revisionName(revision) ?? ''
  return isCommit(name) ? `${short(name)} (${id})` : id
}

/** What keeps the files of an undone deployment from coming back while the record doesn't know them. */
const keepOut = (target: RollbackTarget, { isHeld, hold }: { isHeld: boolean; hold: boolean }): string => {
  if (isHeld) return 'The group is on hold, so its files cannot come back before somebody releases it.'
  const risk = 'A later run may deploy the same files again.'
  // The error about the hold, which comes next, says what to do.
  return hold
    ? risk
    : `${risk} To keep them out, roll back to ${nameOf(target)} once more with \`hold: true\`: it is live, so that only puts the group on hold, until \`command: release\`.`
}

const rollbackOutputs = (
  end: { way: RollbackWay; deployment: Deployment; region: string; status: string; live: string | undefined },
  { runner }: World
): void => {
  const { id } = end.deployment
  runner.output('status', end.status)
  runner.output('rollback-way', end.way === 'never-left' ? 'fast' : end.way)
  runner.output('deployment-id', id)
  runner.output('deployment-url', deploymentUrl(end.region, id) ?? '')
  if (end.way === 'fast') runner.output('rollback-deployment-id', id)
  if (end.live !== undefined) runner.output('live-commit', end.live)
}
