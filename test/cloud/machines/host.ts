import { spawn } from 'node:child_process'
import type { ChildProcess, ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Readable, Writable } from 'node:stream'

/** What a machine's programs run on: its own file system, and a way to start and to kill them all. */
export interface Host {
  /** The folder through which this process reads and writes the machine's files. */
  base: string
  /** INSTANCE_ROOT of hooks: empty if `/` is the machine's own, otherwise the folder with its files. */
  instanceRoot: string
  /** Starts a program in its own process group. Paths are as the machine sees them. */
  spawn(program: string, options: { cwd: string; env: Record<string, string> }): ChildProcess
  /** Whether a program (the interpreter of a hook) exists. */
  hasProgram(program: string): boolean
  /** Kills everything that was ever started here, then resolves. */
  stop(): Promise<void>
}

type Keeper = ChildProcessByStdio<Writable, Readable, Readable>

/** Starts the keeper: when its input is closed, it ends the machine's programs and itself, so that nothing outlives the cloud. */
export const startKeeper = async (
  command: string[]
): Promise<{ word: string; stop: () => Promise<void> }> => {
  const [file = '', ...argv] = command
  const keeper = spawn(file, argv, { stdio: ['pipe', 'pipe', 'pipe'], detached: true })
  const ended = once(keeper, 'exit').catch((error: unknown) => error)
  keeper.stdin.on('error', () => undefined)
  const word = await firstLine(keeper)
  return {
    word,
    stop: async () => {
      keeper.stdin.end()
      await ended
    }
  }
}

const firstLine = async (keeper: Keeper): Promise<string> => {
  let complaint = ''
  keeper.stderr.on('data', (chunk: Buffer) => (complaint = `${complaint}${chunk.toString()}`.slice(-2000)))
  const lines = createInterface(keeper.stdout)
  const failed = new Promise<never>((_resolve, reject) => {
    keeper.once('error', reject)
    keeper.once('close', (code) => reject(new Error(`The machine ended with ${String(code)}: ${complaint}`)))
  })
  failed.catch(() => undefined)
  const first = new Promise<string>((resolve) => lines.once('line', resolve))
  const word = await Promise.race([first, failed])
  keeper.stdout.resume()
  return word
}

/** A shell script next to this file. */
export const scriptBeside = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

/** `exec` through a shell, because the agent's spawn also runs a script without `#!` with a shell. */
export const inFolder = (cwd: string, program: string): string[] => [
  '/bin/sh',
  '-c',
  'cd "$1" && exec "$2"',
  'sh',
  cwd,
  program
]
