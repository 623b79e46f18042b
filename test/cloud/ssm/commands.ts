import { randomUUID } from 'node:crypto'
import type { Background } from '../autoscaling/background.js'
import type { Fleets } from '../autoscaling/fleets.js'
import { ServiceError, type CloudClock } from '../contract.js'
import { scriptOf, type SsmDocuments } from './documents.js'

/** What GetCommandInvocation shows of a command on one instance. */
export interface Invocation {
  instanceId: string
  documentName: string
  status: 'Pending' | 'InProgress' | 'Success' | 'Failed' | 'TimedOut'
  statusDetails: string
  responseCode: number
  output: string
  errors: string
}

export interface Commands {
  /** Throws InvalidDocument, InvalidParameters or InvalidInstanceId. */
  send(document: string, instanceIds: readonly string[], parameters: Record<string, string>): string
  /** Throws InvocationDoesNotExist, also for the first seconds of a command. */
  invocation(commandId: string, instanceId: string): Invocation
  /** Instances whose SSM agent is not online; a test adds some. */
  offline: Set<string>
  /** Makes every instance one without an SSM agent, or one again. */
  setOnline(isOnline: boolean): void
}

/** Service seconds until a command is shown, and until the agent takes it. */
const SHOWN_AFTER = 2
const TAKEN_AFTER = 1
/** Characters that GetCommandInvocation keeps (API: GetCommandInvocation). */
const MOST_OUTPUT = 24_000
const MOST_ERRORS = 8_000

interface CommandWorld {
  clock: CloudClock
  fleets: Fleets
  background: Background
  documents: SsmDocuments
  accountId: string
}

/** Commands, each of which really runs on the machines, or is answered by their script. */
export const createCommands = ({
  clock,
  fleets,
  background,
  documents,
  accountId
}: CommandWorld): Commands => {
  const shown = new Map<string, Map<string, Invocation>>()
  const offline = new Set<string>()
  let isOnline = true

  const run = (invocation: Invocation, script: string, seconds: number): void =>
    background.run(async (signal) => {
      await clock.sleep(TAKEN_AFTER * 1000, signal)
      const shell = fleets.instance(invocation.instanceId)?.machine.shell
      if (shell === undefined) return
      Object.assign(invocation, { status: 'InProgress', statusDetails: 'InProgress' })
      // A machine that goes takes its answer with it.
      const ended = await shell(script, AbortSignal.any([signal, AbortSignal.timeout(seconds * 1000)])).catch(
        () => undefined
      )
      const status = ended === undefined ? 'TimedOut' : ended.code === 0 ? 'Success' : 'Failed'
      Object.assign(invocation, {
        status,
        statusDetails: status === 'TimedOut' ? 'Execution Timed Out' : status,
        responseCode: ended?.code ?? -1,
        output: (ended?.stdout ?? '').slice(0, MOST_OUTPUT),
        errors: (ended?.stderr ?? '').slice(0, MOST_ERRORS)
      })
    })

  return {
    offline,
    setOnline: (wanted) => void (isOnline = wanted),
    send: (name, instanceIds, parameters) => {
      const document = documents.find(name)
      if (document === undefined)
        throw new ServiceError('InvalidDocument', `Document with name ${name} does not exist.`)
      const script = scriptOf(document, parameters)
      const isManaged = (id: string): boolean =>
        isOnline && !offline.has(id) && fleets.instance(id)?.machine.shell !== undefined
      const others = instanceIds.filter((id) => !isManaged(id))
      if (others.length > 0)
        throw new ServiceError(
          'InvalidInstanceId',
          `Instances [[${others.join(', ')}]] not in a valid state for account ${accountId}`
        )
      const commandId = randomUUID()
      const invocations = new Map<string, Invocation>()
      for (const instanceId of instanceIds) {
        const invocation: Invocation = {
          ...{ instanceId, documentName: name, status: 'Pending', statusDetails: 'Pending' },
          ...{ responseCode: -1, output: '', errors: '' }
        }
        invocations.set(instanceId, invocation)
        run(invocation, script, document.timeoutSeconds)
      }
      background.run(async (signal) => {
        await clock.sleep(SHOWN_AFTER * 1000, signal)
        shown.set(commandId, invocations)
      })
      return commandId
    },
    invocation: (commandId, instanceId) => {
      const found = shown.get(commandId)?.get(instanceId)
      if (found === undefined) throw new ServiceError('InvocationDoesNotExist', '')
      return found
    }
  }
}
