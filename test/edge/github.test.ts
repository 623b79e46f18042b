import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { connectFetch } from '../../src/edge/aws.js'
import type { Fetch } from '../../src/edge/fetch.js'
import { commitSubject, connectGitHub, runCreatedAt } from '../../src/edge/github.js'
import type { GitHub } from '../../src/github-port.js'
import { stickyComment } from '../../src/steps/sticky-comment.js'
import { endPreview, openPreview, setPreview } from '../../src/steps/preview-status.js'
import { createRepository, filesOf, OCTOCAT, type Repository } from '../cloud/github/repository.js'
import { startCloud, type Cloud } from '../cloud/start.js'
import { noSignal, virtualClock, type VirtualClock } from '../fakes/clock.js'

let cloud: Cloud
let repository: Repository
let clock: VirtualClock
let told: string[]
let github: GitHub

const sha = (letter: string): string => letter.repeat(40)
const DATED = { author: 'octocat', date: '2026-01-01T00:00:00Z' }

beforeAll(async () => {
  cloud = await startCloud({ scripted: true, instances: 1, timeScale: 10_000 })
})
afterAll(() => cloud.stop())

const place = (signal = noSignal(), fetch: Fetch = connectFetch({})) => ({
  ...{
    repository: 'example-org/example-app',
    apiUrl: cloud.env['GITHUB_API_URL'] ?? '',
    token: 'ghs_1_e.y.J'
  },
  ...{ fetch, signal, clock, tell: (sentence: string) => void told.push(sentence) }
})

beforeEach(() => {
  repository = Object.assign(cloud.repository, createRepository())
  repository.commits.push({
    ...DATED,
    sha: sha('a'),
    message: 'First\n\nwith a body',
    files: filesOf({ one: '1' })
  })
  repository.branches.set('main', sha('a'))
  repository.pulls.push({
    number: 12,
    state: 'open',
    head: sha('a'),
    headRepository: 'example-org/example-app'
  })
  cloud.faults.clear()
  cloud.requests.length = 0
  clock = virtualClock()
  told = []
  github = connectGitHub(place())
})

const operations = (): string[] => cloud.requests.map(({ operation }) => operation)

describe('a run reads', () => {
  test('the subject of a commit, and nothing in case of an error', async () => {
    expect(await commitSubject(sha('a'), place())).toBe('First')
    expect(await commitSubject(sha('9'), place())).toBe('')
  })

  test('when it was created, if it may', async () => {
    repository.runs.set(5, '2026-01-01T00:00:00Z')
    expect(await runCreatedAt('5', place())).toBe(Date.UTC(2026, 0, 1))
    repository.token.permissions = {}
    expect(await runCreatedAt('5', place())).toBeUndefined()
  })
})

