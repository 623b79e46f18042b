import { roomOf } from '../configs.js'
import type { Deployment } from '../model.js'
import type { Engine, Run } from './engine.js'
import { healthConstraints, noInstances } from './failure.js'
import { runEvents } from './lifecycle.js'
import { addTargets, ALLOW, BLOCK, INSTALL, mark } from './targets.js'
import { wave } from './wave.js'

/** Installs on the instances that are already serving: 7 events, or 13 with a load balancer (docs/service.md, reference 2.1). */
export const inPlace = async (engine: Engine, run: Run): Promise<void> => {
  const { deployment } = run
  const instances = instancesOf(engine, deployment)
  if (instances.length === 0) throw noInstances()
  deployment.phase = 'install'
  const events = eventsOf(deployment)
  const targets = addTargets(deployment, { events, now: engine.clock.now() }, instances)
  const limits = {
    room: roomOf(engine.state.configs, deployment.configName, targets.length),
    signal: run.signal
  }
  const result = await wave(targets, limits, async (target) => {
    const passed = await runEvents(engine, run, { target, events })
    if (passed) mark(target, 'Succeeded', engine.clock.now())
    return passed
  })
  run.signal.throwIfAborted()
  if (result.stuck.length > 0 || result.succeeded.length === 0) throw healthConstraints()
}

const eventsOf = (deployment: Deployment): readonly string[] =>
  deployment.style.deploymentOption === 'WITH_TRAFFIC_CONTROL' ? [...BLOCK, ...INSTALL, ...ALLOW] : INSTALL

const instancesOf = (engine: Engine, { only, group }: Deployment): string[] =>
  only ??
  group.autoScalingGroups.flatMap((name) => engine.fleets.inService(name)).map((instance) => instance.id)
