import { roomOf } from '../configs.js'
import type { TargetRecord } from '../model.js'
import { untilAborted } from '../../autoscaling/abort.js'
import { deferred } from './deferred.js'
import type { Engine, Run } from './engine.js'
import { healthConstraints } from './failure.js'
import { addBlue } from './install.js'
import { runEvents } from './lifecycle.js'
import { ALLOW, BLOCK, mark, targetsOf } from './targets.js'
import { wave } from './wave.js'

/** Moves the traffic: first registers green, then deregisters blue (docs/service.md, captures 1), one instance per call. */
export const shift = async (engine: Engine, run: Run): Promise<void> => {
  const { deployment } = run
  deployment.phase = 'traffic'
  if (engine.switches.blueTargetsAppear === 'at-traffic') addBlue(engine, run)
  await moveTraffic(engine, run, { to: targetsOf(deployment, 'Green'), from: targetsOf(deployment, 'Blue') })
}

/** Runs the Allow events on `to` and the Block events on `from`, behind a barrier or interleaved, depending on the switch. */
export const moveTraffic = async (
  engine: Engine,
  run: Run,
  sides: { to: TargetRecord[]; from: TargetRecord[] }
): Promise<void> => {
  if (engine.switches.trafficOrder === 'barrier') {
    await allowAll(engine, run, sides.to)
    await blockAll(engine, run, { targets: sides.from })
    return
  }
  await interleave(engine, run, sides)
}

/** At least one instance must get traffic, and no more may fail than the configuration allows (docs/service.md, reference 1.7). */
const allowAll = async (
  engine: Engine,
  run: Run,
  targets: TargetRecord[],
  tell: (target: TargetRecord) => void = () => undefined
): Promise<void> => {
  const able = targets.filter((target) => target.status !== 'Failed')
  const room =
    roomOf(engine.state.configs, run.deployment.configName, targets.length) - (targets.length - able.length)
  const limits = { room: Math.max(1, room), signal: run.signal }
  const result = await wave(able, limits, async (target) => {
    const passed = await runEvents(engine, run, { target, events: ALLOW })
    if (passed) {
      mark(target, 'Succeeded', engine.clock.now())
      tell(target)
    }
    return passed
  })
  run.signal.throwIfAborted()
  if (result.stuck.length > 0 || result.succeeded.length === 0) throw healthConstraints()
}

/** One original instance that cannot be deregistered fails the whole deployment (docs/service.md, reference 1.7). */
const blockAll = async (
  engine: Engine,
  run: Run,
  { targets, gate }: { targets: TargetRecord[]; gate?: (index: number) => Promise<boolean> }
): Promise<void> => {
  const limits = {
    room: roomOf(engine.state.configs, run.deployment.configName, targets.length),
    signal: run.signal
  }
  const result = await wave(targets, limits, async (target) => {
    if (gate !== undefined && !(await gate(targets.indexOf(target)))) return false
    const passed = await runEvents(engine, run, { target, events: BLOCK })
    if (passed) mark(target, 'Succeeded', engine.clock.now())
    return passed
  })
  run.signal.throwIfAborted()
  if (result.failed.length > 0 || result.stuck.length > 0) throw healthConstraints()
}

// The n-th blue instance leaves once n green ones serve, the last one once all green ones are done.
const interleave = async (
  engine: Engine,
  run: Run,
  { to, from }: { to: TargetRecord[]; from: TargetRecord[] }
): Promise<void> => {
  const doors = from.map(() => deferred<boolean>())
  let serving = 0
  const allowed = allowAll(engine, run, to, () => doors[serving++]?.resolve(true)).then(
    () => doors.forEach((door) => door.resolve(true)),
    (reason: unknown) => {
      doors.forEach((door) => door.resolve(false))
      throw reason
    }
  )
  const gate = (index: number): Promise<boolean> =>
    untilAborted(doors[index]?.promise ?? allowed.then(() => true), run.signal).catch(() => false)
  const blocked = blockAll(engine, run, { targets: from, gate })
  const ends = await Promise.allSettled([allowed, blocked])
  for (const end of ends) if (end.status === 'rejected') throw end.reason
}
