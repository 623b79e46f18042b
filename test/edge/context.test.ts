import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import { runContext } from '../../src/edge/context.js'
import { sha } from '../fakes/nouns.js'

const folder = mkdtempSync(join(tmpdir(), 'context-'))
afterAll(() => rmSync(folder, { recursive: true }))

const event = (body: string): string => {
  const path = join(folder, 'event.json')
  writeFileSync(path, body)
  return path
}

const env = (body: object | string, members: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  GITHUB_EVENT_PATH: event(typeof body === 'string' ? body : JSON.stringify(body)),
  GITHUB_REPOSITORY: 'org/app',
  GITHUB_SHA: sha('a'),
  GITHUB_RUN_ID: '7',
  GITHUB_ACTOR: 'kim',
  ...members
})

describe('what the run says about itself', () => {
  test('a push', () => {
    const push = { head_commit: { id: sha('a'), message: 'Fix\n\nbody' } }
    expect(runContext(env(push), '/w')).toMatchObject({
      commit: sha('a'),
      subject: 'Fix',
      runId: '7',
      actor: 'kim',
      fromFork: false,
      mistakes: []
    })
  })

  test('a subject of several megabytes is cut to 1,000 characters', () => {
    const push = { head_commit: { id: sha('a'), message: 'x'.repeat(5_000_000) } }
    expect(runContext(env(push), '/w').subject).toBe('x'.repeat(1_000))
  })

  test('an event file larger than any that GitHub sends is not read', () => {
    const given = env('{}')
    truncateSync(given['GITHUB_EVENT_PATH'] ?? '', 2 ** 31)
    const { mistakes } = runContext(given, '/w')
    expect(mistakes.join()).toMatch(/GITHUB_EVENT_PATH .* has 2147483648 bytes; GitHub sends at most 25 MB/)
  })

  test('a push whose head is another commit has no subject', () => {
    expect(runContext(env({ head_commit: { id: sha('b'), message: 'Other' } }), '/w').subject).toBe('')
  })

  test('a pull request: its head, not its merge commit', () => {
    const request = { pull_request: { head: { sha: sha('c'), repo: { full_name: 'org/app' } } } }
    expect(runContext(env(request), '/w')).toMatchObject({ commit: sha('c'), fromFork: false })
  })

  test('a fork', () => {
    const request = { pull_request: { head: { sha: sha('c'), repo: { full_name: 'eve/app' } } } }
    expect(runContext(env(request), '/w').fromFork).toBe(true)
  })

  test('after a rerun, the actor is who triggered it', () => {
    expect(
      runContext(env({}, { GITHUB_TRIGGERING_ACTOR: 'lee', GITHUB_RUN_ATTEMPT: '3' }), '/w')
    ).toMatchObject({ actor: 'lee', attempt: '3' })
  })

  test('the workflow that was started', () => {
    const ref = 'org/app/.github/workflows/rollback.yml@refs/heads/main'
    expect(runContext(env({}, { GITHUB_WORKFLOW_REF: ref }), '/w').workflowRef).toBe(ref)
    expect(runContext({}, '/w').workflowRef).toBe('')
  })

  test('outside of a workflow', () => {
    expect(runContext({}, '/w')).toMatchObject({
      commit: '',
      runId: '',
      repository: '',
      workspace: '/w',
      hosted: false,
      mistakes: []
    })
  })

  test("on GitHub's own machines", () => {
    expect(runContext({ RUNNER_ENVIRONMENT: 'github-hosted' }, '/w').hosted).toBe(true)
  })

  test.each(['{', 'null', '7', '[]', '"x"'])('an event file with %s breaks nothing', (body) => {
    const { commit, mistakes } = runContext(env(body), '/w')
    expect(commit).toBe(sha('a'))
    expect(mistakes).toHaveLength(body === '{' ? 1 : 0)
  })

  test('a missing event file is named with its path', () => {
    expect(runContext({ GITHUB_EVENT_PATH: join(folder, 'none') }, '/w').mistakes[0]).toContain('none')
  })
})
