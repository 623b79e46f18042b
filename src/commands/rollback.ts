import type { Deployment } from '../domain/deployment.js'
import { describeByUser, describeRollback } from '../domain/description.js'
import { type Live, liveName } from '../domain/live.js'
import { trafficHasBegun } from '../domain/phase.js'
import { revisionAddress, revisionName, sameRevision } from '../domain/revision.js'
import type { RollbackInputs } from '../inputs/types.js'
import type { World } from '../ports.js'
import { type GoingBack, goingBackLines } from '../report/changes.js'
import { otherParts } from '../report/live.js'
import type { Doubt } from '../report/rollback.js'
import type { Story } from '../report/story.js'
import { byAge, targetsOf } from '../steps/history.js'
import { confirmLive, readLive } from '../steps/live.js'
import type { RollbackTarget } from '../steps/locate.js'
import { type Plan, planRollback } from '../steps/rollback.js'
import { refuseKnownBad, warnOfUndone, warnOfUnversioned } from './bad-target.js'
import { readGoingBack } from './changes.js'
import { copiedGroup } from './copied-group.js'
import { checkGreen, greenChooser } from './green-fleet.js'
import { listDeployments } from './history.js'
import { instanceLogs } from './instance-logs.js'
import { tellLive } from './live.js'
import { originOf } from './origin.js'
import { noteRollback, refuseHold, warnNotNoted } from './record.js'
import { reportEnding } from './report.js'
import { enterRollback, findTarget, type RollbackContext } from './rollback-context.js'
import { rollbackAlarms } from './rollback-alarms.js'
import { fastWay, mayStop } from './rollback-fast.js'
import { conclude, nameOf, rollbackStory } from './rollback-report.js'
import { endingOf, pollingOf, runDeployment } from './run-deployment.js'

/** Brings an earlier revision back by the first of three ways that the current state allows, or shows the list. */
export const runRollback = async (inputs: RollbackInputs, world: World): Promise<number> => {
  const context = await enterRollback(inputs, world)
  return inputs.commit === '' ? showList(context) : goBack(context)
}

/** Without a commit: lists what a rollback could restore. */
const showList = async (context: RollbackContext): Promise<number> => {
  const { inputs, world, services } = context
  await listDeployments({ ...context, live: services.live }, inputs, world)
  world.runner.info('Nothing was changed. To roll back, run this again with `commit` set to one of these.')
  return 0
}

const goBack = async (context: RollbackContext): Promise<number> => {
  const { inputs, world, services, group } = context
  const { runner } = world
  const reading = await readLive(group, services.live)
  const found = await findTarget(reading, context)
  const { target } = found
  const plan = planRollback(target, reading)
  const live = liveName(reading.live)
  for (const remark of target.remarks ?? []) runner.info(remark)
  runner.info(`Rolling back to ${nameOf(target)} ${target.subject ?? ''}`.trim())
  tellLive(reading.live, world)
  runner.output('commit', target.commit ?? '')
  runner.output('previous-commit', live ?? '')
  runner.output('revision', revisionAddress(target.location))
  if (inputs.reason !== undefined) runner.info(`Reason: ${inputs.reason}`)
  if (plan.way !== 'already-live') await checkGreen(inputs, reading, context, world)
  const undoes = replacedBy(plan, target, reading.live)
  const back = { target: target.location, to: nameOf(target), undoes, live: reading.live }
  const changing = plan.way === 'already-live' ? undefined : readGoingBack(back, context)
  const sparesServing = plan.way === 'redeploy' && (await refuseKnownBad(found, reading, context))
  if (plan.way !== 'already-live') {
    warnOfUnversioned(found, context)
    await warnOfUndone(found, context)
  }
  const going = { to: nameOf(target), undoes, hold: inputs.hold, reason: inputs.reason }
  // Of a revision that is live already, there is nothing to note but a hold.
  const notes = plan.way !== 'already-live' || inputs.hold
  const noted = notes ? await noteRollback(going, context.record, world) : undefined
  if (noted !== undefined) warnNotNoted(noted, context)
  const isHeld = inputs.hold && noted === undefined
  const changes = await changing
  if (changes !== undefined) for (const line of goingBackLines(changes)) runner.info(line)
  const code = await goBackBy(plan, target, { undoes, live, sparesServing, isHeld, changes }, context)
  return inputs.hold && noted !== undefined ? refuseHold(noted, code, context) : code
}

