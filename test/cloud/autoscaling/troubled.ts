import type { CloudClock, Machine, Machines, Switches } from '../contract.js'

/** A server that boots slowly is in service for this long before its agent starts. */
const SLOW_BOOT_MS = 3 * 60_000

/** Machines whose agents behave as the switch `newFleet` says, and start late, in a fleet that CodeDeploy copies or a call makes. */
export const troubled = (
  machines: Machines,
  clock: CloudClock,
  { switches, agentSeconds }: { switches: Pick<Switches, 'newFleet'>; agentSeconds: number }
): Machines => ({
  launch: (order) => {
    const machine = machines.launch(order)
    if (order.isNew !== true) return machine
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
        return agentSeconds > 0 ? withAgent(machine, after(agentSeconds * 1000, clock)) : machine
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
  shell: machine.shell,
  console: () => machine.console?.() ?? '',
  terminate: () => machine.terminate()
})
