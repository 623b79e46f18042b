import { getOctokit } from '@actions/github'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { startCloud, type Cloud } from '../start.js'
import { ACTIONS_BOT, createRepository, filesOf, type Repository } from './repository.js'

let cloud: Cloud
let rest: ReturnType<typeof getOctokit>['rest']
let repository: Repository
const place = { owner: 'example-org', repo: 'example-app' }
const sha = (letter: string): string => letter.repeat(40)

/** `main` is a - b - c; `topic` left it after a, with d and e. */
const fill = (): void => {
  const commit = { author: 'octocat', date: '2026-01-01T00:00:00Z' }
  repository.commits.push(
    {
      ...commit,
      sha: sha('a'),
      message: 'Subject a',
      files: filesOf({ kept: '1', moved: '2', 'dir/old': '3' })
    },
    {
      ...commit,
      sha: sha('b'),
      message: 'Subject b',
      files: filesOf({ kept: '1', moved: '2', 'dir/old': '3', main: '4' })
    },
    { ...commit, sha: sha('c'), message: 'Subject c' },
    {
      ...commit,
      sha: sha('d'),
      message: 'Subject d',
      parents: [sha('a')],
      files: filesOf({ kept: '5', 'dir/moved': '2' })
    },
    { ...commit, sha: sha('e'), message: 'Subject e' }
  )
  repository.branches.set('main', sha('c')).set('topic', sha('e'))
  repository.pulls.push({
    number: 7,
    state: 'open',
    head: sha('e'),
    headRepository: 'example-org/example-app'
  })
}

beforeAll(async () => {
  cloud = await startCloud({ scripted: true, instances: 1, timeScale: 10_000 })
  rest = getOctokit('token', { baseUrl: cloud.env['GITHUB_API_URL'] ?? '' }).rest
})
beforeEach(() => {
  repository = Object.assign(cloud.repository, createRepository())
  fill()
})
afterAll(() => cloud.stop())

const comparison = (base: string, head: string, page: { per_page?: number; page?: number } = {}) =>
  rest.repos.compareCommitsWithBasehead({ ...place, basehead: `${base}...${head}`, ...page })

describe('a commit', () => {
  test('is found by its full or short SHA', async () => {
    const found = await rest.repos.getCommit({ ...place, ref: 'bbbbbbbb' })
    expect(found.data).toMatchObject({ sha: sha('b'), commit: { message: 'Subject b' } })
    await expect(rest.repos.getCommit({ ...place, ref: 'ffffffff' })).rejects.toMatchObject({ status: 422 })
  })

  test('has its files with their folders', async () => {
    const { data } = await rest.git.getTree({ ...place, tree_sha: sha('e'), recursive: '1' })
    expect(data.truncated).toBe(false)
    expect(data.tree.map(({ path, type }) => `${type} ${path}`)).toEqual([
      'tree dir',
      'blob dir/moved',
      'blob kept'
    ])
  })

  test('with more than 100,000 entries has a list that was cut', async () => {
    const many = Object.fromEntries(Array.from({ length: 100_001 }, (_, at) => [`f${at}`, '']))
    repository.commits.push({ sha: sha('f'), message: '', author: '', date: '', files: filesOf(many) })
    const { data } = await rest.git.getTree({ ...place, tree_sha: sha('f'), recursive: '1' })
    expect(data.truncated).toBe(true)
    expect(data.tree.length).toBeLessThanOrEqual(100_000)
  })
})