/** The plan in action: the target is live afterwards, or the exit code is not 0. */
const goBackBy = async (
  plan: Plan,
  target: RollbackTarget,
  replacing: Replacing,
  context: RollbackContext
): Promise<number> => {
  const { inputs, world } = context
  const { runner } = world
  const { isHeld, changes } = replacing
  if (plan.way === 'already-live') return conclude('already-live', plan.live, { target, context, isHeld })
  if (plan.way === 'fast' && mayStop(plan, inputs)) {
    const back = await fastWay(plan, context)
    const doubt = back === undefined ? undefined : await doubtOf(target, context)
    if (back !== undefined && !isElsewhere(doubt)) {
      const undone = back.way === 'fast' ? plan.replacing : undefined
      const from = revisionName(plan.replacing.revision)
      const story = rollbackStory(back.ending, { target, from, undoes: plan.replacing }, context)
      const { deployment } = back.ending
      const { left } = back
      return conclude(back.way, deployment, { target, context, story, undone, isHeld, left, doubt, changes })
    }
    if (doubt !== undefined) {
      tellLive(doubt.live, world)
      runner.info('The stored bundle will be redeployed.')
    }
  }
  return redeploy(target, replacing, context)
}

/** The deployment that the rollback undoes: the running one, or the newest live one of another revision than the target's. */
const replacedBy = (plan: Plan, { location }: RollbackTarget, live: Live): Deployment | undefined => {
  if (plan.way === 'already-live') return undefined
  if (plan.way === 'fast') return plan.replacing
  return otherParts(live, location)
    .flatMap(({ deployment }) => deployment ?? [])
    .sort(byAge)[0]
}

/** Evidence that the target may not be live; undefined when it alone serves. */
const doubtOf = async (
  { location }: RollbackTarget,
  { services, group: { application, name }, inputs, world, deadline }: RollbackContext
): Promise<Doubt | undefined> => {
  const group = await services.cancelable.group(application, name)
  const live = await confirmLive(
    location,
    { group, sources: services.live },
    pollingOf({ inputs, deadline }, world)
  )
  const isAlone = live.kind === 'commit' && sameRevision(live.deployment.revision, location)
  return isAlone
    ? undefined
    : { live, others: otherParts(live, location), group, region: inputs.identity.region }
}

/** Traffic is not on the target at all, or nobody knows where it is: then a new fleet is the safe way. */
const isElsewhere = (doubt: Doubt | undefined): boolean => doubt !== undefined && doubt.live.kind !== 'mixed'

/** What a redeploying rollback undoes and replaces, and whether it must leave alone what serves. */
interface Replacing {
  undoes: Deployment | undefined
  live: string | undefined
  sparesServing: boolean
  /** Whether the group is on hold, as was asked for. */
  isHeld: boolean
  changes: GoingBack | undefined
}

/** Redeploys the stored bundle, on the same path as every deploy, from the Revision on. */
const redeploy = async (
  target: RollbackTarget,
  { undoes, live, sparesServing, isHeld, changes }: Replacing,
  context: RollbackContext
): Promise<number> => {
  const { world, services, group } = context
  const { location } = target
  const logs = instanceLogs(context.journal, context)
  const copy = copiedGroup(logs.journal, context)
  const description = descriptionOf(target, undoes, context)
  const alarms = rollbackAlarms(context)
  const green = greenChooser(context.inputs, context, world)
  const assignment = { ...context, location, description, checkOrder: false, sparesServing, green, alarms }
  const { ending: ended } = await runDeployment(assignment, services, { world, journal: copy.journal })
  const ending = endingOf(ended, 'rollback')
  const copied = await copy.result()
  context.journal.close()
  world.runner.output('rollback-way', 'redeploy')
  const story: Story = {
    ...rollbackStory(ending, { target, from: live, undoes }, context),
    alarms: alarms.during(),
    copied,
    changes
  }
  if (ending.name !== 'succeeded')
    return reportEnding(story, group, { service: services.steady, world, logs })
  const doubt = await doubtOf(target, context)
  const undone = doubt === undefined ? await servedUndone(undoes, context) : undefined
  return conclude('redeploy', ending.deployment, { target, context, story, undone, isHeld, doubt, changes })
}

/** What the deployment of a rollback says, with the mark that names what it undoes. */
const descriptionOf = (
  target: RollbackTarget,
  undoes: Deployment | undefined,
  { inputs: { description, reason }, world }: RollbackContext
): string => {
  const mark = { location: target.location, run: originOf(world.context).run, undoes: undoes?.id, reason }
  return description === undefined
    ? describeRollback(nameOf(target), target.subject ?? '', mark)
    : describeByUser(description, mark)
}

/**
 * What was undone, if it had taken traffic: a deployment that failed or was stopped before never served. The target is live by
 * now, so a failed read is ignored; the next deploy takes it from this deployment's description.
 */
const servedUndone = async (
  undoes: Deployment | undefined,
  { services: { steady } }: RollbackContext
): Promise<Deployment | undefined> => {
  if (undoes === undefined) return undefined
  try {
    const [latest, targets] = await Promise.all([steady.deployment(undoes.id), targetsOf(undoes.id, steady)])
    return latest.status === 'Succeeded' || trafficHasBegun(targets) ? latest : undefined
  } catch {
    return undefined
  }
}
