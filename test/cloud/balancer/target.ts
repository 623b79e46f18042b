import { Agent } from 'node:http'
import type { CloudClock, HealthCheck, Machine, TargetHealthState } from '../contract.js'
import { checkOnce } from './health.js'
import type { Finding } from './health.js'

/** A machine in a target group: its health, its connections, and its open requests. */
export interface Target {
  machine: Machine
  state: TargetHealthState
  reason: string | undefined
  description?: string | undefined
  /** Its idle connections belong to it, so none is reused once it drains. */
  connections: Agent
  open: number
  /** Called when a request ends; draining waits for that. */
  whenIdle: (() => void) | undefined
  /** Ends the health checks. */
  gone: AbortController
}

/** A newly registered target. */
export const newTarget = (machine: Machine): Target => ({
  machine,
  state: 'initial',
  reason: 'Elb.RegistrationInProgress',
  connections: new Agent({ keepAlive: true, maxFreeSockets: 64 }),
  open: 0,
  whenIdle: undefined,
  gone: new AbortController()
})

/** Checks a target at the health check's interval, by the clock, until it is deregistered. */
export const watchHealth = async (target: Target, check: HealthCheck, clock: CloudClock): Promise<void> => {
  const { signal } = target.gone
  let [good, bad] = [0, 0]
  while (!signal.aborted) {
    const finding = await checkOnce(target.machine.address, check)
    if (isOver(signal)) return
    good = finding === undefined ? good + 1 : 0
    bad = finding === undefined ? 0 : bad + 1
    judge(target, finding, { good, bad }, check)
    await clock.sleep(check.intervalSeconds * 1000, signal).catch(() => undefined)
  }
}

const isOver = (signal: AbortSignal): boolean => signal.aborted

/** One successful check is enough for a new target; later both thresholds count (ELB guide, "Health checks"). */
const judge = (
  target: Target,
  finding: Finding,
  { good, bad }: { good: number; bad: number },
  check: HealthCheck
): void => {
  if (finding === undefined && (target.state === 'initial' || good >= check.healthyThreshold)) {
    target.state = 'healthy'
    target.reason = undefined
    target.description = undefined
  } else if (finding !== undefined && bad >= check.unhealthyThreshold) {
    target.state = 'unhealthy'
    target.reason = finding.reason
    target.description = finding.description
  } else if (target.state === 'initial') {
    target.reason = 'Elb.InitialHealthChecking'
  }
}

/**
 * Lets a target's open requests end, for at most `delaySeconds` of the clock, and then cuts the rest. The caller has already
 * taken the target out of rotation.
 */
export const drain = async (target: Target, delaySeconds: number, clock: CloudClock): Promise<void> => {
  target.state = 'draining'
  target.reason = 'Target.DeregistrationInProgress'
  target.description = undefined
  target.gone.abort()
  if (target.open > 0) {
    const idle = new AbortController()
    target.whenIdle = () => idle.abort()
    await clock.sleep(delaySeconds * 1000, idle.signal).catch(() => undefined)
  }
  target.connections.destroy()
}
