import { subjectOf } from '../domain/commit.js'
import type {
  Comparison,
  DeploymentState,
  GitHubDeployment,
  IssueComment,
  PullRequest,
  Tree
} from '../github-port.js'

/** Undefined or null for an account that was deleted. */
export type RawUser = { login?: string } | null | undefined

interface RawComment {
  id: number
  body?: string | undefined
  user?: RawUser
  html_url: string
}

export const commentOf = (
  { id, body, user, html_url }: RawComment,
  isOwn: (user: RawUser) => boolean
): IssueComment => ({ id, body: body ?? '', isOwn: isOwn(user), url: html_url })

interface RawPull {
  number: number
  state: string
  head: { sha: string; repo: { full_name: string } | null }
  labels: { name: string }[]
}

export const pullOf = ({ number, state, head, labels }: RawPull): PullRequest => ({
  number,
  labels: labels.map(({ name }) => name),
  state: state === 'open' ? 'open' : 'closed',
  head: head.sha,
  headRepository: head.repo?.full_name
})

interface RawComparison {
  status: Comparison['status']
  ahead_by: number
  behind_by: number
  commits: {
    sha: string
    commit: { message: string; author: { name?: string } | null }
    author?: RawUser | Record<string, never>
  }[]
  files?: { filename: string; status: string; previous_filename?: string }[]
}

/** GitHub lists no more files than this, and does not say that there are more (docs/service.md, GitHub). */
const MOST_FILES = 300

export const comparisonOf = ({
  status,
  ahead_by,
  behind_by,
  commits,
  files = []
}: RawComparison): Comparison => ({
  status,
  aheadBy: ahead_by,
  behindBy: behind_by,
  commits: commits.map(({ sha, commit, author }) => ({
    sha,
    subject: subjectOf(commit.message),
    author: author?.login ?? commit.author?.name
  })),
  files: files.flatMap(changesOf),
  isWhole: files.length < MOST_FILES
})

type Change = Comparison['files'][number]

const changesOf = ({
  filename,
  status,
  previous_filename
}: NonNullable<RawComparison['files']>[number]): Change[] => {
  if (status === 'unchanged') return []
  if (status === 'removed') return [{ path: filename, status: 'removed' }]
  if (status === 'added' || status === 'copied') return [{ path: filename, status: 'added' }]
  if (status === 'renamed' && previous_filename !== undefined)
    return [
      { path: previous_filename, status: 'removed' },
      { path: filename, status: 'added' }
    ]
  return [{ path: filename, status: 'changed' }]
}

interface RawTree {
  truncated: boolean
  tree: { path?: string; mode?: string; type?: string; sha?: string | null }[]
}

/** Folders are left out: they have no content of their own. */
export const treeOf = ({ tree, truncated }: RawTree): Tree => ({
  files: new Map(
    tree
      .filter(({ type }) => type !== 'tree')
      .map(({ path = '', mode = '', sha }) => [path, `${mode} ${sha ?? ''}`])
  ),
  isWhole: !truncated
})

export interface RawDeployment {
  id: number
  task: string
  ref: string
  sha: string
  payload: unknown
}

export const deploymentOf = ({ id, task, ref, sha, payload }: RawDeployment): GitHubDeployment => ({
  id,
  task,
  ref,
  sha,
  payload
})

const STATES: readonly string[] = ['queued', 'in_progress', 'success', 'failure', 'error', 'inactive']

/** The newest status has the highest id. `pending` is older than `queued` and means the same. */
export const lastState = (
  statuses: readonly { id: number; state: string }[]
): DeploymentState | undefined => {
  const [newest] = [...statuses].sort((one, other) => other.id - one.id)
  if (newest === undefined) return undefined
  return STATES.includes(newest.state) ? (newest.state as DeploymentState) : 'queued'
}
