import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

/** One process, from its start to its end. */
export interface Measure {
  seconds: number
  /** Peak memory of its largest process, in MiB; undefined where the system does not say. */
  peakMib?: number
  output: string
}

export interface Program {
  command: string
  args: readonly string[]
  env?: Record<string, string>
}

const POLL_MS = 20

/** Keeps this machine's own settings (extra certificates, Node options, credentials) away from the programs. */
const plainEnvironment = (): Record<string, string> =>
  Object.fromEntries(
    ['PATH', 'HOME', 'TMPDIR', 'LANG'].flatMap((name) => {
      const value = process.env[name]
      return value === undefined ? [] : [[name, value]]
    })
  )

/** Runs a program to its end. Throws an error with its output if it fails. */
export const measure = ({ command, args, env = {} }: Program): Promise<Measure> =>
  new Promise((resolve, reject) => {
    const startedAt = performance.now()
    const child = spawn(command, args, {
      env: { ...plainEnvironment(), ...env },
      stdio: ['ignore', 'pipe', 'pipe']
    })
    let output = ''
    child.stdout.on('data', (data: Buffer) => (output += data.toString()))
    child.stderr.on('data', (data: Buffer) => (output += data.toString()))
    let peak = 0
    const poll = setInterval(() => (peak = Math.max(peak, peakOf(child.pid ?? 0))), POLL_MS)
    child.on('error', reject)
    child.on('close', (code) => {
      clearInterval(poll)
      const seconds = (performance.now() - startedAt) / 1000
      if (code !== 0)
        reject(new Error(`${command} ${args.join(' ')} ended with ${code ?? 'a signal'}:\n${output}`))
      else resolve({ seconds, output, ...(peak === 0 ? {} : { peakMib: peak }) })
    })
  })

/** VmHWM of a process or of its largest descendant, in MiB; 0 without /proc. */
const peakOf = (pid: number): number => {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const own = Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')
    return Math.max(own, ...children.filter((child) => child !== '').map((child) => peakOf(Number(child))))
  } catch {
    return 0
  }
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((one, other) => one - other)
  const [low, high] = [sorted[(sorted.length - 1) >> 1] ?? 0, sorted[sorted.length >> 1] ?? 0]
  return (low + high) / 2
}

/** Whether a program can be started at all. */
export const isInstalled = (command: string): boolean =>
  existsSync(command) || spawnSync(command, ['--version'], { stdio: 'ignore' }).error === undefined
