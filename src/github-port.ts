/** A comment on an issue or a pull request. */
export interface IssueComment {
  id: number
  body: string
  /** Whether the account of this run's token wrote it, as GitHub says; a marker proves nothing (docs/security.md). */
  isOwn: boolean
  url: string
}

export interface PullRequest {
  number: number
  state: 'open' | 'closed'
  /** Names of its labels. */
  labels: readonly string[]
  head: string
  /** Undefined when the fork was deleted. */
  headRepository?: string | undefined
}

/** What one commit has that another has not (docs/service.md, GitHub: compare). */
export interface Comparison {
  status: 'ahead' | 'behind' | 'diverged' | 'identical'
  aheadBy: number
  behindBy: number
  /** Oldest first; at most 250, the newest ones, so that there may be fewer than `aheadBy`. */
  commits: readonly { sha: string; subject: string; author?: string | undefined }[]
  /** Against the merge base; GitHub lists at most 300. A renamed file is one removed and one added. */
  files: readonly { path: string; status: 'added' | 'changed' | 'removed' }[]
  /** False when GitHub may have left files out; it does not say. */
  isWhole: boolean
}

/** All files of a commit, submodules and symlinks included. */
export interface Tree {
  /** Mode and hash of the blob by path: `100755 8ab686ea…`. */
  files: ReadonlyMap<string, string>
  /** False when GitHub cut the list (above 100,000 entries or 7 MB). */
  isWhole: boolean
}

export type DeploymentState = 'queued' | 'in_progress' | 'success' | 'failure' | 'error' | 'inactive'

/** A deployment as GitHub shows it on a pull request; not one of CodeDeploy. */
export interface GitHubDeployment {
  id: number
  /** Says which pull request it is for, as this action wrote it. */
  task: string
  ref: string
  sha: string
  payload: unknown
}

/**
 * GitHub as the steps use it. Reads are retried, and so are writes that can be repeated; limits are waited for, but no call takes
 * longer than two minutes. Otherwise a call throws a GitHubError (domain/github.ts), or the reason of a cancel.
 */
export interface GitHub {
  /** All pages, oldest first. */
  comments(issue: number): Promise<IssueComment[]>
  /** Sent once: after a lost answer, list the comments instead of sending again. */
  createComment(issue: number, body: string): Promise<IssueComment>
  /** A comment that no longer exists is an error of kind `gone`. */
  updateComment(id: number, body: string): Promise<void>
  /** It is fine if the comment no longer exists. */
  deleteComment(id: number): Promise<void>
  /** Undefined when there is no such pull request. */
  pull(number: number): Promise<PullRequest | undefined>
  openPulls(): Promise<PullRequest[]>
  /** Undefined when GitHub does not know one of the commits. Of a huge comparison it answers only errors: `unavailable`. */
  compare(base: string, head: string): Promise<Comparison | undefined>
  /** Undefined when GitHub does not know the commit. */
  tree(commit: string): Promise<Tree | undefined>
  /** Newest first; all pages, or as many as it takes for `most` of them. */
  deployments(filter: {
    environment: string
    task?: string | undefined
    most?: number | undefined
  }): Promise<GitHubDeployment[]>
  /** Sent once, like a comment. It never merges, waits for no check, and is marked as not meant to last. */
  createDeployment(wanted: {
    ref: string
    task: string
    environment: string
    description: string
    payload: unknown
  }): Promise<GitHubDeployment>
  /** The newest status; undefined when there is none. */
  deploymentState(id: number): Promise<DeploymentState | undefined>
  /** Leaves all other deployments as they are. `description` has at most 140 characters; `logUrl` and `url` are links. */
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
