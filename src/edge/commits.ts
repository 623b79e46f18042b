import { getOctokit } from '@actions/github'
import { subjectOf } from '../domain/commit.js'
import type { Fetch } from './fetch.js'

/** A repository in GitHub's REST API, and how to ask. */
export interface GitHubPlace {
  repository: string
  apiUrl: string
  token: string
  fetch: Fetch
  signal: AbortSignal
}

/**
 * The first line of a commit's message, from GitHub's REST API. It only makes the log and the history readable, so it is empty
 * after any error, including the signal.
 */
export const commitSubject = async (commit: string, place: GitHubPlace): Promise<string> => {
  const { github, owner, repo } = connect(place)
  try {
    const { data } = await github.rest.repos.getCommit({ owner, repo, ref: commit })
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
  const { github, owner, repo } = connect(place)
  try {
    const { data } = await github.rest.actions.getWorkflowRun({ owner, repo, run_id: Number(runId) })
    const time = Date.parse(data.created_at)
    return Number.isNaN(time) ? undefined : time
  } catch {
    return undefined
  }
}

const connect = ({ repository, apiUrl, token, fetch, signal }: GitHubPlace) => {
  const [owner = '', repo = ''] = repository.split('/')
  return { github: getOctokit(token, { baseUrl: apiUrl, request: { fetch, signal } }), owner, repo }
}
