import type { CloudClock, Machine, Machines, Switches } from '../contract.js'
import { PROVISIONING_TAG } from './fleet-state.js'

/** A server that boots slowly is in service for this long before its agent starts. */
const SLOW_BOOT_MS = 3 * 60_000

/** Machines whose agents behave as the switch `newFleet` says, in a fleet that CodeDeploy copies. */
export const troubled = (
  machines: Machines,
  clock: CloudClock,
  switches: Pick<Switches, 'newFleet'>
): Machines => ({
  launch: (order) => {
    const machine = machines.launch(order)
    if (!Object.hasOwn(order.tags, PROVISIONING_TAG)) return machine
    switch (switches.newFleet) {
      case 'slow-boot':
        return withAgent(machine, after(SLOW_BOOT_MS, clock))
      case 'no-profile':
      case 'no-agent':
        return withAgent(machine, () => false)
      case 'agent-dies':
        return {
          ...withAgent(machine, () => machine.agentAlive),
          run: async (command, signal) => {
            const result = await machine.run(command, signal)
            if (command.event !== 'AfterInstall') return result
            throw new Error(`the agent of ${machine.id} is gone`)
          }
        }
      default:
        return machine
    }
  }
})

const after = (ms: number, clock: CloudClock): (() => boolean) => {
  const due = clock.passed() + ms
  return () => clock.passed() >= due
}

/** The same machine, whose agent only answers while `answers` does. */
const withAgent = (machine: Machine, answers: () => boolean): Machine => ({
  id: machine.id,
  booted: machine.booted,
  get address() {
    return machine.address
  },
  get agentAlive() {
    return machine.agentAlive && answers()
  },
  set agentAlive(alive) {
    machine.agentAlive = alive
  },
  run: (command, signal) => machine.run(command, signal),
  terminate: () => machine.terminate()
})
