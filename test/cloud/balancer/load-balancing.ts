import type { CloudClock, HealthCheck, LoadBalancing, Machine, TargetGroupPlane } from '../contract.js'
import { listen } from './listener.js'
import type { Choose } from './proxy.js'
import { drain, newTarget, watchHealth } from './target.js'
import type { Target } from './target.js'

/** Load balancers that really forward requests: every listener is an HTTP server on a loopback port. */
export const createLoadBalancing = ({ clock }: { clock: CloudClock }): LoadBalancing => {
  const choices = new WeakMap<TargetGroupPlane, Choose>()
  return {
    group: (check) => {
      const targets = new Map<string, Target>()
      const close = (): Promise<void> => {
        for (const target of targets.values()) leave(target)
        targets.clear()
        return Promise.resolve()
      }
      const plane = planeOf(targets, { check, clock, close })
      choices.set(plane, roundRobin(targets))
      return plane
    },
    listen: (_name, reply) => listen(reply, (group) => choices.get(group) ?? (() => undefined))
  }
}

interface PlaneSurroundings {
  check: HealthCheck
  clock: CloudClock
  close: () => Promise<void>
}

const planeOf = (
  targets: Map<string, Target>,
  { check, clock, close }: PlaneSurroundings
): TargetGroupPlane => ({
  register: (machine: Machine) => {
    const known = targets.get(machine.id)
    if (known !== undefined && known.state !== 'draining') return
    const target = newTarget(machine)
    targets.set(machine.id, target)
    void watchHealth(target, check, clock)
  },
  deregister: async (machineId, delaySeconds) => {
    const target = targets.get(machineId)
    if (target === undefined) return
    await drain(target, delaySeconds, clock)
    if (targets.get(machineId) === target) targets.delete(machineId)
  },
  health: () =>
    [...targets.values()].map(({ machine, state, reason, description }) => ({
      machineId: machine.id,
      state,
      ...(reason === undefined ? {} : { reason }),
      ...(description === undefined ? {} : { description })
    })),
  close
})

const leave = (target: Target): void => {
  target.gone.abort()
  target.connections.destroy()
}

/** Healthy targets in turn; if none is healthy, every registered one, because an Application Load Balancer fails open. */
const roundRobin = (targets: Map<string, Target>): Choose => {
  let turn = 0
  return (tried) => {
    const registered = [...targets.values()].filter((target) => target.state !== 'draining')
    const healthy = registered.filter(({ state }) => state === 'healthy')
    const rotation = (healthy.length > 0 ? healthy : registered).filter((target) => !tried.has(target))
    turn += 1
    return rotation[turn % rotation.length]
  }
}
