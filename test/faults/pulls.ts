import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseMarker } from '../../src/domain/comment-marker.js'
import type { Deployment } from '../cloud/codedeploy/model.js'
import type { Deployment as Shown } from '../cloud/github/repository.js'
import { filesOf } from '../cloud/github/repository.js'
import { policyOf } from '../cloud/identity/documents.js'
import { PLACE } from '../cloud/parts.js'
import { commitOf } from '../scenarios/app.js'
import { previewInputs } from '../scenarios/preview-parts.js'
import { recordPush, seedPreviewGroup } from '../scenarios/pulls.js'
import { type Interruption, runOnce } from './interrupted.js'
import { openPlace, type Place } from './place.js'
import { run, type RunPlan, type Told } from './world.js'

const APPSPEC = 'version: 0.0\nos: linux\nfiles:\n  - source: VERSION\n    destination: /srv/app\n'

export type PullAction = 'opened' | 'synchronize' | 'reopened' | 'closed'

export interface PullRun extends Partial<Pick<RunPlan, 'timeouts' | 'onLine'>> {
  action?: PullAction
  /** GITHUB_RUN_ID; runs are numbered as they start. */
  id?: number
  attempt?: number
  interrupted?: Interruption | undefined
}

/** A pull request, as people and GitHub change it. */
export interface Pull {
  number: number
  head(): string
  /** A commit on the branch, with the test merge that GitHub makes of it; `broken` ones have an AppSpec that the agent refuses. */
  push(options?: { broken?: boolean }): Promise<void>
  /** The run of an event; undefined for one that was killed. */
  on(run?: PullRun): Promise<Told | undefined>
  /** The visible text of its comments. */
  comments(): string[]
  /** The commit that each of them is about, as its marker says. */
  commentedHeads(): string[]
  /** What GitHub shows about its previews, oldest first. */
  shown(): Shown[]
  /** Of these, what is called running: each commit whose last status is `success`. */
  calledServing(): string[]
  /** CodeDeploy's deployments of one of its commits. */
  deploymentsOf(commit: string): Deployment[]
}

/** Production with one version live, a group for previews, and pull requests that take turns in it. */
export interface PullPlace {
  place: Place
  open(number: number): Pull
  /** The commit that the preview group runs, according to its load balancer and its deployments. */
  serving(): string
  /** What a preview may never change: production's deployments, and the keys below its prefix. */
  production(): string
  nextRun(): number
  /** The daily clean-up. */
  cleanUp(plan?: Partial<RunPlan>): Promise<Told>
  close(): Promise<void>
}

const isPreview = (group: string): boolean => group === PLACE.previewGroup || /^pr-\d/.test(group)

/** A clean-up needs nothing on AWS where pull requests take turns. */
const NO_PLACE = Object.fromEntries(
  ['aws-region', 'role-to-assume', 'application-name', 'deployment-group-name', 's3-bucket'].map((name) => [
    name,
    ''
  ])
)

/** How previews run: in turns in one group, or each in an environment of its own. */
interface Manner {
  /** Of the role for pull requests, beside preview-policy.json. */
  policy: string
  inputs(env: Record<string, string>): Record<string, string>
  /** Of the cleanup. */
  cleanUp(env: Record<string, string>): Record<string, string>
}

const IN_TURNS: Manner = {
  policy: 'optional-running-preview.json',
  inputs: () => ({
    'preview-deployment-group-name': PLACE.previewGroup,
    'preview-url': 'https://preview.example.com'
  }),
  cleanUp: () => NO_PLACE
}

const APART: Manner = {
  policy: 'optional-preview-environments.json',
  inputs: (env) => previewInputs({ env }),
  cleanUp: (env) => ({
    ...{ 'deployment-group-name': '', 's3-bucket': '' },
    'preview-listener-arn': env['PREVIEW_LISTENER_ARN'] ?? ''
  })
}

