import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { longPast } from '../cloud/codedeploy/long-past.js'
import { filesOf } from '../cloud/github/repository.js'
import { policyOf } from '../cloud/identity/documents.js'
import { PLACE } from '../cloud/parts.js'
import { commitOf } from './app.js'
import { knownCommit, openPull, type PullStage } from './pulls.js'
import { openScriptedStage, readable, type Stage } from './stage.js'

let stage: Stage
let pull: PullStage
beforeEach(async () => {
  stage = await openScriptedStage({ terminationWait: 0 })
  knownCommit(stage, 'v1')
  expect((await stage.deploy('v1', { inputs: { 'wait-for': 'complete' } })).code).toBe(0)
  stage.cloud.role.policy = policyOf(PLACE, 'preview-policy.json')
  pull = openPull(stage, 12, { bare: true })
  await pull.push('v2')
})
afterEach(() => stage.close())

/** Gives the group this many deployments before the one that is live. */
const remember = (count: number): void => {
  const { inspect } = stage.cloud.planes
  const [last] = inspect.deployments()
  if (last === undefined) throw new Error('nothing was deployed')
  inspect.remember(longPast(last, { count: count + 1, days: 40 }))
}

/** Commits on the branch between what is live and the head. */
const grow = (count: number): void => {
  const { repository } = stage.cloud
  const head = repository.commits.find(({ sha }) => sha === pull.head())
  if (head === undefined) throw new Error('nothing was pushed')
  const all = Array.from({ length: count }, (_, at) => commitOf(`grown ${at}`))
  const author = { author: 'lee', date: '2026-11-21T10:00:00Z' }
  repository.commits.splice(
    repository.commits.indexOf(head),
    0,
    ...all.map((sha, at) => ({
      ...{ sha, message: `Change ${at}`, ...author },
      parents: [all[at - 1] ?? commitOf('v1')]
    }))
  )
  head.parents = all.slice(-1)
}

const changeFiles = (count: number): void => {
  const { repository } = stage.cloud
  const files = filesOf(
    Object.fromEntries(Array.from({ length: count }, (_, at) => [`src/${at % 40}/${at}.js`, String(at)]))
  )
  for (const commit of repository.commits.slice(1)) commit.files = files
}

/** How often the plan calls each operation of each service. */
const callsOfPlan = async (): Promise<Record<string, Record<string, number>>> => {
  const before = stage.cloud.requests.length
  const run = await pull.on('opened')
  expect(run.code === 0 ? '' : readable(run)).toBe('')
  expect(run.summary).not.toContain('Not known')
  const counts: Record<string, Record<string, number>> = {}
  for (const { service, operation } of stage.cloud.requests.slice(before)) {
    const own = (counts[service] ??= {})
    own[operation] = (own[operation] ?? 0) + 1
  }
  return counts
}

const sum = (counts: Record<string, number> | undefined): number =>
  Object.values(counts ?? {}).reduce((total, count) => total + count, 0)

/** Whose token it is, the comments before and after creating one, and the comment. */
const GITHUB = { CompareCommits: 1, GraphQL: 1, ListComments: 2, CreateComment: 1 }
/** The record, and the manifest of what is live. */
const S3 = { GetObject: 2 }
const CODEDEPLOY = {
  ...{ GetDeploymentGroup: 1, ListDeployments: 4, BatchGetDeployments: 2 },
  ...{ ListDeploymentTargets: 1, BatchGetDeploymentTargets: 1 }
}
/** How long a deploy takes is judged by the newest ten deployments at most. */
const TARGETS_OF_TEN = { ListDeploymentTargets: 10, BatchGetDeploymentTargets: 10 }

test('a plan makes 9 requests to CodeDeploy, 2 to S3 and 5 to GitHub', async () => {
  const { codedeploy, s3, github } = await callsOfPlan()
  expect({ codedeploy, s3, github }).toEqual({ codedeploy: CODEDEPLOY, s3: S3, github: GITHUB })
  expect([sum(codedeploy), sum(s3), sum(github)]).toEqual([9, 2, 5])
})

test('a plan that updates its comment makes one request less', async () => {
  await callsOfPlan()
  const { github } = await callsOfPlan()
  expect(github).toEqual({ CompareCommits: 1, GraphQL: 1, ListComments: 1, UpdateComment: 1 })
})

test.each([
  [20, 27],
  [2_000, 32]
])('%i earlier deployments: at most %i requests to CodeDeploy', async (count, most) => {
  remember(count)
  const { codedeploy, s3, github } = await callsOfPlan()
  expect(codedeploy).toMatchObject(TARGETS_OF_TEN)
  expect(sum(codedeploy)).toBeLessThanOrEqual(most)
  expect({ s3, github }).toEqual({ s3: S3, github: GITHUB })
})

test('250 commits: none more', async () => {
  grow(250)
  const { codedeploy, s3, github } = await callsOfPlan()
  expect({ codedeploy, s3, github }).toEqual({ codedeploy: CODEDEPLOY, s3: S3, github: GITHUB })
  expect(pull.comments()[0]).toContain('#### 251 commits since')
})

test('3,000 changed files: the trees of both commits more', async () => {
  changeFiles(3_000)
  const { codedeploy, s3, github } = await callsOfPlan()
  expect({ codedeploy, s3 }).toEqual({ codedeploy: CODEDEPLOY, s3: S3 })
  expect(github).toEqual({ ...GITHUB, GetTree: 2 })
  expect(pull.comments()[0]).toContain('3001 files of the repository in 41 folders')
})