describe('comments', () => {
  const foreign = (body: string): void => {
    repository.comments.push({ id: repository.nextId++, issue: 12, body, user: OCTOCAT })
  }

  test('are listed through three pages, with their authors', async () => {
    for (let number = 0; number < 250; number++) foreign(`${number}`)
    await github.createComment(12, 'own')
    const all = await github.comments(12)
    expect(all).toHaveLength(251)
    expect(all.filter(({ isOwn }) => isOwn)).toMatchObject([
      { body: 'own', url: expect.stringContaining('/pull/12') as unknown }
    ])
    expect(operations()).toEqual(['CreateComment', 'GraphQL', ...Array<string>(3).fill('ListComments')])
  })

  test("belong to the token's account alone, whatever other bots there are", async () => {
    const bot = { login: 'preview-app[bot]', id: 1, type: 'Bot' as const }
    repository.comments.push({ id: repository.nextId++, issue: 12, body: 'app', user: bot })
    repository.comments.push({
      id: repository.nextId++,
      issue: 12,
      body: 'user',
      user: { ...bot, login: 'preview-app', type: 'User' }
    })
    await github.createComment(12, 'actions')
    const own = async (): Promise<string[]> =>
      (await connectGitHub(place()).comments(12)).filter(({ isOwn }) => isOwn).map(({ body }) => body)
    expect(await own()).toEqual(['actions'])
    repository.token.user = bot
    expect(await own()).toEqual(['app'])
  })

  test("of a person's token are known even where GraphQL does not answer it", async () => {
    repository.token = { ...repository.token, user: OCTOCAT, kind: 'user' }
    foreign('mine')
    cloud.faults.add('GraphQL:access-denied:forever')
    expect((await github.comments(12)).map(({ isOwn }) => isOwn)).toEqual([true])
  })

  test('are not touched if GitHub does not say whose token this is', async () => {
    cloud.faults.add('GraphQL:access-denied:forever')
    await expect(github.comments(12)).rejects.toMatchObject({ kind: 'denied' })
    expect(operations()).toEqual(['GraphQL', 'GetUser'])
  })

  test.each([
    ['FORBIDDEN', ['/graphql', '/user'], 'unavailable'],
    ['RATE_LIMITED', ['/graphql', '/graphql'], 'limited']
  ])('are not touched if GraphQL answers %s', async (type, paths, kind) => {
    const asked: string[] = []
    const fetch: Fetch = (url) => {
      asked.push(url.slice((cloud.env['GITHUB_API_URL'] ?? '').length))
      return url.endsWith('/graphql')
        ? Promise.resolve(Response.json({ errors: [{ type, message: 'no' }] }))
        : Promise.reject(Object.assign(new Error('revoked'), { code: 'CERT_REVOKED' }))
    }
    await expect(connectGitHub(place(noSignal(), fetch)).comments(12)).rejects.toMatchObject({ kind })
    expect(asked).toEqual(paths)
  })

  test('are updated and deleted; one that is gone is an error only of an update', async () => {
    const { id } = await github.createComment(12, 'text')
    await github.updateComment(id, 'new text')
    expect(repository.comments).toMatchObject([{ body: 'new text' }])
    await github.deleteComment(id)
    await github.deleteComment(id)
    await expect(github.updateComment(id, 'text')).rejects.toMatchObject({ kind: 'gone' })
  })

  test('that GitHub rejects are an error with its reasons', async () => {
    await expect(github.createComment(12, 'x'.repeat(65_537))).rejects.toMatchObject({
      kind: 'refused',
      message:
        'GitHub refused to create a comment on #12: Validation Failed: Body is too long (maximum is 65536 characters) (HTTP 422).'
    })
    repository.deletedIssues.add(12)
    await expect(github.createComment(12, 'text')).rejects.toMatchObject({ kind: 'gone' })
  })

  test('need a permission, which the error names without a second attempt', async () => {
    repository.token.permissions['pull-requests'] = 'read'
    await expect(github.createComment(12, 'text')).rejects.toMatchObject({
      kind: 'denied',
      permission: 'pull-requests: write',
      message: expect.stringContaining(
        'Add `pull-requests: write` to the `permissions:` of the job.'
      ) as unknown
    })
    expect(operations()).toEqual(['CreateComment'])
  })
})

describe('a comparison', () => {
  test('has commits and files since the merge base, a renamed file as two', async () => {
    repository.commits.push(
      { ...DATED, sha: sha('b'), message: 'On main' },
      {
        ...DATED,
        sha: sha('c'),
        message: 'Topic\nbody',
        author: 'hubot',
        parents: [sha('a')],
        files: filesOf({ two: '1', three: '3' })
      }
    )
    expect(await github.compare(sha('b'), sha('c'))).toEqual({
      ...{ status: 'diverged', aheadBy: 1, behindBy: 1, isWhole: true },
      commits: [{ sha: sha('c'), subject: 'Topic', author: 'hubot' }],
      files: [
        { path: 'three', status: 'added' },
        { path: 'one', status: 'removed' },
        { path: 'two', status: 'added' }
      ]
    })
  })

  test('of more than 250 commits and 300 files has the newest ones, and says that files may be missing', async () => {
    const line = Array.from({ length: 260 }, (_, at) => (at + 1).toString(16).padStart(40, '0'))
    const files = filesOf(Object.fromEntries(Array.from({ length: 400 }, (_, at) => [`f${at}`, `${at}`])))
    repository.commits.push(...line.map((one) => ({ ...DATED, sha: one, message: one, files })))
    const found = await github.compare(sha('a'), line.at(-1) ?? '')
    expect(found).toMatchObject({ aheadBy: 260, isWhole: false })
    expect(found?.commits.map((commit) => commit.sha)).toEqual(line.slice(-250))
    expect(operations()).toEqual(['CompareCommits'])
  })

  test('with a commit that GitHub does not know is not there', async () => {
    expect(await github.compare(sha('9'), sha('a'))).toBeUndefined()
  })

  test('that GitHub cannot compute is given up after 20 s', async () => {
    cloud.faults.add('CompareCommits:500-json:forever')
    const start = clock.now()
    await expect(github.compare(sha('a'), sha('a'))).rejects.toMatchObject({ kind: 'unavailable' })
    expect(clock.now() - start).toBeLessThanOrEqual(20_000)
  })
})