/** Opens a place with one version live and no preview; `apart` gives each pull request an environment of its own. */
export const openPulls = async ({ apart = false } = {}): Promise<PullPlace> => {
  const manner = apart ? APART : IN_TURNS
  const place = await openPlace({ previews: apart })
  const { cloud, clock } = place
  const { repository, planes } = cloud
  const scratch = await mkdtemp(join(tmpdir(), 'pulls-'))
  if (!apart) await seedPreviewGroup(place)
  const pullRole = policyOf(PLACE, 'preview-policy.json', manner.policy)
  cloud.role.policy = pullRole
  const base = commitOf('base')
  const live = repository.commits.at(-1)?.sha ?? ''
  // The branches were made on an older commit than the one that is live, so that plans read trees.
  repository.commits.unshift({
    ...{ sha: base, message: 'Begin', author: 'kim', date: '2025-12-31T00:00:00Z', parents: [] },
    files: filesOf({ 'server.js': 'base' })
  })
  repository.branches.set('main', live)
  let runs = 0
  const previews = (): Deployment[] =>
    planes.inspect.deployments().filter(({ group }) => isPreview(group.name))
  return {
    place,
    nextRun: () => ++runs,
    cleanUp: async (plan = {}) => {
      if (apart) cloud.role.policy = policyOf(PLACE, 'preview-cleanup-policy.json')
      try {
        return await run({
          ...{ cloud, clock, ...plan },
          inputs: { command: 'cleanup', what: 'previews', 'dry-run': 'false', ...manner.cleanUp(cloud.env) },
          env: { GITHUB_RUN_ID: String(50_000 + ++runs), GITHUB_EVENT_NAME: 'schedule' }
        })
      } finally {
        cloud.role.policy = pullRole
      }
    },
    open: (number) => {
      let [head, merge, pushes] = ['', '', 0]
      const workspace = join(scratch, String(number))
      const known = () => repository.pulls.find((one) => one.number === number)
      const shown = (): Shown[] =>
        repository.deployments.filter(({ task }) => task === `preview:pr-${number}`)
      return {
        number,
        head: () => head,
        push: async ({ broken = false } = {}) => {
          const parent = head === '' ? base : head
          const name = `${number} push ${++pushes}`
          head = commitOf(name)
          merge = commitOf(`${name} merged`)
          recordPush(repository, {
            ...{ number, head, merge, message: name, base, parent, date: '2026-01-02T00:00:00Z' },
            files: filesOf({ 'server.js': name })
          })
          await mkdir(join(workspace, '.git'), { recursive: true })
          await writeFile(join(workspace, '.git/HEAD'), `${merge}\n`)
          await writeFile(join(workspace, 'appspec.yml'), broken ? 'version: 0.0\nos: windows\n' : APPSPEC)
          await writeFile(join(workspace, 'VERSION'), `${name}\n`)
        },
        on: async ({ action = 'synchronize', id = ++runs, attempt = 1, interrupted, ...plan } = {}) => {
          const event = join(scratch, `${number}.json`)
          const pull = known()
          if (pull !== undefined) pull.state = action === 'closed' ? 'closed' : 'open'
          await writeFile(
            event,
            JSON.stringify({
              ...{ action, number },
              pull_request: {
                ...{ number, merged: false, base: { ref: 'main' } },
                head: { sha: head, repo: { full_name: 'example-org/example-app' } }
              }
            })
          )
          return runOnce(
            {
              ...{ cloud, clock, ...plan },
              inputs: {
                ...{ command: 'preview', source: workspace, 'poll-seconds': '15', comment: 'true' },
                ...manner.inputs(cloud.env)
              },
              env: {
                ...{ GITHUB_RUN_ID: String(50_000 + id), GITHUB_RUN_ATTEMPT: String(attempt) },
                ...{ GITHUB_EVENT_NAME: 'pull_request', GITHUB_EVENT_PATH: event, GITHUB_SHA: merge },
                ...{ GITHUB_WORKSPACE: workspace, GITHUB_ACTOR: 'octocat' }
              }
            },
            interrupted
          )
        },
        comments: () =>
          repository.comments
            .filter(({ issue }) => issue === number)
            .map(({ body }) => body.split('\n').slice(1).join('\n')),
        commentedHeads: () =>
          repository.comments
            .filter(({ issue }) => issue === number)
            .map(({ body }) => parseMarker(body)?.head ?? ''),
        shown,
        calledServing: () =>
          shown()
            .filter(({ statuses }) => statuses.at(-1)?.state === 'success')
            .map(({ sha }) => sha),
        deploymentsOf: (commit) =>
          previews().filter(
            ({ revision, creator }) => creator === 'user' && JSON.stringify(revision).includes(commit)
          )
      }
    },
    serving: () => {
      const good = previews().filter(({ status }) => status === 'Succeeded')
      const last = good.sort((one, other) => one.createdAt - other.createdAt).at(-1)
      return /[0-9a-f]{40}/.exec(JSON.stringify(last?.revision ?? ''))?.[0] ?? ''
    },
    production: () =>
      JSON.stringify([
        planes.inspect
          .deployments()
          .filter(({ group }) => !isPreview(group.name))
          .map(({ id, status }) => [id, status]),
        [...(cloud.store.buckets.get(PLACE.bucket)?.objects.keys() ?? [])]
          .filter((key) => !key.startsWith('codedeploy-previews/'))
          .sort()
      ]),
    close: async () => {
      await place.close()
      await rm(scratch, { recursive: true, force: true })
    }
  }
}
