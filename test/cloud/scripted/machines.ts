import type { AgentCommand, AgentResult, CloudClock, Machine, Machines } from '../contract.js'
import type { Script, ScriptedPlace } from './script.js'
import { sharedSleep, type Sleep } from './shared-sleep.js'

const DONE: AgentResult = { errorCode: 'Success', scriptName: '', message: 'Succeeded', logTail: '' }

/** One event that a scripted machine was told to run. */
export interface ScriptedRun {
  place: ScriptedPlace
  command: AgentCommand
}

/** Machines that run no processes: every event takes a scripted time on the clock and ends as scripted. */
export const scriptedMachines = (options: {
  clock: CloudClock
  script?: Script
}): Machines & { runs: readonly ScriptedRun[] } => {
  const script = options.script ?? {}
  const sleep = sharedSleep(options.clock)
  const counts = new Map<string, number>()
  const runs: ScriptedRun[] = []
  return {
    runs,
    launch: ({ instanceId, autoScalingGroup = '' }) => {
      const index = counts.get(autoScalingGroup) ?? 0
      counts.set(autoScalingGroup, index + 1)
      const place = { instanceId, autoScalingGroup, index }
      return newMachine(place, script, { sleep, note: (command) => void runs.push({ place, command }) })
    }
  }
}

const newMachine = (
  place: ScriptedPlace,
  script: Script,
  { sleep, note }: { sleep: Sleep; note: (command: AgentCommand) => void }
): Machine => {
  let alive = true
  return {
    id: place.instanceId,
    booted: sleep((script.bootSeconds ?? 0) * 1000),
    // Nothing really listens: a table load balancer sends no requests.
    address: { host: '127.0.0.1', port: 0 },
    get agentAlive() {
      return alive && (script.agentAlive?.(place) ?? true)
    },
    run: async (command, signal) => {
      note(command)
      const scripted = script.event?.(command, place) ?? {}
      await sleep((scripted.seconds ?? script.eventSeconds ?? 0) * 1000, signal)
      if (scripted.agentDies === true) alive = false
      if (!alive) throw new Error(`the agent of ${place.instanceId} is gone`)
      return scripted.failure ?? DONE
    },
    shell: async (text, signal) => {
      const { seconds = 0, ...result } = script.shell?.(text, place) ?? {}
      await sleep(seconds * 1000, signal)
      return { code: 0, stdout: '', stderr: '', ...result }
    },
    console: () => script.console?.(place) ?? '',
    terminate: () => {
      alive = false
      return Promise.resolve()
    }
  }
}
