import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The file that a runner starts; ACTION_MAIN can name another build. */
export const DIST = process.env['ACTION_MAIN'] ?? join(import.meta.dirname, '../../dist/index.js')

const FAST_CLOCK = join(import.meta.dirname, 'fast-clock.mjs')

/** A run of the action as a separate process, the way a runner starts it. */
export interface ActionRun {
  code: number | null
  signal: NodeJS.Signals | null
  /** Standard output and standard error, in the order in which they arrived. */
  log: string
  outputs: Record<string, string>
  summary: string
  /** Every file that the process wrote in its home or for the runner, concatenated. */
  files: string
  /** From start to end, in milliseconds. */
  tookMs: number
}

export interface RunOptions {
  inputs: Record<string, string>
  /** In addition to PATH and the files of a step; for example the cloud's environment and GITHUB_RUN_ID. */
  env?: Record<string, string>
  cwd?: string
  /** A world whose time runs faster (fast-clock.mjs). */
  fast?: { since: number; scale: number } | undefined
  /** Called with each piece of the log, and with the process, to send signals. */
  onLog?: (text: string, child: ChildProcess) => void
}

/** What a job gets from a cloud's environment: no keys, only the means to get a token. */
export const jobEnvironment = (cloud: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(cloud).filter(([name]) => !['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'].includes(name))
  )

/** The inputs that name where to deploy in a cloud. */
export const placeInputs = (cloud: Record<string, string>): Record<string, string> => ({
  'aws-region': cloud['AWS_REGION'] ?? '',
  'role-to-assume': cloud['ROLE_ARN'] ?? '',
  'application-name': cloud['APPLICATION_NAME'] ?? '',
  'deployment-group-name': cloud['DEPLOYMENT_GROUP_NAME'] ?? '',
  's3-bucket': cloud['S3_BUCKET'] ?? ''
})

/** Runs `node dist/index.js` with `INPUT_…` variables, and returns what it wrote. */
export const runAction = async ({ inputs, env = {}, cwd, fast, onLog }: RunOptions): Promise<ActionRun> => {
  const folder = await mkdtemp(join(tmpdir(), 'step-'))
  try {
    const files = {
      GITHUB_OUTPUT: join(folder, 'output'),
      GITHUB_STEP_SUMMARY: join(folder, 'summary.md'),
      GITHUB_ENV: join(folder, 'env'),
      GITHUB_PATH: join(folder, 'path'),
      GITHUB_STATE: join(folder, 'state')
    }
    for (const file of Object.values(files)) await writeFile(file, '')
    const variables: Record<string, string> = Object.fromEntries(
      Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])
    )
    const startedAt = Date.now()
    const child = spawn(process.execPath, [...(fast === undefined ? [] : ['--import', FAST_CLOCK]), DIST], {
      cwd: cwd ?? folder,
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: folder,
        ...(fast === undefined ? {} : { FAST_CLOCK: `${fast.since},${fast.scale}` }),
        ...files,
        ...env,
        ...variables
      },
      stdio: ['ignore', 'pipe', 'pipe']
    })
    const { code, signal, log } = await ended(child, onLog)
    return {
      code,
      signal,
      log,
      outputs: parseOutputs(await readFile(files.GITHUB_OUTPUT, 'utf8')),
      summary: await readFile(files.GITHUB_STEP_SUMMARY, 'utf8'),
      files: await everything(folder),
      tookMs: Date.now() - startedAt
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const everything = async (folder: string): Promise<string> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const texts = entries
    .filter((entry) => entry.isFile())
    .map((entry) => readFile(join(entry.parentPath, entry.name), 'utf8'))
  return (await Promise.all(texts)).join('\n')
}

const ended = (
  child: ChildProcess,
  onLog: RunOptions['onLog']
): Promise<Pick<ActionRun, 'code' | 'signal' | 'log'>> =>
  new Promise((resolve, reject) => {
    let log = ''
    const note = (text: string): void => {
      log += text
      onLog?.(text, child)
    }
    child.stdout?.setEncoding('utf8').on('data', note)
    child.stderr?.setEncoding('utf8').on('data', note)
    child.once('error', reject)
    child.once('close', (code, signal) => resolve({ code, signal, log }))
  })

/** Reads the runner's file format: `name<<delimiter`, the value's lines, `delimiter`. */
export const parseOutputs = (text: string): Record<string, string> =>
  Object.fromEntries(
    [...text.matchAll(/^([^\n<]+)<<(\S+)\n([\s\S]*?)\n?\2$/gm)].map((match) => [
      match[1] ?? '',
      match[3] ?? ''
    ])
  )
