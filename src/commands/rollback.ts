import type { Deployment } from '../domain/deployment.js'
import { describeByUser, describeRollback } from '../domain/description.js'
import { isDenied, wordsOf } from '../domain/fault.js'
import { type Live, liveName } from '../domain/live.js'
import { onlyFailed } from '../domain/only-failed.js'
import { trafficHasMoved } from '../domain/phase.js'
import { revisionAddress, sameRevision } from '../domain/revision.js'
import { undoneDeployment } from '../domain/undone.js'
import { UserError } from '../errors.js'
import type { RollbackInputs } from '../inputs/types.js'
import type { World } from '../ports.js'
import { INSTEAD_OF_FAILED, tryingAgain, undoneWarning, whatFailedThen } from '../report/bad-target.js'
import { liveLine, otherParts } from '../report/live.js'
import { leftoverGroup, type LeftoverGroup } from '../report/orphans.js'
import type { Doubt, RollbackWay } from '../report/rollback.js'
import type { Story } from '../report/story.js'
import { byAge, targetsOf } from '../steps/history.js'
import { confirmLive, readLive } from '../steps/live.js'
import type { RollbackTarget } from '../steps/locate.js'
import { type Plan, planRollback, rollBackFast } from '../steps/rollback.js'
import { listDeployments } from './history.js'
import { originOf } from './origin.js'
import { reportEnding, withReferences } from './report.js'
import { enterRollback, findTarget, type Found, type RollbackContext } from './rollback-context.js'
import { conclude, nameOf } from './rollback-report.js'
import { endingOf, pollingOf, runDeployment } from './run-deployment.js'

/** Brings an earlier revision back by the first of three ways that the current state allows, or shows the list. */
export const runRollback = async (inputs: RollbackInputs, world: World): Promise<number> => {
  const context = await enterRollback(inputs, world)
  return inputs.commit === '' ? showList(context) : goBack(context)
}

/** Without a commit: lists what a rollback could restore. */
const showList = async ({
  inputs,
  world,
  services: { live },
  group,
  store
}: RollbackContext): Promise<number> => {
  await listDeployments({ group, live, store }, inputs, world)
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
  runner.info(liveLine(reading.live))
  runner.output('commit', target.commit ?? '')
  runner.output('previous-commit', live ?? '')
  runner.output('revision', revisionAddress(target.location))
  if (plan.way === 'already-live') return conclude('already-live', plan.live, { target, context })
  const isBad = plan.way === 'redeploy' && (await refuseKnownBad(found, context))
  warnOfUndone(found, context)
  if (plan.way === 'fast' && mayStop(plan, inputs)) {
    const back = await fastWay(plan, context)
    const doubt = back === undefined ? undefined : await doubtOf(target, context)
    if (back !== undefined && !isElsewhere(doubt))
      return conclude(back.way, back.deployment, { target, context, left: back.left, doubt })
    if (doubt !== undefined) runner.info(`${liveLine(doubt.live)}. The stored bundle will be redeployed.`)
  }
  const undoes = plan.way === 'fast' ? plan.replacing : replacedBy(target, reading.live)
  return redeploy(target, { undoes, live, sparesServing: isBad }, context)
}

/**
 * Throws before anything is stopped if the target never served and failed then, unless `even-if-failed` says to try again.
 * Returns whether that is so.
 */
const refuseKnownBad = async (
  { target, rows, attempts }: Found,
  { inputs, services: { cancelable }, group, world: { runner } }: RollbackContext
): Promise<boolean> => {
  const bad = onlyFailed(target.location, rows)
  const attempt = attempts.find(({ deployment }) => deployment.id === bad?.last.deploymentId)
  if (bad === undefined || attempt === undefined) return false
  const { deployment } = attempt
  const targets = attempt.targets.length > 0 ? attempt.targets : await targetsOf(deployment.id, cancelable)
  const what = whatFailedThen(bad, { deployment, targets })
  if (!inputs.evenIfFailed) throw new UserError(what, INSTEAD_OF_FAILED)
  runner.annotate('warning', `${what}\n${tryingAgain(group)}`)
  return true
}

