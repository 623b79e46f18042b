import { spawn } from 'node:child_process'
import type { ChildProcess, ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Readable, Writable } from 'node:stream'

/** What a machine's programs run on: a file system of its own, and a way to start and to end them all. */
export interface Host {
  /** Folder through which this process reads and writes the machine's files. */
  base: string
  /** What hooks find in INSTANCE_ROOT: empty where `/` is the machine's own, else the folder that holds its files. */
  instanceRoot: string
  /** Starts a program in a process group of its own. Paths are those the machine knows. */
  spawn(program: string, options: { cwd: string; env: Record<string, string> }): ChildProcess
  /** Whether a program is there to be run (interpreters of hooks). */
  hasProgram(program: string): boolean
  /** Kills everything that was ever started here, then resolves. */
  stop(): Promise<void>
}

type Keeper = ChildProcessByStdio<Writable, Readable, Readable>

/** Starts the process that outlives no cloud: it ends, and ends the machine's programs, when its input is closed. */
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

/** A shell script that lies beside this file. */
export const scriptBeside = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

/** `exec` by a shell, since a script without `#!` is run by one: the agent's spawn does the same. */
export const inFolder = (cwd: string, program: string): string[] => [
  '/bin/sh',
  '-c',
  'cd "$1" && exec "$2"',
  'sh',
  cwd,
  program
]
