import { describeByUser, describeRollback } from '../domain/description.js'
import type { Deployment } from '../domain/deployment.js'
import { deadlineOf } from '../domain/deadline.js'
import { unfit } from '../domain/fitness.js'
import type { DeploymentGroup } from '../domain/group.js'
import { revisionAddress, revisionFolder } from '../domain/revision.js'
import type { RollbackInputs } from '../inputs/types.js'
import { journal, type Journal } from '../journal.js'
import { deploymentUrl } from '../report/console-link.js'
import { forLog } from '../report/escape.js'
import { leftoverGroup, type LeftoverGroup } from '../report/leftover.js'
import { rollbackClosing, type RollbackWay } from '../report/rollback.js'
import { revisionName, type Story } from '../report/story.js'
import { rollbackSummary } from '../report/summary.js'
import { UserError } from '../errors.js'
import { isAvailable, locate, type BundleStore, type RollbackTarget } from '../steps/locate.js'
import { liveDeployment, readHistory, readPresent, type Seen } from '../steps/history.js'
import { planRollback, rollBackFast, type Plan } from '../steps/rollback.js'
import { rowsOf } from '../steps/rows.js'
import type { World } from '../world.js'
import { showRows } from './history.js'
import { identifyRun } from './identity.js'
import { deploymentOutputs, reportEnding, tellClosing, withReferences } from './report.js'
import { endingOf, runDeployment, type Services } from './run-deployment.js'
import { originOf } from './origin.js'

/** `previous` and a short SHA look back this far, whatever `limit` shows. */
const LOOK_BACK = 50

interface Scene {
  inputs: RollbackInputs
  world: World
  services: Services
  store: BundleStore
  group: DeploymentGroup
  journal: Journal
  deadline: number
}

/** Brings an earlier revision back, by the first of three ways that the present state allows; or shows the list. */
export const runRollback = async (inputs: RollbackInputs, world: World): Promise<number> => {
  const scene = await enterScene(inputs, world)
  return inputs.commit === '' ? showList(scene) : goBack(scene)
}

/** Without a commit: what there is to go back to. */
const showList = async ({ inputs, world, services, store }: Scene): Promise<number> => {
  const seen = await readHistory(services.cancelable, { ...inputs, now: world.clock.now() })
  await showRows(await rowsOf(seen, (location) => isAvailable(location, store)), inputs, world)
  world.runner.info('Nothing was changed. To go back, run this again with one of these commits as `commit`.')
  return 0
}

const enterScene = async (inputs: RollbackInputs, world: World): Promise<Scene> => {
  const { region } = inputs.identity
  const identity = await identifyRun(inputs.identity, world)
  const services = {
    cancelable: await world.codeDeploy(region, identity, world.canceled),
    steady: await world.codeDeploy(region, identity, world.lastMoment)
  }
  const group = await services.cancelable.group(inputs.application, inputs.group)
  const objection = unfit(group)
  if (objection !== undefined) throw objection
  const now = world.clock.now()
  return {
    inputs,
    world,
    services,
    group,
    store: await world.store(
      { region, bucket: inputs.bucket, expectedOwner: inputs.expectedBucketOwner },
      identity
    ),
    journal: journal({
      runner: world.runner,
      paint: world.paint,
      now: () => world.clock.now(),
      region,
      group
    }),
    deadline: deadlineOf(now, world.startedAt, {
      ...inputs,
      waits: group.waits,
      hosted: world.context.hosted
    })
  }
}

/**
 * The stored bundle that is wanted. It is looked at before anything is stopped: what was overwritten or deleted is no
 * target. The bundles of all the other deployments are looked at only when this one is not to be had, for the list of
 * those that are.
 */
const findTarget = async (seen: readonly Seen[], { inputs, store }: Scene): Promise<RollbackTarget> => {
  const place = { store, bucket: inputs.bucket, folder: revisionFolder(inputs.prefix, inputs.application) }
  const unseen = await rowsOf(seen, () => Promise.resolve('unknown' as const))
  try {
    const target = await locate(inputs.commit, unseen, place)
    if ((await isAvailable(target.location, store)) !== false) return target
  } catch (error) {
    if (!(error instanceof UserError)) throw error
  }
  return locate(inputs.commit, await rowsOf(seen, (location) => isAvailable(location, store)), place)
}

const nameOf = ({ commit, location }: RollbackTarget): string =>
  commit ?? `s3://${location.bucket}/${location.key}`

