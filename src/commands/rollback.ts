import { describeByUser, describeRollback } from '../domain/description.js'
import type { Deployment } from '../domain/deployment.js'
import { trafficHasMoved } from '../domain/phase.js'
import { revisionAddress } from '../domain/revision.js'
import type { RollbackInputs } from '../inputs/types.js'
import { forLog } from '../report/escape.js'
import { leftoverGroup, type LeftoverGroup } from '../report/leftover.js'
import type { RollbackWay } from '../report/rollback.js'
import { revisionName, type Story } from '../report/story.js'
import { isAvailable, type RollbackTarget } from '../steps/locate.js'
import { liveDeployment, readHistory, readPresent } from '../steps/history.js'
import { planRollback, rollBackFast, type Plan } from '../steps/rollback.js'
import { rowsOf } from '../steps/rows.js'
import type { World } from '../world.js'
import { showRows } from './history.js'
import { originOf } from './origin.js'
import { findStrays, leftHalfWay } from './strays.js'
import { reportEnding, withReferences } from './report.js'
import { conclude, nameOf } from './rollback-end.js'
import { enterScene, findTarget, type Scene } from './rollback-scene.js'
import { endingOf, runDeployment } from './run-deployment.js'
import { howItGoesOn } from './stop-sent.js'

/** `previous` and a short SHA look back this far, whatever `limit` shows. */
const LOOK_BACK = 50

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
  if (plan.way === 'fast' && mayStop(plan, inputs)) {
    const back = await fastWay(plan, scene)
    if (back !== undefined) return conclude(back.way, back.deployment, { target, scene, left: back.left })
  }
  return redeploy(
    target,
    {
      undoes: plan.way === 'redeploy' ? plan.live : plan.replacing,
      live: liveName,
      suspects: leftHalfWay(seen)
    },
    scene
  )
}

/** What is at work is stopped only when `on-conflict` says so; to end a mere wait is the way back itself. */
const mayStop = (
  { replacing, targets }: Extract<Plan, { way: 'fast' }>,
  { onConflict }: RollbackInputs
): boolean => onConflict === 'supersede' || trafficHasMoved(replacing, targets)

const fastWay = async (
  plan: Extract<Plan, { way: 'fast' }>,
  { services, inputs, world, journal, deadline }: Scene
): Promise<{ way: RollbackWay; deployment: Deployment; left: LeftoverGroup | undefined } | undefined> => {
  journal.stopping(plan.replacing.id)
  const fast = rollBackFast(plan.replacing, services.cancelable, {
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
  const outcome = await fast.catch((error: unknown) => {
    throw howItGoesOn(error, plan.replacing, world)
  })
  journal.close()
  if (outcome === undefined) return undefined
  const left = leftoverGroup(await withReferences({ ending: outcome }, services.steady))
  return outcome.rollback === undefined
    ? { way: 'never-left', deployment: outcome.deployment, left }
    : { way: 'fast', deployment: outcome.rollback, left }
}

/** A new deployment of the stored bundle: the path of every deploy, from the Revision on. */
const redeploy = async (
  target: RollbackTarget,
  {
    undoes,
    live,
    suspects
  }: { undoes: Deployment | undefined; live: string | undefined; suspects: readonly string[] },
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
  if (ending.name === 'succeeded') {
    const strays = await findStrays(suspects, { service: services.steady, since: ending.targets })
    return conclude('redeploy', ending.deployment, { target, scene, story, strays })
  }
  return reportEnding(story, group, { service: services.steady, world })
}
