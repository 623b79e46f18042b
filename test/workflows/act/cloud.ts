import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { watch } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parseEnv } from 'node:util'
import { ROOT } from '../files.js'

const PROGRAM = 'test/cloud/main.ts'

/** A local cloud that runs, and what a client of it needs. */
export interface Cloud {
  environment: Record<string, string>
  stop: () => Promise<void>
}

/** Whether this checkout has the local cloud. */
export const hasCloud = (): boolean => existsSync(join(ROOT, PROGRAM))

/** Starts the local cloud and waits until it says that it is ready; `seconds` is when to give up. */
export async function startCloud(envFile: string, seconds = 60): Promise<Cloud> {
  const options = ['--env-file', envFile, '--time-scale', '60', '--termination-wait', '20']
  // Without `--`, Node 20 takes --env-file for its own, even behind the name of the program.
  const child = spawn(process.execPath, ['--import', 'tsx', '--', PROGRAM, ...options], {
    cwd: ROOT,
    stdio: 'ignore'
  })
  const ended = once(child, 'exit')
  const gone = ended.then(([code]) =>
    Promise.reject(new Error(`The cloud ended with ${String(code)} before it was ready`))
  )
  const environment = await Promise.race([readWhenReady(envFile, AbortSignal.timeout(seconds * 1000)), gone])
  return { environment, stop: () => stop(child, ended) }
}

async function stop(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  child.kill('SIGTERM')
  await ended
}

/** SERVICE_URL is the last thing to be known, so a file that holds it is whole. */
async function readWhenReady(envFile: string, signal: AbortSignal): Promise<Record<string, string>> {
  const changes = watch(dirname(envFile), { signal })[Symbol.asyncIterator]()
  for (;;) {
    const now = existsSync(envFile) ? variables(readFileSync(envFile, 'utf8')) : {}
    if ('SERVICE_URL' in now) return now
    await changes.next()
  }
}

const variables = (text: string): Record<string, string> => parseEnv(text) as Record<string, string>