describe('a tree', () => {
  test('has the mode and the hash of each file, and no folders', async () => {
    const files = new Map([
      ...filesOf({ 'bin/run': 'x' }, '100755'),
      ['lib', { mode: '160000', sha: sha('d') }]
    ])
    repository.commits.push({ ...DATED, sha: sha('b'), message: '', files })
    expect(await github.tree(sha('b'))).toEqual({
      isWhole: true,
      files: new Map([
        ['bin/run', '100755 c1b0730e0133447badcfd47fd144e254807b06e1'],
        ['lib', `160000 ${sha('d')}`]
      ])
    })
    expect(await github.tree(sha('9'))).toBeUndefined()
  })

  test('that GitHub cut is not whole', async () => {
    const files = filesOf(Object.fromEntries(Array.from({ length: 100_001 }, (_, at) => [`f${at}`, ''])))
    repository.commits.push({ ...DATED, sha: sha('b'), message: '', files })
    expect((await github.tree(sha('b')))?.isWhole).toBe(false)
  })
})

test('open pull requests are listed through all pages; a fork may be gone', async () => {
  for (let number = 100; number < 310; number++)
    repository.pulls.push({
      number,
      state: number % 2 === 0 ? 'open' : 'closed',
      head: sha('b'),
      headRepository: null
    })
  expect(await github.openPulls()).toHaveLength(106)
  expect(await github.pull(101)).toEqual({
    number: 101,
    state: 'closed',
    labels: [],
    head: sha('b'),
    headRepository: undefined
  })
  expect(await github.pull(12)).toMatchObject({ headRepository: 'example-org/example-app' })
  expect(await github.pull(9)).toBeUndefined()
})

describe('deployments', () => {
  const wanted = {
    ref: sha('a'),
    task: 'preview:pr-12',
    environment: 'preview',
    description: 'Preview',
    payload: { pr: 12 }
  }

  test('are created without a merge or a check, transient, and not of production', async () => {
    expect(await github.createDeployment(wanted)).toEqual({
      ...{ id: 1, ref: sha('a'), sha: sha('a'), task: 'preview:pr-12', payload: { pr: 12 } }
    })
    expect(repository.deployments).toMatchObject([
      { transient_environment: true, production_environment: false }
    ])
  })

  test('have a newest status, and retire no others', async () => {
    const [first, second] = [await github.createDeployment(wanted), await github.createDeployment(wanted)]
    repository.deployments.forEach((one) => (one.transient_environment = false))
    expect(await github.deploymentState(first.id)).toBeUndefined()
    const status = {
      state: 'success',
      description: 'Ready',
      logUrl: 'https://log',
      url: 'https://app'
    } as const
    await github.setDeploymentState(first.id, { ...status, state: 'queued' })
    await github.setDeploymentState(first.id, status)
    await github.setDeploymentState(second.id, status)
    expect(await github.deploymentState(first.id)).toBe('success')
    expect(repository.deployments[0]?.statuses.at(-1)).toMatchObject({
      log_url: 'https://log',
      environment_url: 'https://app'
    })
  })

  test('are listed newest first, and no further than wanted', async () => {
    for (let number = 0; number < 120; number++)
      await github.createDeployment({ ...wanted, task: `t${number % 2}` })
    cloud.requests.length = 0
    const environment = 'preview'
    expect((await github.deployments({ environment })).length).toBe(120)
    expect((await github.deployments({ environment, most: 100 })).map(({ id }) => id)).toEqual(
      Array.from({ length: 100 }, (_, at) => 120 - at)
    )
    expect(await github.deployments({ environment, task: 't0' })).toHaveLength(60)
    expect(await github.deployments({ environment: 'other' })).toEqual([])
    expect(operations()).toHaveLength(5)
  })
})

describe('a rate limit', () => {
  test('is waited for as long as GitHub says, and a line tells so', async () => {
    repository.limits.push({ status: 403, retryAfter: 30, left: 1 })
    await github.createComment(12, 'text')
    expect(clock.slept).toEqual([30_000])
    expect(told).toEqual([
      'GitHub limits the calls of this token. Trying again in 30 s to create a comment on #12.'
    ])
    expect(repository.comments).toHaveLength(1)
  })

  test('without a time is waited for a minute', async () => {
    repository.limits.push({ status: 429, left: 1 })
    await github.openPulls()
    expect(clock.slept).toEqual([60_000])
  })

  test.each([
    ['ends in an hour', { status: 403, retryAfter: 3_600, left: 1 }, 1],
    ['never ends', { status: 429, left: Infinity }, 2]
  ] as const)('that %s is an error, and the run goes on', async (_name, limit, calls) => {
    repository.limits.push({ ...limit })
    const start = clock.now()
    await expect(github.openPulls()).rejects.toMatchObject({ kind: 'limited' })
    expect(clock.now() - start).toBeLessThanOrEqual(120_000)
    expect(operations()).toHaveLength(calls)
  })

  test('until a time is waited for by the clock of GitHub', async () => {
    const now = Math.floor(Date.now() / 1000)
    repository.limits.push({ status: 403, reset: now + 1_000_000, left: 1 })
    await expect(github.openPulls()).rejects.toMatchObject({ kind: 'limited' })
    repository.limits.push({ status: 403, reset: now - 1_000, left: 1 })
    await github.openPulls()
    expect(clock.slept).toEqual([1_000])
  })
})

