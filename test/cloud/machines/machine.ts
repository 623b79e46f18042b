import { randomUUID } from 'node:crypto'
import { chmod, mkdir, readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import type { AgentCommand, CloudClock, Machine, ObjectStore } from '../contract.js'
import { runEvent } from './agent.js'
import type { Host } from './host.js'
import { runShell } from './shell.js'
import { openPlainHost } from './plain-host.js'
import { freePort, returnPort } from './ports.js'
import { openViewHost } from './view-host.js'

/** What a machine needs from its cloud. */
export interface MachineOrder {
  instanceId: string
  autoScalingGroup?: string
  /** The machine's folder; `root/` in it is its file system. */
  folder: string
  /** Whether its programs see `root/` as `/`. */
  view: Promise<boolean>
  clock: CloudClock
  objects: ObjectStore
  bootSeconds: number
  extraEnv: Record<string, string>
}

/** Starts one machine: a folder, its processes, and the agent. `address.port` is known once it has booted. */
export const startMachine = (order: MachineOrder): Machine => {
  const life = new AbortController()
  const address = { host: '127.0.0.1', port: 0 }
  const opened = open(order)
  const booted = boot(order, opened, address, life.signal)
  booted.catch(() => undefined)
  let queue: Promise<unknown> = booted
  let ended: Promise<void> | undefined
  const machine: Machine = {
    id: order.instanceId,
    booted,
    address,
    agentAlive: true,
    // The SSM agent does its work beside the CodeDeploy agent, and whether that is alive or not.
    shell: async (script, signal) => {
      await booted
      return runShell(
        script,
        await opened,
        environment(order, await opened, address),
        AbortSignal.any([life.signal, signal])
      )
    },
    console: () => consoleText(order, address),
    run: (command, signal) => {
      if (!machine.agentAlive)
        return Promise.reject(new Error(`The agent on ${order.instanceId} does not answer`))
      const both = signal === undefined ? life.signal : AbortSignal.any([life.signal, signal])
      const task = queue.then(async () => runOne(command, await opened, { order, address, signal: both }))
      // An agent does one thing at a time.
      queue = task.catch(() => undefined)
      return task
    },
    terminate: () => {
      machine.agentAlive = false
      life.abort(new Error(`${order.instanceId} was terminated`))
      return (ended ??= end(order, opened, address, queue))
    }
  }
  return machine
}

const open = async ({ folder, view, instanceId }: MachineOrder): Promise<Host> => {
  await mkdir(folder, { recursive: true })
  return (await view) ? openViewHost(folder) : openPlainHost(folder, `${instanceId}-${randomUUID()}`)
}

const boot = async (
  { clock, bootSeconds }: MachineOrder,
  opened: Promise<Host>,
  address: { port: number },
  signal: AbortSignal
): Promise<void> => {
  const waited = clock.sleep(bootSeconds * 1000, signal).catch((error: unknown) => {
    throw signal.aborted ? signal.reason : error
  })
  const [port] = await Promise.all([freePort(), opened, waited])
  address.port = port
  signal.throwIfAborted()
}

interface RunContext {
  order: MachineOrder
  address: { host: string; port: number }
  signal: AbortSignal
}

/** What every program of a machine finds in its environment. */
const environment = (
  order: MachineOrder,
  host: Host,
  address: RunContext['address']
): Record<string, string> => ({
  PATH: [path.dirname(process.execPath), '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'].join(
    ':'
  ),
  HOME: '/root',
  LANG: 'C.UTF-8',
  HOST: address.host,
  PORT: String(address.port),
  INSTANCE_ID: order.instanceId,
  INSTANCE_ROOT: host.instanceRoot,
  AUTO_SCALING_GROUP: order.autoScalingGroup ?? '',
  ...order.extraEnv
})

const runOne = (command: AgentCommand, host: Host, { order, address, signal }: RunContext) =>
  runEvent(command, order.objects, {
    host,
    env: environment(order, host, address),
    now: () => order.clock.now(),
    signal
  })

/** Nothing before the machine has booted. */
const consoleText = ({ instanceId }: MachineOrder, { port }: { port: number }): string =>
  port === 0
    ? ''
    : [
        '[    0.000000] Linux version of the local cloud',
        `ci-info: ${instanceId} listens on port ${port}`,
        'Cloud-init finished. codedeploy-agent started.',
        `${instanceId} login: `
      ].join('\n')

const end = async (
  { folder }: MachineOrder,
  opened: Promise<Host>,
  address: { port: number },
  queue: Promise<unknown>
): Promise<void> => {
  const host = await opened.catch(() => undefined)
  await host?.stop()
  await queue.catch(() => undefined)
  await removeFolder(folder)
  returnPort(address.port)
}

/** Removes a folder even if an application has made parts of it read-only. */
const removeFolder = async (folder: string): Promise<void> => {
  const gone = rm(folder, { recursive: true, force: true, maxRetries: 3, retryDelay: 50 })
  await gone.catch(async () => {
    await openUp(folder)
    await rm(folder, { recursive: true, force: true, maxRetries: 3, retryDelay: 50 })
  })
}

const openUp = async (folder: string): Promise<void> => {
  await chmod(folder, 0o700)
  const entries = await readdir(folder, { withFileTypes: true })
  for (const entry of entries) if (entry.isDirectory()) await openUp(path.join(folder, entry.name))
}
