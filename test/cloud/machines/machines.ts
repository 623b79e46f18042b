import path from 'node:path'
import type { CloudClock, Machine, Machines, ObjectStore } from '../contract.js'
import { startMachine } from './machine.js'
import { viewRefusal } from './view-host.js'

/** Where and how a fleet runs. */
export interface FleetOptions {
  /** The folder in which everything is written; `instances/i-…/` is one machine. */
  scratch: string
  clock: CloudClock
  objects: ObjectStore
  /** Seconds of the clock from launch until the operating system and the agent have started. */
  bootSeconds: number
  /** Added to the environment of every hook. */
  extraEnv?: Record<string, string>
  /** Whether each machine has its own view (`on`: no machine boots if the kernel refuses). Default: if the kernel allows it. */
  view?: 'on' | 'off'
}

/** A fleet that really runs: each machine is a folder and processes, with an agent that runs real hooks. */
export interface Fleet extends Machines {
  /** Terminates all remaining machines; terminating one twice does no harm. */
  stopAll(): Promise<void>
}

/**
 * Creates a fleet. Deployments write nothing outside `scratch`: absolute paths of the AppSpec are below the machine's `root/`.
 * Hooks see that as `/` if the kernel has namespaces; otherwise they find it in INSTANCE_ROOT.
 */
export const createMachines = (options: FleetOptions): Fleet => {
  const { scratch, clock, objects, bootSeconds, extraEnv = {} } = options
  const view = canView(options.view)
  view.catch(() => undefined)
  const launched: Machine[] = []
  return {
    launch: ({ instanceId, autoScalingGroup }) => {
      const folder = path.join(scratch, 'instances', instanceId)
      const machine = startMachine({
        ...{ instanceId, folder, clock, objects, bootSeconds, extraEnv },
        ...(autoScalingGroup === undefined ? {} : { autoScalingGroup }),
        view
      })
      launched.push(machine)
      return machine
    },
    stopAll: async () => {
      await Promise.all(launched.map((machine) => machine.terminate()))
    }
  }
}

const canView = async (wanted: FleetOptions['view']): Promise<boolean> => {
  const refusal = wanted === 'off' ? 'off' : await viewRefusal()
  if (wanted === 'on' && refusal !== undefined)
    throw new Error(`Machines cannot have their own view: ${refusal}`)
  return refusal === undefined
}
