import { createHash } from 'node:crypto'

/** Who wrote something, as GitHub shows an account. */
export interface Account {
  login: string
  id: number
  type: 'Bot' | 'User'
}

/** The account behind a workflow's own token. */
export const ACTIONS_BOT: Account = { login: 'github-actions[bot]', id: 41_898_282, type: 'Bot' }

/** Somebody who can comment. */
export const OCTOCAT: Account = { login: 'octocat', id: 583_231, type: 'User' }

export interface Blob {
  /** `100644`, `100755`, `120000` (symlink) or `160000` (submodule). */
  mode: string
  sha: string
}

/** All files of a commit by path. */
export type Files = ReadonlyMap<string, Blob>

export interface Commit {
  sha: string
  message: string
  author: string
  /** ISO 8601. */
  date: string
  /** The first is the one it was made on. By default, the commit before it in the list. */
  parents?: readonly string[]
  /** By default, those of its first parent. */
  files?: Files
}

export interface Comment {
  id: number
  issue: number
  body: string
  user: Account
}

export interface Pull {
  number: number
  state: 'open' | 'closed'
  /** The full SHA of its last commit. */
  head: string
  /** `owner/name`; null for a fork that was deleted. */
  headRepository: string | null
  /** Names of its labels; none by default. */
  labels?: string[]
}

export interface Status {
  id: number
  state: string
  description: string
  log_url: string
  environment_url: string
  environment: string
}

export interface Deployment {
  id: number
  sha: string
  ref: string
  task: string
  environment: string
  description: string
  payload: unknown
  creator: Account
  transient_environment: boolean
  production_environment: boolean
  /** Oldest first; GitHub lists them newest first. */
  statuses: Status[]
}

export type Permission = 'read' | 'write'

/** The token of the workflow run. */
export interface Token {
  user: Account
  /** An installation's token (a workflow's own, or an app's) may not read `/user`; that of a user may. */
  kind: 'installation' | 'user'
  /** By the names of a workflow's `permissions:`. What is missing may not even be read, as in a private repository. */
  permissions: Record<string, Permission | undefined>
}

/** A rate limit: the next calls are refused with it. */
export interface RateLimit {
  status: 403 | 429
  /** How many calls are refused; Infinity for all. */
  left: number
  /** Only this operation; all by default. */
  operation?: string
  /** Seconds, for the header `retry-after`. */
  retryAfter?: number
  /** Epoch seconds, for `x-ratelimit-reset`, with `x-ratelimit-remaining: 0`. */
  reset?: number
}

/** What the local GitHub knows; tests read and fill it. */
export interface Repository {
  /** Each after its parents. */
  commits: Commit[]
  /** The SHA of each branch's last commit; `main` is the default branch. */
  branches: Map<string, string>
  /** Pull requests; there are no other issues. */
  pulls: Pull[]
  /** Numbers of pull requests that were deleted by their owners, with their comments. */
  deletedIssues: Set<number>
  comments: Comment[]
  deployments: Deployment[]
  environments: Set<string>
  /** When each workflow run was created, in ISO 8601, by its id. */
  runs: Map<number, string>
  token: Token
  limits: RateLimit[]
  /** The next number for a comment, a deployment or a status; one that was used is never used again. */
  nextId: number
}

/** Empty; the token has the permissions of a preview, changed by those given. */
export const createRepository = (permissions: Token['permissions'] = {}): Repository => ({
  commits: [],
  branches: new Map(),
  pulls: [],
  deletedIssues: new Set(),
  comments: [],
  deployments: [],
  environments: new Set(),
  runs: new Map(),
  token: {
    user: ACTIONS_BOT,
    kind: 'installation',
    permissions: {
      ...{ actions: 'read', contents: 'read', 'pull-requests': 'write', deployments: 'write' },
      ...permissions
    }
  },
  limits: [],
  nextId: 1
})

/** Files from their contents. */
export const filesOf = (contents: Readonly<Record<string, string>>, mode = '100644'): Files =>
  new Map(Object.entries(contents).map(([path, content]) => [path, { mode, sha: hashOf(content) }]))

/** The hash that git gives a file. */
const hashOf = (content: string): string =>
  createHash('sha1')
    .update(`blob ${Buffer.byteLength(content)}\0${content}`)
    .digest('hex')
