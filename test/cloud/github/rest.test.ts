import { getOctokit } from '@actions/github'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { startCloud, type Cloud } from '../start.js'

let cloud: Cloud
let rest: ReturnType<typeof getOctokit>
const place = { owner: 'example-org', repo: 'example-app' }
const shas = ['a', 'b', 'c'].map((letter) => letter.repeat(40))
beforeAll(async () => {
  cloud = await startCloud({ scripted: true, instances: 1, timeScale: 10_000 })
  rest = getOctokit('token', { baseUrl: cloud.env['GITHUB_API_URL'] ?? '' })
  cloud.repository.commits.push(
    ...shas.map((sha) => ({
      sha,
      message: `Subject ${sha.slice(0, 1)}`,
      author: 'octocat',
      date: '2026-01-01T00:00:00Z'
    }))
  )
})
afterAll(() => cloud.stop())

test('a commit is found by its full or short SHA', async () => {
  const found = await rest.rest.repos.getCommit({ ...place, ref: 'bbbbbbbb' })
  expect(found.data).toMatchObject({ sha: shas[1], commit: { message: 'Subject b' } })
  await expect(rest.rest.repos.getCommit({ ...place, ref: 'dddddddd' })).rejects.toMatchObject({
    status: 422
  })
})

test('a comparison lists the commits in between', async () => {
  const compared = await rest.rest.repos.compareCommitsWithBasehead({
    ...place,
    basehead: `${shas[0] ?? ''}...${shas[2] ?? ''}`
  })
  expect(compared.data).toMatchObject({ status: 'ahead', ahead_by: 2 })
  expect(compared.data.commits.map((commit) => commit.sha)).toEqual(shas.slice(1))
})

test('comments can be created, listed through all pages, and changed', async () => {
  for (let number = 1; number <= 35; number++) {
    await rest.rest.issues.createComment({ ...place, issue_number: 7, body: `comment ${number}` })
  }
  const all = await rest.paginate(rest.rest.issues.listComments, { ...place, issue_number: 7 })
  expect(all).toHaveLength(35)
  await rest.rest.issues.updateComment({ ...place, comment_id: all[34]?.id ?? 0, body: 'changed' })
  expect(cloud.repository.comments.at(-1)?.body).toBe('changed')
})

test('a deployment gets its statuses', async () => {
  const made = await rest.rest.repos.createDeployment({ ...place, ref: 'main' })
  if (made.status !== 201) throw new Error('no deployment was made')
  await rest.rest.repos.createDeploymentStatus({ ...place, deployment_id: made.data.id, state: 'success' })
  expect(cloud.repository.deployments).toMatchObject([
    { body: { ref: 'main' }, statuses: [{ state: 'success' }] }
  ])
})

test('a call without a token is refused', async () => {
  const answer = await fetch(`${cloud.env['GITHUB_API_URL'] ?? ''}/repos/o/r/commits/${shas[0] ?? ''}`)
  expect(answer.status).toBe(401)
})