describe('a comparison', () => {
  test('lists the commits in between, oldest first', async () => {
    const { data } = await comparison(sha('a'), sha('c'))
    expect(data).toMatchObject({ status: 'ahead', ahead_by: 2, behind_by: 0, total_commits: 2 })
    expect(data.commits.map((commit) => commit.sha)).toEqual([sha('b'), sha('c')])
  })

  test('of two branches is made against their merge base', async () => {
    const { data } = await comparison(sha('c'), sha('e'))
    expect(data).toMatchObject({
      status: 'diverged',
      ahead_by: 2,
      behind_by: 2,
      merge_base_commit: { sha: sha('a') }
    })
    expect(data.files?.map(({ filename, status }) => `${status} ${filename}`)).toEqual([
      'renamed dir/moved',
      'removed dir/old',
      'modified kept'
    ])
  })

  test('to an older commit shows what is lost only by its number of commits', async () => {
    const { data } = await comparison(sha('c'), sha('a'))
    expect(data).toMatchObject({ status: 'behind', ahead_by: 0, behind_by: 2, commits: [], files: [] })
  })

  test('with an unknown commit is not found', async () => {
    await expect(comparison(sha('a'), sha('9'))).rejects.toMatchObject({ status: 404 })
  })

  test('shows at most 250 commits, the newest, and 300 files; with pages, the files come with the first', async () => {
    const line = Array.from({ length: 260 }, (_, at) => (at + 1).toString(16).padStart(40, '0'))
    const files = filesOf(Object.fromEntries(Array.from({ length: 301 }, (_, at) => [`f${at}`, `${at}`])))
    const commit = { message: '', author: '', date: '' }
    repository.commits.push({ ...commit, sha: sha('f'), parents: [], files: filesOf({}) })
    repository.commits.push(...line.map((one) => ({ ...commit, sha: one, files })))
    const { data } = await comparison(sha('f'), line.at(-1) ?? '')
    expect([data.ahead_by, data.commits.length, data.files?.length]).toEqual([260, 250, 300])
    expect([data.commits[0]?.sha, data.commits.at(-1)?.sha]).toEqual([line[10], line[259]])
    const third = await comparison(sha('f'), line.at(-1) ?? '', { per_page: 100, page: 3 })
    expect([third.data.commits.length, third.data.commits.at(-1)?.sha, third.data.files]).toEqual([
      60,
      line[259],
      undefined
    ])
  })
})

describe('comments', () => {
  const comment = (body: string, issue_number = 7) =>
    rest.issues.createComment({ ...place, issue_number, body })

  test('are listed through all pages, changed and deleted', async () => {
    for (let number = 1; number <= 35; number++) await comment(`comment ${number}`)
    const all = await getOctokit('token', { baseUrl: cloud.env['GITHUB_API_URL'] ?? '' }).paginate(
      'GET /repos/{owner}/{repo}/issues/{issue_number}/comments',
      { ...place, issue_number: 7 }
    )
    expect(all).toHaveLength(35)
    expect(all[0]).toMatchObject({ user: { login: 'github-actions[bot]', id: 41_898_282, type: 'Bot' } })
    await rest.issues.updateComment({ ...place, comment_id: all[34]?.id ?? 0, body: 'changed' })
    await rest.issues.deleteComment({ ...place, comment_id: all[33]?.id ?? 0 })
    expect(repository.comments.slice(-2).map(({ body }) => body)).toEqual(['comment 33', 'changed'])
  })

  test('that are too long are refused as GitHub does', async () => {
    await expect(comment('x'.repeat(65_537))).rejects.toMatchObject({
      status: 422,
      response: {
        data: {
          message: 'Validation Failed',
          errors: [{ resource: 'IssueComment', code: 'unprocessable', field: 'data' }]
        }
      }
    })
    await comment('x'.repeat(65_536))
  })

  test('on an unknown or a deleted pull request are refused', async () => {
    repository.deletedIssues.add(8)
    await expect(comment('text', 9)).rejects.toMatchObject({ status: 404 })
    await expect(comment('text', 8)).rejects.toMatchObject({ status: 410 })
  })
})

test('pull requests are listed by their state', async () => {
  repository.pulls.push({ number: 8, state: 'closed', head: sha('d'), headRepository: null })
  const open = await rest.pulls.list({ ...place })
  const all = await rest.pulls.list({ ...place, state: 'all' })
  expect([open.data, all.data].map((pulls) => pulls.map(({ number }) => number))).toEqual([[7], [8, 7]])
  const closed = await rest.pulls.get({ ...place, pull_number: 8 })
  expect(closed.data.head).toEqual({ sha: sha('d'), repo: null })
})

