import type { LoadBalancing, Machine, TargetGroupPlane, TargetHealthState } from '../contract.js'

/** What a table load balancer says about its targets. */
export interface TableBalancingOptions {
  /** Health of a registered machine; healthy by default. */
  health?: (machine: Machine) => { state: TargetHealthState; reason?: string; description?: string }
  /** How a target drains; at once by default. */
  drain?: (machineId: string, delaySeconds: number) => Promise<void>
}

/** Load balancing without a network: a table of registered machines. They are healthy at once unless scripted otherwise. */
export const tableLoadBalancing = (options: TableBalancingOptions = {}): LoadBalancing => ({
  open: (name) => Promise.resolve({ plane: tablePlane(options), url: `http://${name}.test` })
})

const tablePlane = (options: TableBalancingOptions): TargetGroupPlane => {
  const registered = new Map<string, Machine>()
  const draining = new Set<string>()
  return {
    register: (machine) => {
      registered.set(machine.id, machine)
      draining.delete(machine.id)
    },
    deregister: async (id, delaySeconds) => {
      if (!registered.delete(id) || options.drain === undefined) return
      draining.add(id)
      await options.drain(id, delaySeconds)
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