describe('an answer that is lost', () => {
  const LOST = ['500-json', '503-html', '503-empty', 'reset-before', 'reset-after', 'truncate'] as const

  test.each(LOST)('(%s) is asked for again by a read', async (kind) => {
    cloud.faults.add(`ListPulls:${kind}:2`)
    expect(await github.openPulls()).toHaveLength(1)
    expect(operations()).toHaveLength(3)
  })

  test.each(LOST)('(%s) is no reason to create a second comment', async (kind) => {
    cloud.faults.add(`CreateComment:${kind}`)
    await expect(github.createComment(12, 'text')).rejects.toMatchObject({ kind: 'unavailable' })
    expect(operations()).toEqual(['CreateComment'])
  })

  test.each(LOST)('(%s) leaves one sticky comment and one deployment', async (kind) => {
    for (const operation of [
      'CreateComment',
      'CreateGitHubDeployment',
      'UpdateComment',
      'DeleteComment',
      'CreateGitHubDeploymentStatus'
    ])
      cloud.faults.add(`${operation}:${kind}`)
    const sticky = { issue: 12, key: 'preview', head: sha('a'), attempt: '1', text: 'text' }
    for (const run of ['1', '2']) await stickyComment({ ...sticky, run }, github)
    expect(repository.comments).toHaveLength(1)
    const opened = await openPreview({ pull: 12, head: sha('a'), group: 'shop/web-preview' }, github)
    await setPreview(opened, { state: 'success', description: 'Ready' }, github)
    expect(await endPreview(12, { description: 'Closed' }, github)).toBe(1)
    expect(repository.deployments.map(({ statuses }) => statuses.at(-1)?.state)).toEqual(['inactive'])
  })

  test('for two minutes is an error', async () => {
    cloud.faults.add('ListPulls:503-html:forever')
    const start = clock.now()
    await expect(github.openPulls()).rejects.toMatchObject({
      kind: 'unavailable',
      message:
        'GitHub gave no answer to the request to list the open pull requests: a page in HTML (HTTP 503). Run the job again.'
    })
    expect(clock.now() - start).toBeLessThanOrEqual(120_000)
  })
})

test('writes are serial, and a second apart', async () => {
  const busy = { now: 0, most: 0 }
  const fetch = connectFetch({})
  const counting: Fetch = async (url, options) => {
    busy.most = Math.max(busy.most, ++busy.now)
    return fetch(url, options).finally(() => busy.now--)
  }
  const client = connectGitHub(place(noSignal(), counting))
  await Promise.all(['one', 'two', 'three'].map((body) => client.createComment(12, body)))
  expect(busy.most).toBe(1)
  expect(clock.slept).toEqual([1_000, 1_000])
  expect(repository.comments.map(({ body }) => body)).toEqual(['one', 'two', 'three'])
})

test('a cancel ends a wait and every further call with its reason', async () => {
  const canceled = new AbortController()
  const reason = new Error('canceled')
  clock.at(clock.now() + 10_000, () => canceled.abort(reason))
  repository.limits.push({ status: 403, retryAfter: 60, left: 1 })
  const client = connectGitHub(place(canceled.signal))
  await expect(client.createComment(12, 'text')).rejects.toBe(reason)
  await expect(client.openPulls()).rejects.toBe(reason)
  expect(operations()).toEqual(['CreateComment'])
})

test('an answer that is not of GitHub is not taken for one', async () => {
  const answers = ['{"ok":true}', 'not JSON']
  const fetch: Fetch = () =>
    Promise.resolve(
      new Response(answers.shift() ?? '[]', { headers: { 'content-type': 'application/json' } })
    )
  expect(await connectGitHub(place(noSignal(), fetch)).openPulls()).toEqual([])
  expect(answers).toEqual([])
})
