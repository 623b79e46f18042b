import { getOctokit } from '@actions/github'
import { githubError, isGitHubError } from '../domain/github.js'
import type { Fetch } from './fetch.js'
import type { Call, Send } from './github-call.js'

/** A repository in GitHub's REST API, and how to ask. */
export interface GitHubPlace {
  /** `owner/name` */
  repository: string
  apiUrl: string
  token: string
  fetch: Fetch
  signal: AbortSignal
}

/** A client with the way to send its calls. */
export interface Connected extends ReturnType<typeof connect> {
  send: Send
}

/** The client warns of deprecated calls on the console; only the run itself writes its log. */
const SILENT = { debug: () => '', info: () => '', warn: () => '', error: () => '' }

export const connect = ({ repository, apiUrl, token, fetch, signal }: GitHubPlace) => {
  const [owner = '', name = ''] = repository.split('/')
  return {
    github: getOctokit(token, { baseUrl: apiUrl, request: { fetch, signal, log: SILENT }, log: SILENT }),
    repo: { owner, repo: name }
  }
}

/** The largest page, and more pages than anything that is listed here has. */
export const PER_PAGE = 100
const MOST_PAGES = 100

/** All pages, or as many as it takes for `most` items; GitHub says in the Link header whether there is another. */
export const allPages = async <T>(
  { send }: Connected,
  { most = Infinity, ...call }: Call & { most?: number | undefined },
  page: (
    number: number,
    signal: AbortSignal
  ) => Promise<{ data: T[]; headers: Readonly<Record<string, unknown>> }>
): Promise<T[]> => {
  const found: T[] = []
  for (let number = 1; number <= MOST_PAGES; number++) {
    const { data, headers } = await send(call, async (signal) => listed(await page(number, signal)))
    found.push(...data)
    if (!hasNext(headers) || found.length >= most) return found.slice(0, most)
  }
  throw githubError('refused', `GitHub has more than ${MOST_PAGES} pages to ${call.what}.`)
}

/** The answer, or undefined if GitHub knows nothing under this name. */
export const ifThere = async <T>(asked: Promise<T>): Promise<T | undefined> => {
  try {
    return await asked
  } catch (error) {
    if (isGitHubError(error, 'gone')) return undefined
    throw error
  }
}

/** Anything else is not of GitHub, but of something in front of it. */
const listed = <Page extends { data: unknown }>(page: Page): Page => {
  if (Array.isArray(page.data)) return page
  throw new SyntaxError('the answer is not a list')
}

const hasNext = ({ link }: Readonly<Record<string, unknown>>): boolean =>
  typeof link === 'string' && link.includes('rel="next"')
