import type { RunContext } from '../ports.js'
import { readFileSync, statSync } from 'node:fs'
import { subjectOf } from '../domain/commit.js'
import { MOST_EVENT_BYTES } from '../domain/limits.js'

interface Event {
  pull_request?: { head?: { sha?: string; repo?: { full_name?: string } }; title?: string }
  head_commit?: { id?: string; message?: string }
  /** In the payload of a push, `pushed_at` is in seconds (docs.github.com, "Webhook events and payloads"); elsewhere it is text. */
  repository?: { pushed_at?: unknown }
}

/** Reads the runner's environment (docs.github.com, "Default environment variables") and the event. */
export const runContext = (env: NodeJS.ProcessEnv, cwd: string): RunContext => {
  const { event, mistakes } = readEvent(env['GITHUB_EVENT_PATH'] ?? '')
  const repository = env['GITHUB_REPOSITORY'] ?? ''
  const head = event.pull_request?.head
  const commit = head?.sha ?? env['GITHUB_SHA'] ?? ''
  const pushed = event.head_commit?.id === commit ? (event.head_commit.message ?? '') : ''
  return {
    repository,
    serverUrl: env['GITHUB_SERVER_URL'] ?? 'https://github.com',
    apiUrl: env['GITHUB_API_URL'] ?? 'https://api.github.com',
    commit,
    subject: subjectOf(pushed),
    runId: env['GITHUB_RUN_ID'] ?? '',
    createdAt: pushedAt(event),
    event: env['GITHUB_EVENT_NAME'] ?? '',
    workflowRef: env['GITHUB_WORKFLOW_REF'] ?? '',
    attempt: env['GITHUB_RUN_ATTEMPT'] ?? '1',
    actor: env['GITHUB_TRIGGERING_ACTOR'] ?? env['GITHUB_ACTOR'] ?? '',
    workspace: env['GITHUB_WORKSPACE'] ?? cwd,
    fromFork: head?.repo?.full_name !== undefined && head.repo.full_name !== repository,
    hosted: env['RUNNER_ENVIRONMENT'] === 'github-hosted',
    mistakes
  }
}

const pushedAt = ({ repository }: Event): number | undefined =>
  typeof repository?.pushed_at === 'number' ? repository.pushed_at * 1000 : undefined

const readEvent = (path: string): { event: Event; mistakes: string[] } => {
  if (path === '') return { event: {}, mistakes: [] }
  try {
    const { size } = statSync(path)
    if (size > MOST_EVENT_BYTES)
      return {
        event: {},
        mistakes: [
          `The event file GITHUB_EVENT_PATH (${path}) has ${size} bytes; GitHub sends at most 25 MB, so the action reads no more than ${MOST_EVENT_BYTES}. Leave the variable as the runner sets it.`
        ]
      }
    const event: unknown = JSON.parse(readFileSync(path, 'utf8'))
    return { event: typeof event === 'object' && event !== null ? event : {}, mistakes: [] }
  } catch (error) {
    return {
      event: {},
      mistakes: [
        `The event file GITHUB_EVENT_PATH (${path}) cannot be read as JSON: ${(error as Error).message}.`
      ]
    }
  }
}
