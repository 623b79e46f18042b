import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { steppedClock, type SteppedClock } from '../cloud/clock.js'
import { startCloud, type Cloud, type StartOptions } from '../cloud/start.js'
import { commitOf } from '../scenarios/app.js'
import { run, type RunPlan, type Told } from './world.js'

const APPSPEC = 'version: 0.0\nos: linux\nfiles:\n  - source: VERSION\n    destination: /srv/app\n'

/** Just above the smallest part size, so that such a bundle is sent in two parts. */
const LARGE = 9.2 * 1024 * 1024

/** Just above the largest bundle that S3 copies in one request. */
const HUGE = 64.2 * 1024 * 1024

/** `live` is the newest small tree again; `huge` is the same tree each time. */
type Tree = 'new' | 'live' | 'large' | 'huge'

/** How a run ended and what it deployed. */
export type Deployed = Told & { commit: string; source: string }

/** A cloud whose time stands still between calls, and the runs in it. */
export interface Place {
  cloud: Cloud
  clock: SteppedClock
  /** The number of deployments that users and runs have created. */
  made(): number
  /** Deploys a new tree, in a new run. */
  deploy(plan?: Partial<RunPlan> & { tree?: Tree }): Promise<Deployed>
  rollback(commit: string, plan?: Partial<RunPlan>): Promise<Told>
  run(plan: Partial<RunPlan>): Promise<Told>
  /** Removes the multipart uploads that were left behind with parts, and returns their number. */
  dropUploads(): number
  /** The key of the bundle of the group's last successful deployment. */
  liveKey(): string
  /** Removes all faults and waits until nothing is running. */
  settle(): Promise<void>
  close(): Promise<void>
}

const isActive = ({ status }: { status: string }): boolean =>
  !['Succeeded', 'Failed', 'Stopped'].includes(status)

/** Opens a place where one version is live. */
export const openPlace = async (options: StartOptions = {}): Promise<Place> => {
  const clock = steppedClock(Date.now())
  const cloud = await startCloud({
    ...{ scripted: true, clock, instances: 2, terminationWait: 1, script: { eventSeconds: 2 } },
    ...options
  })
  const scratch = await mkdtemp(join(tmpdir(), 'faults-'))
  const bundles = bundlesIn(scratch)
  let runs = 0
  const started = (plan: Partial<RunPlan>): Promise<Told> =>
    run({
      ...plan,
      ...{ cloud, clock },
      inputs: { 'poll-seconds': '15', ...plan.inputs },
      env: { GITHUB_RUN_ID: String(9_000 + ++runs), GITHUB_ACTOR: 'octocat', ...plan.env }
    })
  const place: Place = {
    ...{ cloud, clock },
    run: started,
    made: () => cloud.planes.inspect.deployments().filter(({ creator }) => creator === 'user').length,
    deploy: async ({ tree = 'new', ...plan } = {}) => {
      const { commit, source } = await bundles.next(tree)
      cloud.repository.commits.push({
        sha: commit,
        message: `Change ${commit.slice(0, 4)}`,
        author: 'octocat',
        date: '2026-01-01T00:00:00Z'
      })
      const inputs = { command: 'deploy', source, commit, ...plan.inputs }
      return { ...(await started({ ...plan, inputs })), commit, source }
    },
    rollback: (commit, plan = {}) =>
      started({ ...plan, inputs: { command: 'rollback', commit, ...plan.inputs } }),
    dropUploads: () => {
      const buckets = [...cloud.store.buckets.values()]
      const left = buckets.flatMap(({ uploads }) =>
        [...uploads.values()].filter(({ parts }) => parts.size > 0)
      )
      for (const { uploads } of buckets) uploads.clear()
      return left.length
    },
    liveKey: () => {
      const good = cloud.planes.inspect.deployments().filter(({ status }) => status === 'Succeeded')
      return JSON.stringify(good.sort((one, other) => one.createdAt - other.createdAt).at(-1)?.revision ?? '')
    },
    settle: async () => {
      cloud.faults.clear()
      while (cloud.planes.inspect.deployments().some(isActive)) await clock.advance(600_000)
    },
    close: async () => {
      await cloud.stop()
      await rm(scratch, { recursive: true, force: true })
    }
  }
  await place.deploy()
  await place.settle()
  return place
}

/** Bundles by number: each has a new commit, and a new tree unless the caller wants the same again. */
const bundlesIn = (scratch: string) => {
  let count = 0
  let live = ''
  let huge: string | undefined
  const folderOf = async (name: string, noise = 0): Promise<string> => {
    const folder = join(scratch, name)
    await mkdir(folder)
    await writeFile(join(folder, 'appspec.yml'), APPSPEC)
    await writeFile(join(folder, 'VERSION'), `${name}\n`)
    if (noise > 0) await writeFile(join(folder, 'noise'), randomBytes(noise))
    return folder
  }
  const tarOf = async (name: string, noise: number): Promise<string> => {
    const [folder, file] = [await folderOf(name, noise), join(scratch, `${name}.tar`)]
    execFileSync('tar', ['--create', '--file', file, '--directory', folder, '.'])
    await rm(folder, { recursive: true })
    return file
  }
  const sources: Record<Tree, (name: string) => Promise<string>> = {
    new: async (name) => (live = await folderOf(name)),
    live: () => Promise.resolve(live),
    large: () => tarOf('large', LARGE),
    huge: async () => (huge ??= await tarOf('huge', HUGE))
  }
  return {
    next: async (tree: Tree): Promise<{ commit: string; source: string }> => {
      const commit = commitOf(`fault ${++count}`)
      return { commit, source: await sources[tree](String(count)) }
    }
  }
}
