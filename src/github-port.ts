/** A comment on an issue or a pull request. */
export interface IssueComment {
  id: number
  body: string
  /** Whether the owner of this run's token wrote it. */
  isOwn: boolean
  url: string
}

export interface PullRequest {
  number: number
  state: 'open' | 'closed'
  head: string
  /** Undefined when the fork was deleted. */
  headRepository?: string | undefined
}

/** What one commit has that another has not (docs/service.md, GitHub: compare). */
export interface Comparison {
  status: 'ahead' | 'behind' | 'diverged' | 'identical'
  aheadBy: number
  behindBy: number
  /** Oldest first; at most 250, the newest. */
  commits: readonly { sha: string; subject: string; author?: string | undefined }[]
  /** Against the merge base; at most 300. `isWhole` is false when there may be more. */
  files: readonly { path: string; status: 'added' | 'changed' | 'removed' }[]
  isWhole: boolean
}

/** The files of a commit: the hash of the blob and the mode by path; `isWhole` is false when GitHub cut the list. */
export interface Tree {
  files: ReadonlyMap<string, string>
  isWhole: boolean
}

export type DeploymentState = 'queued' | 'in_progress' | 'success' | 'failure' | 'error' | 'inactive'

/** A deployment as GitHub shows it on a pull request; not one of CodeDeploy. */
export interface GitHubDeployment {
  id: number
  /** Which pull request it is for, as this action wrote it. */
  task: string
  ref: string
  sha: string
  payload: unknown
}

/**
 * GitHub's REST API as the steps use it. Reads are retried, and so are writes that can be repeated; limits are waited for within
 * the patience of a run (GitHub docs, "Rate limits for the REST API"). Throws a GitHubError otherwise (domain/github.ts).
 */
export interface GitHub {
  /** All pages, oldest first. */
  comments(issue: number): Promise<IssueComment[]>
  /** Sent once: after a lost answer, list the comments instead of sending again. */
  createComment(issue: number, body: string): Promise<IssueComment>
  updateComment(id: number, body: string): Promise<void>
  deleteComment(id: number): Promise<void>
  pull(number: number): Promise<PullRequest | undefined>
  openPulls(): Promise<PullRequest[]>
  /** Undefined when GitHub does not know one of the commits. */
  compare(base: string, head: string): Promise<Comparison | undefined>
  tree(commit: string): Promise<Tree | undefined>
  /** Newest first; all pages. */
  deployments(filter: { environment: string; task?: string | undefined }): Promise<GitHubDeployment[]>
  createDeployment(wanted: {
    ref: string
    task: string
    environment: string
    description: string
    payload: unknown
  }): Promise<GitHubDeployment>
  /** The newest status; undefined when there is none. */
  deploymentState(id: number): Promise<DeploymentState | undefined>
  setDeploymentState(
    id: number,
    status: {
      state: DeploymentState
      description: string
      logUrl?: string | undefined
      url?: string | undefined
    }
  ): Promise<void>
}
