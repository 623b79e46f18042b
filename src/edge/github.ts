import { subjectOf } from '../domain/commit.js'
import type { GitHub } from '../github-port.js'
import { sender, type Sending } from './github-call.js'
import { allPages, connect, ifThere, PER_PAGE, type Connected, type GitHubPlace } from './github-client.js'
import { comments } from './github-comments.js'
import { deployments } from './github-deployments.js'
import { comparisonOf, pullOf, treeOf } from './github-shapes.js'

export type { GitHubPlace } from './github-client.js'

/**
 * The first line of a commit's message, from GitHub's REST API. It only makes the log and the history readable, so it is empty
 * after any error, including the signal.
 */
export const commitSubject = async (commit: string, place: GitHubPlace): Promise<string> => {
  const { github, repo } = connect(place)
  try {
    const { data } = await github.rest.repos.getCommit({ ...repo, ref: commit })
    return subjectOf(data.commit.message)
  } catch {
    return ''
  }
}

/**
 * When GitHub created a workflow run, in epoch milliseconds; undefined when the token may not read it (`actions: read`, in a
 * private repository) or GitHub does not answer before the signal.
 */
export const runCreatedAt = async (runId: string, place: GitHubPlace): Promise<number | undefined> => {
  const { github, repo } = connect(place)
  try {
    const { data } = await github.rest.actions.getWorkflowRun({ ...repo, run_id: Number(runId) })
    const time = Date.parse(data.created_at)
    return Number.isNaN(time) ? undefined : time
  } catch {
    return undefined
  }
}

/** What the pull request of a run needs of GitHub. Its writes keep their distance only within one connection. */
export const connectGitHub = (place: GitHubPlace & Omit<Sending, 'signal'>): GitHub => {
  const connected: Connected = { ...connect(place), send: sender(place) }
  return { ...comments(connected), ...commits(connected), ...deployments(connected) }
}

const READ = { permission: 'contents: read', kind: 'read' } as const
const PULL = { permission: 'pull-requests: read', kind: 'read' } as const

/** A huge comparison always fails (docs/service.md, GitHub), so it is not asked for long. */
const COMPARE_MS = 20_000

type Commits = Pick<GitHub, 'pull' | 'openPulls' | 'compare' | 'tree'>

const commits = (connected: Connected): Commits => {
  const { github, repo, send } = connected
  return {
    pull: async (number) => {
      const found = await ifThere(
        send({ ...PULL, what: `read pull request #${number}` }, (signal) =>
          github.rest.pulls.get({ ...repo, pull_number: number, request: { signal } })
        )
      )
      return found === undefined ? undefined : pullOf(found.data)
    },
    openPulls: async () => {
      const found = await allPages(
        connected,
        { ...PULL, what: 'list the open pull requests' },
        (page, signal) =>
          github.rest.pulls.list({ ...repo, state: 'open', per_page: PER_PAGE, page, request: { signal } })
      )
      return found.map(pullOf)
    },
    compare: async (base, head) => {
      const found = await ifThere(
        send({ ...READ, what: `compare ${base} with ${head}`, patienceMs: COMPARE_MS }, (signal) =>
          github.rest.repos.compareCommitsWithBasehead({
            ...{ ...repo, basehead: `${base}...${head}` },
            request: { signal }
          })
        )
      )
      return found === undefined ? undefined : comparisonOf(found.data)
    },
    tree: async (commit) => {
      const found = await ifThere(
        send({ ...READ, what: `list the files of ${commit}` }, (signal) =>
          github.rest.git.getTree({ ...repo, tree_sha: commit, recursive: '1', request: { signal } })
        )
      )
      return found === undefined ? undefined : treeOf(found.data)
    }
  }
}
