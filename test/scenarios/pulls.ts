import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ActionRun } from '../action/run.js'
import { filesOf, type Files, type Repository } from '../cloud/github/repository.js'
import { PLACE } from '../cloud/parts.js'
import { BARE, commitOf, writeApp } from './app.js'
import type { Settings, Stage } from './stage.js'

export interface PullSettings extends Settings {
  /** Where its branch is; the repository itself by default. */
  headRepository?: string
  /** Names that people chose: the branch that it is to be merged into (`main` by default), its own branch, its title. */
  names?: { baseRef?: string; headRef?: string; title?: string }
}

type PullAction = 'opened' | 'synchronize' | 'reopened' | 'closed' | 'labeled' | 'unlabeled'

/** One pull request of a stage's repository, and the runs that its events start. */
export interface PullStage {
  number: number
  /** What its newest commit is, after `push`. */
  head(): string
  /** A commit on the branch, and the test merge that GitHub makes of it. */
  push(version: string, changes?: Record<string, string>, message?: string): Promise<void>
  /** The run of an event. */
  on(action: PullAction, settings?: PullSettings): Promise<ActionRun>
  /** What is written on the pull request, without the marker that nobody sees. */
  comments(): string[]
  /** The newest status of each of its deployments, oldest first. */
  statuses(): string[]
}

/** Makes the repository know a commit that is live. */
export const knownCommit = (stage: Stage, version: string): string => {
  const { repository } = stage.cloud
  const sha = commitOf(version)
  repository.commits.push({
    sha,
    message: version,
    author: 'kim',
    date: '2026-11-20T10:00:00Z',
    files: filesOf({ 'server.js': version })
  })
  repository.branches.set('main', sha)
  return sha
}

/** The group that is kept for previews, in the application of the stage. */
export const seedPreviewGroup = ({ cloud }: Pick<Stage, 'cloud'>): Promise<{ serviceUrl: string }> =>
  cloud.planes.seed({
    applicationName: PLACE.application,
    deploymentGroupName: PLACE.previewGroup,
    autoScalingGroupName: 'previews',
    targetGroupName: 'previews',
    instances: 1,
    terminationWaitMinutes: 0
  })

/** What a push to a pull request's branch adds. */
interface Push {
  number: number
  head: string
  /** The test merge. */
  merge: string
  message: string
  /** The commits that the test merge and the head are made on. */
  base: string
  parent: string
  date: string
  files: Files
}

/** Makes the repository know a push: the commit, the test merge that GitHub makes of it, and the head of the pull request. */
export const recordPush = (
  { commits, pulls }: Repository,
  { number, head, merge, message, base, parent, date, files }: Push
): void => {
  const commit = { author: 'lee', date, files }
  commits.push(
    { ...commit, sha: head, message, parents: [parent] },
    { ...commit, sha: merge, message: `Merge ${head} into main`, parents: [base, head] }
  )
  const known = pulls.find((one) => one.number === number)
  if (known === undefined)
    pulls.push({ number, state: 'open', head, headRepository: 'example-org/example-app' })
  else known.head = head
}

/** With the bundle of a scripted cloud, whose servers run nothing. */
export const openPull = (stage: Stage, number: number, { bare = false } = {}): PullStage => {
  const { repository } = stage.cloud
  const workspace = join(stage.scratch, `pull-${number}`)
  let head = ''
  let merge = ''
  const pull = () => repository.pulls.find((one) => one.number === number)
  return {
    number,
    head: () => head,
    push: async (version, changes = {}, message = version) => {
      const base = repository.branches.get('main') ?? ''
      const parent = head === '' ? base : head
      head = commitOf(`${number} ${version}`)
      merge = commitOf(`${number} ${version} merged`)
      recordPush(repository, {
        ...{ number, head, merge, message, base, parent, date: '2026-11-21T10:00:00Z' },
        files: filesOf({ 'server.js': version, ...changes })
      })
      await writeApp(workspace, version, { ...(bare ? BARE : {}), ...changes })
      await mkdir(join(workspace, '.git'), { recursive: true })
      await writeFile(join(workspace, '.git/HEAD'), `${merge}\n`)
    },
    on: async (action, settings = {}) => {
      const { inputs = {}, env = {}, onLog, headRepository = 'example-org/example-app', names } = settings
      const event = join(stage.scratch, `pull-${number}.json`)
      const known = pull()
      if (known !== undefined) known.state = action === 'closed' ? 'closed' : 'open'
      await writeFile(
        event,
        JSON.stringify({
          action,
          number,
          pull_request: {
            number,
            merged: false,
            labels: (known?.labels ?? []).map((name) => ({ name })),
            title: names?.title ?? 'A change',
            head: { sha: head, ref: names?.headRef ?? 'change', repo: { full_name: headRepository } },
            base: { ref: names?.baseRef ?? 'main' }
          }
        })
      )
      return stage.run({
        inputs: { command: 'preview', 'github-token': 'ghs_token', ...inputs },
        env: {
          GITHUB_EVENT_NAME: 'pull_request',
          GITHUB_EVENT_PATH: event,
          GITHUB_SHA: merge,
          GITHUB_WORKSPACE: workspace,
          GITHUB_SERVER_URL: 'https://github.com',
          ...env
        },
        ...(onLog === undefined ? {} : { onLog })
      })
    },
    comments: () =>
      repository.comments
        .filter(({ issue }) => issue === number)
        .map(({ body }) => body.split('\n').slice(1).join('\n')),
    statuses: () =>
      repository.deployments
        .filter(({ task }) => task === `preview:pr-${number}`)
        .map(({ statuses }) => statuses.at(-1)?.state ?? 'none')
  }
}
