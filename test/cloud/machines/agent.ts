import { appendFileSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import type { AgentCommand, AgentResult, ObjectStore } from '../contract.js'
import { downloadBundle } from './download.js'
import { runHooks } from './hooks.js'
import type { HookSurroundings } from './hooks.js'
import { install } from './install.js'
import { agentLog } from './layout.js'
import { locate } from './root.js'
import { failure, success } from './script-error.js'

/**
 * Runs one lifecycle event on a machine, as its agent does, and returns how it ended. Rejects only if `signal` says that the
 * machine or the caller is gone.
 */
export const runEvent = async (
  command: AgentCommand,
  objects: ObjectStore,
  around: HookSurroundings
): Promise<AgentResult> => {
  const { host, signal } = around
  const note = (text: string): void => {
    const file = locate(host.base, agentLog)
    mkdirSync(path.dirname(file), { recursive: true })
    appendFileSync(file, `${new Date(around.now()).toISOString()} INFO ${command.deploymentId} ${text}\n`)
  }
  try {
    signal.throwIfAborted()
    note(`${command.event} starts`)
    if (command.event === 'DownloadBundle') await downloadBundle(command, host, objects)
    else if (command.event === 'Install') await install(command, host, note)
    else return await runHooks(command, around)
    return success
  } catch (error) {
    signal.throwIfAborted()
    return failure(error, '')
  }
}
