import { spawn } from 'node:child_process'
import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { DIST, jobEnvironment, parseOutputs, placeInputs } from '../action/run.js'
import type { Deployment } from '../cloud/codedeploy/model.js'
import { startCloud, type Cloud, type StartOptions } from '../cloud/start.js'
import { commitOf } from '../scenarios/app.js'
import { METER, runDelayMs } from './run-delay.js'

/** The action as a process that a test can wait for and kill. */
export interface Job {
  /** The log so far. */
  log(): string
  /** Resolves once the condition holds; throws with the log if the job ends first. */
  until(holds: () => boolean): Promise<void>
  signal(name: NodeJS.Signals): void
  ended: Promise<JobEnd>
}

export interface JobEnd {
  code: number | null
  log: string
  outputs: Record<string, string>
  /** Milliseconds from the last signal to the end of the process, less the time that it or the cloud waited for a core. */
  endingMs: number
}

/** A fast cloud in real time, and its jobs. */
export interface Yard {
  cloud: Cloud
  start(
    version: string,
    job?: { inputs?: Record<string, string>; env?: Record<string, string>; bytes?: number }
  ): Promise<Job>
  deployments(): Deployment[]
  /** Stops everything that runs and removes all faults. */
  clear(): Promise<void>
  close(): Promise<void>
}

const OVER = new Set(['Succeeded', 'Failed', 'Stopped'])
const LOOK_MS = 10

/** Resolves once the condition holds; only the test's own timeout ends the wait. */
export const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await delay(LOOK_MS)
}

const APPSPEC = 'version: 0.0\nos: linux\nfiles:\n  - source: VERSION\n    destination: /srv/app\n'

const writeVersion = async (folder: string, version: string, bytes: number): Promise<string> => {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'appspec.yml'), APPSPEC)
  await writeFile(join(folder, 'VERSION'), `${version}\n`)
  if (bytes > 0) await writeFile(join(folder, 'noise'), await noise(bytes))
  return folder
}

const noise = async (bytes: number): Promise<Buffer> => {
  const { randomBytes } = await import('node:crypto')
  return randomBytes(bytes)
}

/** Opens a cloud whose phases last about a second each, long enough for a test to act in them. */
export const openYard = async (options: StartOptions = {}): Promise<Yard> => {
  const cloud = await startCloud({
    ...{ scripted: true, timeScale: 40, terminationWait: 10, script: { bootSeconds: 30, eventSeconds: 8 } },
    ...options
  })
  const scratch = await mkdtemp(join(tmpdir(), 'yard-'))
  let runs = 500
  const caller = { arn: 'arn:aws:iam::123456789012:user/tester', accountId: '123456789012' }
  const call = async (operation: string, input: Record<string, unknown>): Promise<void> => {
    await cloud.planes.codedeploy[operation]?.(input, caller)
  }
  const deployments = (): Deployment[] => cloud.planes.inspect.deployments()
  const active = (): Deployment[] => deployments().filter(({ status }) => !OVER.has(status))
  return {
    cloud,
    deployments,
    start: async (version, { inputs = {}, env = {}, bytes = 0 } = {}) => {
      const source = await writeVersion(join(scratch, version), version, bytes)
      return startJob({
        inputs: {
          ...placeInputs(cloud.env),
          'poll-seconds': '0.5',
          source,
          commit: commitOf(version),
          ...inputs
        },
        env: { ...jobEnvironment(cloud.env), GITHUB_RUN_ID: String(++runs), GITHUB_ACTOR: 'octocat', ...env }
      })
    },
    clear: async () => {
      cloud.faults.clear()
      while (active().length > 0) {
        for (const { id, phase } of active())
          await (
            phase === 'termination-wait'
              ? call('ContinueDeployment', { deploymentId: id, deploymentWaitType: 'TERMINATION_WAIT' })
              : call('StopDeployment', { deploymentId: id, autoRollbackEnabled: false })
          ).catch(() => undefined)
        await delay(100)
      }
    },
    close: async () => {
      await cloud.stop()
      await rm(scratch, { recursive: true, force: true })
    }
  }
}

/** A moment, and how long the job and the cloud, which runs in this process, have waited for a core until then. */
const momentOf = (schedstat: string): { at: number; jobMs: number; cloudMs: number } => ({
  at: Date.now(),
  jobMs: runDelayMs(schedstat),
  cloudMs: runDelayMs('/proc/self/schedstat')
})

const startJob = async ({
  inputs,
  env
}: {
  inputs: Record<string, string>
  env: Record<string, string>
}): Promise<Job> => {
  const folder = await mkdtemp(join(tmpdir(), 'job-'))
  const output = join(folder, 'output')
  const meter = join(folder, 'meter.cjs')
  const schedstat = join(folder, 'schedstat')
  await writeFile(output, '')
  await writeFile(meter, METER)
  const variables = Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])
  const child = spawn(process.execPath, ['--require', meter, DIST], {
    cwd: folder,
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: folder,
      GITHUB_OUTPUT: output,
      SCHEDSTAT: schedstat,
      ...env,
      ...(Object.fromEntries(variables) as Record<string, string>)
    },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  let log = ''
  let isOver = false
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      log += text
    })
  let signaled = momentOf(`/proc/${child.pid ?? 0}/schedstat`)
  const closed = new Promise<{ code: number | null; endingMs: number }>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      isOver = true
      const gone = momentOf(schedstat)
      // A killed process leaves no copy.
      const waitedMs = Math.max(0, gone.jobMs - signaled.jobMs) + gone.cloudMs - signaled.cloudMs
      resolve({ code, endingMs: gone.at - signaled.at - waitedMs })
    })
  })
  const ended = closed.then(async (end) => {
    const outputs = parseOutputs(await readFile(output, 'utf8'))
    await rm(folder, { recursive: true, force: true })
    return { ...end, log, outputs }
  })
  return {
    log: () => log,
    signal: (name) => {
      signaled = momentOf(`/proc/${child.pid ?? 0}/schedstat`)
      child.kill(name)
    },
    ended,
    until: async (holds) => {
      await until(() => holds() || isOver)
      if (!holds()) throw new Error(`the job ended first:\n${log}`)
    }
  }
}
