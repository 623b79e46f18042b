import { getOctokit } from '@actions/github'
import { subjectOf } from '../domain/commit.js'
import type { Fetch } from './fetch.js'

/**
 * The first line of a commit's message, from GitHub's REST API. It only makes the log and the history readable, so it is empty
 * after any error, including the signal.
 */
export const commitSubject = async (
  commit: string,
  {
    repository,
    apiUrl,
    token,
    fetch,
    signal
  }: { repository: string; apiUrl: string; token: string; fetch: Fetch; signal: AbortSignal }
): Promise<string> => {
  const [owner = '', repo = ''] = repository.split('/')
  if (token === '' || owner === '' || repo === '') return ''
  try {
    const github = getOctokit(token, { baseUrl: apiUrl, request: { fetch, signal } })
    const { data } = await github.rest.repos.getCommit({ owner, repo, ref: commit })
    return subjectOf(data.commit.message)
  } catch {
    return ''
  }
}
