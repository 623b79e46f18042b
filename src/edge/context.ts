import type { RunContext } from '../ports.js'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { isCommit, subjectOf } from '../domain/commit.js'
import type { PullEvent } from '../domain/pull-request.js'
import { MOST_EVENT_BYTES } from '../domain/limits.js'
import { isTracked } from './git.js'

interface Event {
  action?: unknown
  pull_request?: {
    number?: unknown
    /** `repo` is null when the fork was deleted. */
    head?: { sha?: string; repo?: { full_name?: string } | null }
    base?: { ref?: unknown }
    merged?: unknown
    labels?: unknown
  }
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
    fromFork:
      head?.repo === null || (head?.repo?.full_name !== undefined && head.repo.full_name !== repository),
    pull: pullOf(event),
    eventCommit: env['GITHUB_SHA'] ?? '',
    checkedOut: () => checkedOutCommit(env['GITHUB_WORKSPACE'] ?? cwd),
    tracks: (path) => isTracked(env['GITHUB_WORKSPACE'] ?? cwd, path),
    hosted: env['RUNNER_ENVIRONMENT'] === 'github-hosted',
    mistakes
  }
}

const pushedAt = ({ repository }: Event): number | undefined =>
  typeof repository?.pushed_at === 'number' ? repository.pushed_at * 1000 : undefined

/** The pull request of the event; undefined for any other event, and for one without its number or head. */
const pullOf = ({ action, pull_request: pull }: Event): PullEvent | undefined => {
  const head = pull?.head?.sha
  if (typeof pull?.number !== 'number' || head === undefined || !isCommit(head)) return undefined
  return {
    number: pull.number,
    action: typeof action === 'string' ? action : '',
    head,
    baseRef: typeof pull.base?.ref === 'string' ? pull.base.ref : '',
    merged: pull.merged === true,
    labels: labelsOf(pull.labels)
  }
}

const labelsOf = (labels: unknown): string[] =>
  (Array.isArray(labels) ? (labels as { name?: unknown }[]) : []).flatMap((label) =>
    typeof label.name === 'string' ? label.name : []
  )

/** HEAD is a SHA after actions/checkout of a pull request, and otherwise names a branch, whose file has it unless it was packed. */
const checkedOutCommit = (workspace: string): string | undefined => {
  const read = (path: string): string | undefined => {
    try {
      return readFileSync(join(workspace, '.git', path), 'utf8')
    } catch {
      return undefined
    }
  }
  const head = read('HEAD')?.trim() ?? ''
  const branch = /^ref: (refs\/[^\s]+)$/.exec(head)?.[1]
  const commit =
    branch === undefined
      ? head
      : (read(branch)?.trim() ??
        read('packed-refs')
          ?.split('\n')
          .find((line) => line.endsWith(` ${branch}`))
          ?.split(' ')[0] ??
        '')
  return isCommit(commit) ? commit : undefined
}

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
