import type { CloudClock, LoadBalancing, Machine, TargetGroupPlane, TargetHealthState } from '../contract.js'

/** What a table load balancer says about its targets. */
export interface TableBalancingOptions {
  /** Health of a registered machine; healthy by default. */
  health?: (machine: Machine) => { state: TargetHealthState; reason?: string; description?: string }
  /** How a target drains; at once by default. `for-the-delay`: as if open requests lasted for all of it. */
  drain?: 'for-the-delay' | ((machineId: string, delaySeconds: number) => Promise<void>)
}

/** Load balancing without a network: a table of registered machines, healthy at once unless scripted otherwise, and listeners that nobody reaches. */
export const tableLoadBalancing = (
  clock: CloudClock,
  options: TableBalancingOptions = {}
): LoadBalancing => ({
  group: () => tablePlane(clock, options),
  listen: (name) => Promise.resolve({ url: `http://${name}.test`, close: () => Promise.resolve() })
})

const tablePlane = (clock: CloudClock, options: TableBalancingOptions): TargetGroupPlane => {
  const drain =
    options.drain === 'for-the-delay'
      ? (_id: string, seconds: number) => clock.sleep(seconds * 1000)
      : options.drain
  const registered = new Map<string, Machine>()
  const draining = new Set<string>()
  return {
    register: (machine) => {
      registered.set(machine.id, machine)
      draining.delete(machine.id)
    },
    deregister: async (id, delaySeconds) => {
      if (!registered.delete(id) || drain === undefined) return
      draining.add(id)
      await drain(id, delaySeconds)
      draining.delete(id)
    },
    health: () => [
      ...[...registered.values()].map((machine) => ({
        machineId: machine.id,
        ...(options.health?.(machine) ?? { state: 'healthy' as const })
      })),
      ...[...draining].map((machineId) => ({
        machineId,
        state: 'draining' as const,
        reason: 'Target.DeregistrationInProgress'
      }))
    ],
    close: () => Promise.resolve()
  }
}
