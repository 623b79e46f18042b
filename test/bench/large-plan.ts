import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ActionRun } from '../action/run.js'
import { filesOf } from '../cloud/github/repository.js'
import { BARE, commitOf } from '../scenarios/app.js'
import { knownCommit, openPull } from '../scenarios/pulls.js'
import { openScriptedStage } from '../scenarios/stage.js'
import { median } from './measure.js'

/** The plan of a pull request with many files and commits, each answer of AWS and GitHub after 30 ms. */
export interface LargePlan {
  files: number
  changed: number
  commits: number
  /** From the start of the process to its end, the medians: the whole plan, and the check of the bundle alone. */
  seconds: { plan: number; check: number }
  /** Requests to AWS and GitHub. */
  calls: number
}

const PER_FOLDER = 250
const WRITERS = 64

/** `share` makes the bundle, the change and the branch smaller. */
export const largePlan = async (rounds: number, share: number): Promise<LargePlan> => {
  const [files, changed, commits] = [65_000, 3_000, 250].map((count) => Math.ceil(count * share)) as [
    number,
    number,
    number
  ]
  const stage = await openScriptedStage({ terminationWait: 0, latencyMs: 30 })
  try {
    knownCommit(stage, 'v1')
    const pull = openPull(stage, 12, { bare: true })
    await pull.push('v2')
    await grow(join(stage.scratch, 'v1'), files, () => 'before')
    await grow(join(stage.scratch, 'pull-12'), files, (at) => (at < changed ? 'after' : 'before'))
    good(await stage.deploy('v1', { changes: BARE, inputs: { 'compression-level': '0' } }))
    const { repository } = stage.cloud
    const head = repository.commits.find(({ sha }) => sha === pull.head())
    const between = Array.from({ length: commits }, (_, at) => commitOf(`between ${at}`))
    const tree = Object.fromEntries(Array.from({ length: changed }, (_, at) => [pathOf(at), 'after']))
    repository.commits.splice(
      1,
      0,
      ...between.map((sha, at) => ({
        ...{
          sha,
          message: `Change ${at}`,
          author: 'lee',
          date: '2026-11-21T10:00:00Z',
          files: filesOf(tree)
        },
        parents: [between[at - 1] ?? commitOf('v1')]
      }))
    )
    if (head !== undefined) Object.assign(head, { parents: between.slice(-1), files: filesOf(tree) })
    const times = { plan: [] as number[], check: [] as number[] }
    let calls = 0
    for (let round = 0; round < rounds; round++) {
      const before = stage.cloud.requests.length
      times.plan.push(good(await pull.on(round === 0 ? 'opened' : 'synchronize')).tookMs / 1000)
      calls = stage.cloud.requests.length - before
      const source = { command: 'preview', source: join(stage.scratch, 'pull-12') }
      times.check.push(good(await stage.run({ inputs: { ...NOWHERE, ...source } })).tookMs / 1000)
    }
    return {
      ...{ files, changed, commits, calls },
      seconds: { plan: median(times.plan), check: median(times.check) }
    }
  } finally {
    await stage.close()
  }
}

/** Without these, nothing but the bundle is looked at. */
const NOWHERE = {
  ...{ 'aws-region': '', 'role-to-assume': '', 'application-name': '', 'deployment-group-name': '' },
  ...{ 's3-bucket': '', 'poll-seconds': '' }
}

const pathOf = (at: number): string => `lib/${Math.floor(at / PER_FOLDER)}/file-${at}.js`

const grow = async (folder: string, count: number, textOf: (at: number) => string): Promise<void> => {
  const left = Array.from({ length: count }, (_, at) => at)
  await Promise.all(
    Array.from({ length: Math.ceil(count / PER_FOLDER) }, (_, at) =>
      mkdir(join(folder, `lib/${at}`), { recursive: true })
    )
  )
  await Promise.all(
    Array.from({ length: WRITERS }, async () => {
      for (let at = left.pop(); at !== undefined; at = left.pop())
        await writeFile(join(folder, pathOf(at)), `// ${textOf(at)} ${at}\n`)
    })
  )
}

const good = (run: ActionRun): ActionRun => {
  if (run.code !== 0) throw new Error(`The step ended with exit code ${run.code ?? 'none'}:\n${run.log}`)
  return run
}
