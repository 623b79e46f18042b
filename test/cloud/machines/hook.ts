import type { ChildProcess } from 'node:child_process'
import { chmodSync, statSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Script } from './appspec.js'
import { execFault } from './exec-fault.js'
import type { Host } from './host.js'
import { agentHome, archiveOf } from './layout.js'
import { locate } from './root.js'
import { ScriptError } from './script-error.js'
import { eachLine } from './script-log.js'
import type { ScriptLog } from './script-log.js'

/** What all scripts of one event share. */
export interface HookRun {
  host: Host
  /** The folder of the deployment whose scripts run. */
  folder: string
  env: Record<string, string>
  log: ScriptLog
  signal: AbortSignal
}

/** A script that ignores TERM is killed after this many milliseconds; the real agent would wait forever. */
const GRACE_MS = 2000

/**
 * Runs one script of a hook until its end, its timeout, or the end of the machine. Messages are the agent's own
 * (docs/service.md, reference 2.3).
 */
export const runScript = async (script: Script, run: HookRun): Promise<void> => {
  const program = path.join(archiveOf(run.folder), script.location)
  const { location } = script
  makeExecutable(location, program, run.host)
  await run.log.add(`Script - ${location}\n`)
  const named = `Script at specified location: ${location}`
  const prefix = script.runas === undefined ? named : `${named} run as user ${script.runas}`
  const fault = execFault(run.host, program)
  if (fault !== undefined) {
    throw new ScriptError('ScriptFailed', location, `${prefix} failed with error ${fault}`)
  }
  const end = await follow(run.host.spawn(program, { cwd: agentHome, env: run.env }), script.timeout, run)
  run.signal.throwIfAborted()
  if (end.kind === 'late') {
    const message = `${named} failed to complete in ${script.timeout} seconds`
    throw new ScriptError('ScriptTimedOut', location, message)
  }
  if (end.kind === 'open') {
    throw new ScriptError('UnknownError', location, `${named} failed to close ${end.stream}`)
  }
  if (end.code !== 0) {
    throw new ScriptError(
      'ScriptFailed',
      location,
      `${prefix} failed with exit code ${String(end.code ?? '')}`
    )
  }
}

const makeExecutable = (location: string, program: string, host: Host): void => {
  const file = locate(host.base, program)
  const stats = statSync(file, { throwIfNoEntry: false })
  if (stats === undefined) {
    const message = `Script does not exist at specified location: ${path.normalize(program)}`
    throw new ScriptError('ScriptMissing', location, message)
  }
  if ((stats.mode & 0o111) !== 0o111) chmodSync(file, stats.mode | 0o111)
}

type End =
  { kind: 'ended'; code: number | null } | { kind: 'late' } | { kind: 'open'; stream: 'STDOUT' | 'STDERR' }

/**
 * The agent first waits for the process and then for both outputs to be closed, within one timeout (docs/service.md, reference
 * 6.3).
 */
const follow = async (child: ChildProcess, seconds: number, run: HookRun): Promise<End> => {
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once('exit', (code) => resolve(code))
    child.once('error', reject)
  })
  const deadline = alarm(seconds, run.signal)
  const outputs = [read(child, 'stdout', run.log), read(child, 'stderr', run.log)] as const
  try {
    const code = await Promise.race([exited, deadline.rung])
    if (code === 'rung') {
      await endGroup(child, exited, run.signal.aborted)
      return { kind: 'late' }
    }
    if ((await Promise.race([outputs[0], deadline.rung])) === 'rung')
      return { kind: 'open', stream: 'STDOUT' }
    if ((await Promise.race([outputs[1], deadline.rung])) === 'rung')
      return { kind: 'open', stream: 'STDERR' }
    return { kind: 'ended', code }
  } finally {
    deadline.off()
    // A background child that still has them open is left alone, as the agent does.
    child.stdout?.destroy()
    child.stderr?.destroy()
    await Promise.all(outputs)
  }
}

const read = async (child: ChildProcess, name: 'stdout' | 'stderr', log: ScriptLog): Promise<'closed'> => {
  const stream = child[name]
  if (stream !== null) {
    await eachLine(stream, (line) => log.add(`[${name}]${line}`)).catch(() => undefined)
  }
  return 'closed'
}

/** Real seconds, whatever the cloud's clock says, because scripts do real work. Fires at once if the machine goes. */
const alarm = (seconds: number, signal: AbortSignal) => {
  let off: () => void = () => undefined
  const rung = new Promise<'rung'>((resolve) => {
    const ring = () => resolve('rung')
    const timer = setTimeout(ring, Math.min(seconds * 1000, 2 ** 31 - 1))
    signal.addEventListener('abort', ring)
    if (signal.aborted) ring()
    off = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', ring)
    }
  })
  return { rung, off: () => off() }
}

/** TERM to the whole process group, then KILL to what is left of it. */
const endGroup = async (child: ChildProcess, exited: Promise<unknown>, now: boolean): Promise<void> => {
  const deadline = Date.now() + (now ? 0 : GRACE_MS)
  if (!now) killGroup(child, 'SIGTERM')
  while (Date.now() < deadline && killGroup(child, 0)) await sleep(20)
  killGroup(child, 'SIGKILL')
  await exited
}

/** Whether any process got the signal. */
const killGroup = (child: ChildProcess, signal: NodeJS.Signals | 0): boolean => {
  try {
    return child.pid !== undefined && process.kill(-child.pid, signal)
  } catch {
    return false
  }
}
