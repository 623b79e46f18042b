import { steppedClock, type SteppedClock } from '../clock.js'
import { checkShape, shapeOf } from '../codedeploy/shapes.js'
import type { Seeded, SeedOptions } from '../codedeploy/seed.js'
import { createControlPlanes, type ControlOptions, type ControlPlanes } from '../control.js'
import { defaultSwitches, type Caller, type Switches } from '../contract.js'
import { scriptedMachines } from './machines.js'
import type { Script } from './script.js'
import { tableLoadBalancing, type TableBalancingOptions } from './table-load-balancing.js'

const ACCOUNT = '123456789012'
const CALLER: Caller = { arn: `arn:aws:iam::${ACCOUNT}:user/tester`, accountId: ACCOUNT }
/** 2026-01-01T00:00:00Z. */
export const START = 1_767_225_600_000

export interface ScriptedCloudOptions {
  script?: Script
  balancing?: TableBalancingOptions
  switches?: Partial<Switches>
  seed?: SeedOptions
  control?: Partial<ControlOptions>
}

/** A whole cloud that runs no process and stands still until somebody advances its clock. */
export interface ScriptedCloud extends Seeded {
  clock: SteppedClock
  planes: ControlPlanes
  machines: ReturnType<typeof scriptedMachines>
  /** Calls a CodeDeploy operation and compares its answer with the modelled shape. */
  call<Answer = Record<string, unknown>>(operation: string, input?: Record<string, unknown>): Promise<Answer>
  /** Advances the clock by service seconds. */
  pass(seconds: number): Promise<void>
}

/** Creates a cloud over scripted machines, seeded and with its first fleet in service. */
export const scriptedCloud = async (options: ScriptedCloudOptions = {}): Promise<ScriptedCloud> => {
  const clock = steppedClock(START)
  const machines = scriptedMachines({
    clock,
    ...(options.script === undefined ? {} : { script: options.script })
  })
  const planes = createControlPlanes({
    clock,
    machines,
    loadBalancing: tableLoadBalancing(clock, options.balancing),
    switches: { ...defaultSwitches, ...options.switches },
    accountId: ACCOUNT,
    region: 'ap-northeast-2',
    ...options.control
  })
  const seeding = planes.seed(options.seed)
  await clock.advance((options.script?.bootSeconds ?? 0) * 1000)
  return {
    ...(await seeding),
    clock,
    planes,
    machines,
    call: (operation, input = {}) => call(planes, operation, input),
    pass: (seconds) => clock.advance(seconds * 1000)
  }
}

const call = async <Answer>(
  planes: ControlPlanes,
  operation: string,
  input: Record<string, unknown>
): Promise<Answer> => {
  const handler = planes.codedeploy[operation]
  if (handler === undefined) throw new Error(`no operation ${operation}`)
  // A client gets values that have been through JSON.
  const answer: unknown = JSON.parse(JSON.stringify((await handler(input, CALLER)) ?? {}))
  const shape = shapeOf(operation, 'output')
  if (shape !== undefined) checkShape(shape, answer, operation)
  return answer as Answer
}
