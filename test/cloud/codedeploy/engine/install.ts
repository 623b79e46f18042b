import { roomOf } from '../configs.js'
import { healthConstraints } from './failure.js'
import type { Engine, Run } from './engine.js'
import { runEvents } from './lifecycle.js'
import { addTargets, ALLOW, BLOCK, INSTALL, mark } from './targets.js'
import { wave } from './wave.js'

/**
 * Installs the revision on green, as many instances at a time as the configuration allows; each success is Ready
 * (docs/service.md, reference 1.2).
 */
export const install = async (engine: Engine, run: Run): Promise<void> => {
  const { deployment } = run
  deployment.phase = 'install'
  const now = engine.clock.now()
  const green = addTargets(
    deployment,
    { label: 'Green', events: [...INSTALL, ...ALLOW], now },
    deployment.green?.instances ?? []
  )
  if (engine.switches.blueTargetsAppear === 'from-start') addBlue(engine, run)
  const limits = {
    room: roomOf(engine.state.configs, deployment.configName, green.length),
    signal: run.signal
  }
  const result = await wave(green, limits, async (target) => {
    const passed = await runEvents(engine, run, { target, events: INSTALL })
    if (passed) mark(target, 'Ready', engine.clock.now())
    return passed
  })
  run.signal.throwIfAborted()
  if (result.stuck.length > 0 || result.succeeded.length === 0) throw healthConstraints()
}

/** Adds the three events of every running blue instance. */
export const addBlue = (engine: Engine, { deployment }: Run): void => {
  const alive = (deployment.blue?.instances ?? []).filter(
    (id) => engine.fleets.instance(id)?.state === 'InService'
  )
  addTargets(deployment, { label: 'Blue', events: BLOCK, now: engine.clock.now() }, alive)
}
