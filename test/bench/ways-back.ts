import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { jobEnvironment, placeInputs, runAction, type ActionRun } from '../action/run.js'
import { startCloud, type Cloud } from '../cloud/start.js'
import { median } from './measure.js'

/** Median seconds from the start of a rollback's process to its end, when all traffic is on the target. */
export interface WaysBack {
  /** Traffic goes back to the old fleet, which is still running. */
  fast: number
  /** The stored bundle is deployed to a new fleet. Local machines boot in a second; real ones take minutes. */
  redeploy: number
}

const APP = join(import.meta.dirname, '../../examples/app')
const COMMITS = [
  '1a7c90de5b64f0a83c2d19e7b5f4a60d8e3c1b27',
  '2f08b3ac91d7e6045fa8c1b29e6d30574ac8e1f9'
] as const

/** Deploys two versions, then rolls back to the first while its fleet is running, and to the second, whose fleet is gone. */
export const waysBack = async (rounds: number): Promise<WaysBack> => {
  const times = { fast: [] as number[], redeploy: [] as number[] }
  for (let round = 0; round < rounds; round++) {
    const scratch = await mkdtemp(join(tmpdir(), 'ways-back-'))
    const cloud = await startCloud({ terminationWait: 5 })
    try {
      for (const commit of COMMITS) await deploy(commit, cloud, scratch)
      times.fast.push(await rollback(COMMITS[0], 'fast', cloud))
      times.redeploy.push(await rollback(COMMITS[1], 'redeploy', cloud))
    } finally {
      await cloud.stop()
      await rm(scratch, { recursive: true, force: true })
    }
  }
  return { fast: median(times.fast), redeploy: median(times.redeploy) }
}

const deploy = async (commit: string, cloud: Cloud, scratch: string): Promise<void> => {
  const source = join(scratch, commit)
  await cp(APP, source, { recursive: true })
  await writeFile(join(source, 'VERSION'), `${commit}\n`)
  await step({ source, commit }, cloud)
}

const rollback = async (commit: string, way: keyof WaysBack, cloud: Cloud): Promise<number> => {
  const run = await step({ command: 'rollback', commit }, cloud)
  if (run.outputs['rollback-way'] !== way)
    throw new Error(
      `The rollback was ${run.outputs['rollback-way'] ?? 'none'} instead of ${way}:\n${run.log}`
    )
  return run.tookMs / 1000
}

let runs = 0

const step = async (inputs: Record<string, string>, cloud: Cloud): Promise<ActionRun> => {
  const run = await runAction({
    inputs: { ...placeInputs(cloud.env), 'poll-seconds': '0.5', ...inputs },
    env: {
      ...jobEnvironment(cloud.env),
      GITHUB_RUN_ID: String(8_000_000_000 + ++runs),
      GITHUB_RUN_ATTEMPT: '1'
    }
  })
  if (run.code !== 0) throw new Error(`The step ended with exit code ${run.code ?? 'none'}:\n${run.log}`)
  return run
}