const goBack = async (scene: Scene): Promise<number> => {
  const { inputs, world, services } = scene
  const { runner, clock } = world
  const lookBack = { ...inputs, limit: Math.max(inputs.limit, LOOK_BACK), now: clock.now() }
  const seen = await readPresent(services.cancelable, lookBack)
  const target = await findTarget(seen, scene)
  const plan = planRollback(target, seen)
  const live = liveDeployment(seen)?.deployment
  const liveName = revisionName(live?.revision)
  runner.info(forLog(`Going back to ${nameOf(target)} ${target.subject ?? ''}`.trim()))
  if (live !== undefined) runner.info(forLog(`Live now: ${liveName ?? 'unknown'} (${live.id})`))
  runner.output('commit', target.commit ?? '')
  runner.output('previous-commit', liveName ?? '')
  runner.output('revision', revisionAddress(target.location))
  if (plan.way === 'already-live') return conclude('already-live', plan.live, { target, scene })
  if (plan.way === 'fast') {
    const back = await fastWay(plan, scene)
    if (back !== undefined) return conclude(back.way, back.deployment, { target, scene, left: back.left })
  }
  return redeploy(
    target,
    { undoes: plan.way === 'redeploy' ? plan.live : plan.replacing, live: liveName },
    scene
  )
}

const fastWay = async (
  plan: Extract<Plan, { way: 'fast' }>,
  { services, inputs, world, journal, deadline }: Scene
): Promise<{ way: RollbackWay; deployment: Deployment; left: LeftoverGroup | undefined } | undefined> => {
  const outcome = await rollBackFast(plan.replacing, services.cancelable, {
    clock: world.clock,
    signal: world.canceled,
    deadline,
    // Seconds count here, and it lasts only some: look more often.
    pollMs: Math.min(1000, inputs.pollSeconds * 1000),
    until: 'complete',
    known: { deployment: plan.replacing, targets: plan.targets },
    tell: journal.tell,
    say: journal.say
  })
  journal.close()
  if (outcome === undefined) return undefined
  const left = leftoverGroup(await withReferences({ ending: outcome }, services.steady))
  return outcome.rollback === undefined
    ? { way: 'never-left', deployment: outcome.deployment, left }
    : { way: 'fast', deployment: outcome.rollback, left }
}

const conclude = async (
  way: RollbackWay,
  deployment: Deployment,
  {
    target,
    scene,
    story,
    left
  }: { target: RollbackTarget; scene: Scene; story?: Story; left?: LeftoverGroup | undefined }
): Promise<number> => {
  const { world, inputs } = scene
  const { region } = inputs.identity
  const { runner } = world
  const done = {
    way,
    commit: nameOf(target),
    application: inputs.application,
    group: inputs.group,
    tookMs: world.clock.now() - world.startedAt,
    ...(left === undefined ? {} : { leftover: { group: left, region } })
  }
  tellClosing(rollbackClosing(done), world)
  if (story !== undefined) deploymentOutputs(story, scene.group, world)
  runner.output('status', 'succeeded')
  runner.output('rollback-way', way === 'never-left' ? 'fast' : way)
  runner.output('deployment-id', deployment.id)
  runner.output('deployment-url', deploymentUrl(region, deployment.id) ?? '')
  if (way === 'fast') runner.output('rollback-deployment-id', deployment.id)
  if (target.commit !== undefined) runner.output('live-commit', target.commit)
  await runner.summary(rollbackSummary(done, story))
  return 0
}

/** A new deployment of the stored bundle: the path of every deploy, from the Revision on. */
const redeploy = async (
  target: RollbackTarget,
  { undoes, live }: { undoes: Deployment | undefined; live: string | undefined },
  scene: Scene
): Promise<number> => {
  const { inputs, world, services, group, journal, deadline } = scene
  const { run, repository } = originOf(world.context)
  const description =
    inputs.description === undefined
      ? describeRollback(nameOf(target), target.subject ?? '', { run, undoes: undoes?.id })
      : describeByUser(inputs.description, run)
  const assignment = { inputs, group, location: target.location, description, checkOrder: false, deadline }
  const { ending: ended } = await runDeployment(assignment, services, { world, journal })
  const ending = endingOf(ended)
  journal.close()
  world.runner.output('rollback-way', 'redeploy')
  const story: Story = {
    command: 'rollback',
    ending,
    region: inputs.identity.region,
    now: new Date(world.clock.now()),
    groupId: group.id,
    ...(target.commit === undefined ? {} : { commit: target.commit }),
    ...(target.subject === undefined ? {} : { subject: target.subject }),
    ...(live === undefined ? {} : { previousCommit: live }),
    ...(repository === undefined ? {} : { repository })
  }
  if (ending.name === 'succeeded') return conclude('redeploy', ending.deployment, { target, scene, story })
  return reportEnding(story, group, { service: services.steady, world })
}
