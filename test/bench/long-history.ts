import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { jobEnvironment, placeInputs, runAction, type ActionRun } from '../action/run.js'
import { longPast } from '../cloud/codedeploy/long-past.js'
import { startCloud, type Cloud } from '../cloud/start.js'
import { median } from './measure.js'

/** The list of the newest 20 of 5,000 deployments, each answer of AWS after 30 ms. */
export interface LongHistory {
  /** How the deployments are spread. */
  past: string
  /** From the start of the process to its end: the median. */
  seconds: number
  /** Calls to CodeDeploy, and to all services. */
  calls: { codedeploy: number; all: number }
}

const PASTS = {
  '20 days': { count: 5000, days: 20 },
  '200 days ago': { count: 5000, days: 800, newestDays: 200 }
}

const APP = join(import.meta.dirname, '../../examples/app')

/** One deployment whose past is made up, then `command: history`. */
export const longHistory = async (rounds: number): Promise<LongHistory[]> => {
  const all: LongHistory[] = []
  for (const [past, spread] of Object.entries(PASTS)) {
    const scratch = await mkdtemp(join(tmpdir(), 'long-history-'))
    const cloud = await startCloud({ scripted: true, timeScale: 500, terminationWait: 0, latencyMs: 30 })
    try {
      await cp(APP, scratch, { recursive: true })
      await step({ source: scratch, commit: '1a7c90de5b64f0a83c2d19e7b5f4a60d8e3c1b27' }, cloud)
      const { inspect } = cloud.planes
      const [last] = inspect.deployments()
      if (last !== undefined) inspect.remember(longPast(last, spread))
      const times: number[] = []
      let first = 0
      for (let round = 0; round < rounds; round++) {
        first = cloud.requests.length
        const run = await step({ command: 'history', 's3-bucket': '', 'poll-seconds': '' }, cloud)
        times.push(run.tookMs / 1000)
      }
      const calls = cloud.requests.slice(first)
      const codedeploy = calls.filter(({ service }) => service === 'codedeploy').length
      all.push({ past, seconds: median(times), calls: { codedeploy, all: calls.length } })
    } finally {
      await cloud.stop()
      await rm(scratch, { recursive: true, force: true })
    }
  }
  return all
}

const step = async (inputs: Record<string, string>, cloud: Cloud): Promise<ActionRun> => {
  const run = await runAction({
    inputs: { ...placeInputs(cloud.env), 'poll-seconds': '0.2', ...inputs },
    env: { ...jobEnvironment(cloud.env), GITHUB_RUN_ID: '8000000000', GITHUB_RUN_ATTEMPT: '1' }
  })
  if (run.code !== 0) throw new Error(`The step ended with exit code ${run.code ?? 'none'}:\n${run.log}`)
  return run
}
