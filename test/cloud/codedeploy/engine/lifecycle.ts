import type { AgentResult } from '../../contract.js'
import type { EventRecord, TargetRecord } from '../model.js'
import { runOnAgent, untilDelivered } from './agent.js'
import type { Engine, Run } from './engine.js'
import { FORGIVABLE, mark, skipPending } from './targets.js'
import { allowTraffic, blockTraffic } from './traffic-events.js'

/** AllowTraffic and BlockTraffic: done by the service, never by the agent (docs/service.md, reference 2.1). */
const byService: Record<string, typeof allowTraffic> = {
  AllowTraffic: allowTraffic,
  BlockTraffic: blockTraffic
}

const STOPPED: AgentResult = {
  errorCode: 'UnknownError',
  scriptName: '',
  message: 'The deployment was stopped while this lifecycle event was in progress.',
  logTail: ''
}

/**
 * Runs the given events of one target in turn; true if all succeeded, or failed and may be ignored. After a failure or a stop,
 * the remaining events are Skipped and the target is Failed. On success the caller sets the target's status.
 */
export const runEvents = async (
  engine: Engine,
  run: Run,
  todo: { target: TargetRecord; events: readonly string[] }
): Promise<boolean> => {
  const { target } = todo
  mark(target, 'InProgress', engine.clock.now())
  for (const event of target.events) {
    if (!todo.events.includes(event.name)) continue
    const passed = !run.signal.aborted && (await runEvent(engine, run, { target, event }))
    if (passed || (isForgiven(run, event) && !run.signal.aborted)) continue
    skipPending(target.events)
    mark(
      target,
      target.events.some((one) => one.status === 'Failed') ? 'Failed' : 'Skipped',
      engine.clock.now()
    )
    return false
  }
  return true
}

const isForgiven = (run: Run, event: EventRecord): boolean =>
  run.deployment.ignoreApplicationStopFailures && FORGIVABLE.has(event.name)

const runEvent = async (
  engine: Engine,
  run: Run,
  { target, event }: { target: TargetRecord; event: EventRecord }
): Promise<boolean> => {
  const result = await perform(engine, run, { target, event })
  const now = engine.clock.now()
  event.endedAt = now
  target.updatedAt = now
  if (result.errorCode !== 'Success') {
    event.status = 'Failed'
    event.diagnostics = { ...result }
    return false
  }
  event.status = 'Succeeded'
  // What a successful script wrote never reaches the API; BlockTraffic has no message (docs/service.md, reference 2.3).
  const message = event.name === 'BlockTraffic' ? '' : 'Succeeded'
  event.diagnostics = { errorCode: 'Success', scriptName: '', message, logTail: '' }
  return true
}

const perform = async (
  engine: Engine,
  run: Run,
  { target, event }: { target: TargetRecord; event: EventRecord }
): Promise<AgentResult> => {
  const begin = (): void => {
    event.status = 'InProgress'
    event.startedAt = engine.clock.now()
    target.updatedAt = event.startedAt
  }
  const service = byService[event.name]
  try {
    if (service !== undefined) {
      begin()
      return await service(engine, run, target)
    }
    const refusal = await untilDelivered(engine, run, target)
    if (refusal !== undefined) return refusal
    begin()
    return await runOnAgent(engine, run, { target, event: event.name })
  } catch (reason) {
    if (run.signal.aborted) return STOPPED
    throw reason
  }
}