/** Going back to what was rolled back is allowed, since a person named it, but never silent. */
const warnOfUndone = ({ target, rows }: Found, { world: { runner } }: RollbackContext): void => {
  const undone = undoneDeployment(target.location, rows)
  if (undone === undefined) return
  const by = rows.find(({ deploymentId }) => deploymentId === undone.rolledBackBy)
  runner.annotate('warning', undoneWarning(undone, by))
}

/** The newest live deployment of another revision than the target's. */
const replacedBy = ({ location }: RollbackTarget, live: Live): Deployment | undefined =>
  otherParts(live, location)
    .flatMap(({ deployment }) => deployment ?? [])
    .sort(byAge)[0]

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

/** A working deployment is stopped only when `on-conflict` says so; one that only waits is stopped to roll back. */
const mayStop = (
  { replacing, targets }: Extract<Plan, { way: 'fast' }>,
  { onConflict }: RollbackInputs
): boolean => onConflict === 'supersede' || trafficHasMoved(replacing, targets)

const fastWay = async (
  plan: Extract<Plan, { way: 'fast' }>,
  context: RollbackContext
): Promise<{ way: RollbackWay; deployment: Deployment; left: LeftoverGroup | undefined } | undefined> => {
  const { services, world, journal } = context
  const polling = pollingOf(context, world)
  journal.stopping(plan.replacing.id)
  const fast = rollBackFast(plan.replacing, services.cancelable, {
    ...polling,
    // Seconds count here, and it does not take long: poll more often.
    pollMs: Math.min(1000, polling.pollMs),
    until: 'complete',
    known: { deployment: plan.replacing, targets: plan.targets },
    tell: journal.tell,
    say: journal.say
  })
  const outcome = await fast.catch((error: unknown) => {
    throw stopMayContinue(error, plan.replacing, world)
  })
  journal.close()
  if (outcome === undefined) return undefined
  const left = leftoverGroup(await withReferences({ ending: outcome }, services.steady))
  return outcome.rollback === undefined
    ? { way: 'never-left', deployment: outcome.deployment, left }
    : { way: 'fast', deployment: outcome.rollback, left }
}

/** What a redeploying rollback undoes and replaces, and whether it must leave alone what serves. */
interface Replacing {
  undoes: Deployment | undefined
  live: string | undefined
  sparesServing: boolean
}

/** Redeploys the stored bundle, on the same path as every deploy, from the Revision on. */
const redeploy = async (
  target: RollbackTarget,
  { undoes, live, sparesServing }: Replacing,
  context: RollbackContext
): Promise<number> => {
  const { inputs, world, services, group, journal, deadline } = context
  const { run, repository } = originOf(world.context)
  const { location, subject } = target
  const mark = { location, run, undoes: undoes?.id }
  const description =
    inputs.description === undefined
      ? describeRollback(nameOf(target), subject ?? '', mark)
      : describeByUser(inputs.description, mark)
  const assignment = { inputs, group, location, description, checkOrder: false, sparesServing, deadline }
  const { ending: ended } = await runDeployment(assignment, services, { world, journal })
  const ending = endingOf(ended, 'rollback')
  journal.close()
  world.runner.output('rollback-way', 'redeploy')
  const story: Story = {
    command: 'rollback',
    ending,
    region: inputs.identity.region,
    now: new Date(world.clock.now()),
    groupId: group.id,
    commit: target.commit,
    subject,
    previousCommit: live,
    repository
  }
  if (ending.name === 'succeeded')
    return conclude('redeploy', ending.deployment, {
      target,
      context,
      story,
      doubt: await doubtOf(target, context)
    })
  return reportEnding(story, group, { service: services.steady, world })
}

/** A stop that was sent still counts after a cancel, or after lost answers. */
export const stopMayContinue = (error: unknown, { id }: Deployment, { canceled }: World): unknown => {
  if (isDenied(error)) return error
  const why = canceled.aborted ? 'The job was canceled' : wordsOf(error)
  return new UserError(
    `${why} while ${id} was being stopped with rollback.`,
    `If the service received the stop, it will still process the stop: check \`aws deploy get-deployment --deployment-id ${id}\`, or run this job again, which continues from what is live then.`,
    { cause: error }
  )
}
