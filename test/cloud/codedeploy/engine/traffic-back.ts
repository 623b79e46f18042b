import type { Engine, Run } from './engine.js'
import { refer } from './fixed.js'
import { repoint } from './hooks.js'
import { moveTraffic } from './shift.js'
import { addTargets, ALLOW, BLOCK } from './targets.js'
import { resume } from './termination.js'

/**
 * The rollback while blue is running: Allow events on the original, then Block events on the replacement, no installation
 * (docs/service.md, reference 1.5). The group points at blue again; green stays and keeps costing money (docs/service.md,
 * captures 5).
 */
export const trafficBack = async (engine: Engine, run: Run): Promise<void> => {
  const { deployment } = run
  const { blue, green } = deployment
  if (blue === undefined || green === undefined) return
  deployment.phase = 'traffic'
  const alive = (ids: readonly string[]): string[] =>
    ids.filter((id) => engine.fleets.instance(id)?.state === 'InService')
  const now = engine.clock.now()
  const to = addTargets(deployment, { label: 'Blue', events: ALLOW, now }, alive(blue.instances))
  const from = addTargets(deployment, { label: 'Green', events: BLOCK, now }, alive(green.instances))
  await moveTraffic(engine, run, { to, from })
  if (blue.fixed !== undefined) {
    refer(engine, deployment.group, blue.fixed)
    return
  }
  resume(engine, green.group)
  repoint(engine, deployment.group, { from: green.group, to: blue.group })
}