describe('a deployment', () => {
  const wanted = { ...place, ref: sha('e'), environment: 'preview' }
  const made = async (more: object = {}): Promise<number> => {
    const { data } = await rest.repos.createDeployment({
      ...{ ...wanted, auto_merge: false, required_contexts: [] },
      ...more
    })
    return 'id' in data ? data.id : 0
  }
  const status = (deployment_id: number, state: 'success' | 'inactive', more: object = {}) =>
    rest.repos.createDeploymentStatus({ ...place, deployment_id, state, ...more })
  const states = () => repository.deployments.map(({ statuses }) => statuses.at(-1)?.state)

  test('waits for checks unless it is told not to, and is not made when the branch is behind', async () => {
    await expect(rest.repos.createDeployment({ ...wanted, auto_merge: false })).rejects.toMatchObject({
      status: 409
    })
    const behind = await rest.repos.createDeployment({ ...wanted, ref: 'topic' })
    expect(behind.status).toBe(202)
    expect(repository.deployments).toEqual([])
  })

  test('of an unknown ref is refused, and so is a long description', async () => {
    await expect(made({ ref: 'nowhere' })).rejects.toMatchObject({ status: 422 })
    await expect(made({ description: 'x'.repeat(141) })).rejects.toMatchObject({ status: 422 })
  })

  test('retires the earlier ones of its environment when it succeeds', async () => {
    const [first, second, elsewhere] = [await made(), await made(), await made({ environment: 'other' })]
    for (const id of [first, elsewhere, second]) await status(id, 'success')
    expect(states()).toEqual(['inactive', 'success', 'success'])
  })

  test('retires no transient ones, none of production, and none if it is told not to', async () => {
    const lasting = [
      await made({ transient_environment: true }),
      await made({ production_environment: true })
    ]
    for (const id of lasting) await status(id, 'success')
    await status(await made(), 'success')
    await status(await made(), 'success', { auto_inactive: false })
    expect(states()).toEqual(['success', 'success', 'success', 'success'])
  })

  test('is listed by its task and environment, newest first, with its newest status first', async () => {
    const first = await made({ task: 'preview:pr-7' })
    await made({ task: 'preview:pr-8' })
    const third = await made({ task: 'preview:pr-7' })
    const { data } = await rest.repos.listDeployments({
      ...place,
      environment: 'preview',
      task: 'preview:pr-7'
    })
    expect(data.map(({ id }) => id)).toEqual([third, first])
    await status(third, 'success')
    await status(third, 'inactive')
    const statuses = await rest.repos.listDeploymentStatuses({ ...place, deployment_id: third })
    expect(statuses.data.map(({ state }) => state)).toEqual(['inactive', 'success'])
  })

  test('makes its environment, which a workflow cannot delete', async () => {
    await made()
    const { data } = await rest.repos.getAllEnvironments(place)
    expect(data.environments?.map(({ name }) => name)).toEqual(['preview'])
    const deleted = rest.repos.deleteAnEnvironment({ ...place, environment_name: 'preview' })
    await expect(deleted).rejects.toMatchObject({ status: 403 })
  })
})

describe('a token', () => {
  test('must be sent', async () => {
    const answer = await fetch(`${cloud.env['GITHUB_API_URL'] ?? ''}/repos/o/r/commits/${sha('a')}`)
    expect(answer.status).toBe(401)
  })

  test('without the permission is refused, which the answer names', async () => {
    repository.token.permissions['pull-requests'] = 'read'
    await rest.issues.listComments({ ...place, issue_number: 7 })
    await expect(
      rest.issues.createComment({ ...place, issue_number: 7, body: 'text' })
    ).rejects.toMatchObject({
      status: 403,
      response: {
        data: { message: 'Resource not accessible by integration' },
        headers: { 'x-accepted-github-permissions': 'pull_requests=write' }
      }
    })
  })

  test('of an installation shows its account only to GraphQL', async () => {
    const { graphql } = getOctokit('token', { baseUrl: cloud.env['GITHUB_API_URL'] ?? '' })
    await expect(rest.users.getAuthenticated()).rejects.toMatchObject({ status: 403 })
    expect(await graphql('{ viewer { login } }')).toEqual({ viewer: { login: ACTIONS_BOT.login } })
  })
})

test.each([
  [{ status: 429 as const, retryAfter: 3 }, { 'retry-after': '3' }],
  [
    { status: 403 as const, reset: 1_800_000_000 },
    { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1800000000' }
  ]
])('a limit %j refuses as many calls as planned', async (limit, headers) => {
  repository.limits.push({ ...limit, left: 1, operation: 'ListPulls' })
  await rest.pulls.get({ ...place, pull_number: 7 })
  await expect(rest.pulls.list(place)).rejects.toMatchObject({ status: limit.status, response: { headers } })
  await rest.pulls.list(place)
})
