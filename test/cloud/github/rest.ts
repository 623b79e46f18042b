import { ServiceError } from '../contract.js'
import { header, type Answer, type Call } from '../wire/call.js'

export interface Commit {
  sha: string
  message: string
  author: string
  /** ISO 8601. */
  date: string
}

export interface Comment {
  id: number
  issue: number
  body: string
}

/** What the local GitHub's REST API knows; tests read and fill it. */
export interface Repository {
  /** Oldest first; a comparison lists the commits between two of them. */
  commits: Commit[]
  /** The files that a comparison lists. */
  files: { filename: string; status: string }[]
  comments: Comment[]
  deployments: { id: number; body: unknown; statuses: unknown[] }[]
  /** When each workflow run was created, in ISO 8601, by its id. */
  runs: Map<number, string>
}

export const createRepository = (): Repository => ({
  commits: [],
  files: [],
  comments: [],
  deployments: [],
  runs: new Map()
})

const json = (value: unknown, status = 200, headers: Record<string, string> = {}): Answer => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
  body: JSON.stringify(value)
})

const notFound = (): ServiceError => new ServiceError('NotFound', 'Not Found', 404)

const parse = (call: Call): Record<string, unknown> => {
  try {
    return JSON.parse(call.body.toString('utf8')) as Record<string, unknown>
  } catch {
    throw new ServiceError('BadRequest', 'Problems parsing JSON', 400)
  }
}

/** The parts of the path after the resource: `SHA`, `BASE...HEAD`, `5/comments` of an issue, `comments/9` of an update. */
const tail = (call: Call): string[] => call.path.split('/').slice(7).map(decodeURIComponent)

const shownCommit = ({ sha, message, author, date }: Commit): object => ({
  sha,
  html_url: `https://github.com/example/commit/${sha}`,
  commit: { message, author: { name: author, date }, committer: { name: author, date } }
})

const find = (repository: Repository, reference: string): number => {
  const index = repository.commits.findIndex((one) => reference.length >= 7 && one.sha.startsWith(reference))
  if (index < 0) throw new ServiceError('UnprocessableEntity', `No commit found for SHA: ${reference}`, 422)
  return index
}

const getCommit = (call: Call, repository: Repository): Answer => {
  const commit = repository.commits[find(repository, tail(call)[0] ?? '')]
  if (commit === undefined) throw notFound()
  return json(shownCommit(commit))
}

const getRun = (call: Call, repository: Repository): Answer => {
  const id = Number(call.path.split('/').at(-1))
  const created = repository.runs.get(id)
  if (created === undefined) throw notFound()
  return json({ id, created_at: created, run_started_at: created, run_attempt: 1 })
}

const compare = (call: Call, repository: Repository): Answer => {
  const [base = '', head = ''] = (tail(call)[0] ?? '').split('...')
  const [from, to] = [find(repository, base), find(repository, head)]
  const between = repository.commits.slice(from + 1, to + 1)
  return json({
    status: from === to ? 'identical' : from < to ? 'ahead' : 'behind',
    ahead_by: Math.max(0, to - from),
    behind_by: Math.max(0, from - to),
    total_commits: between.length,
    commits: between.map(shownCommit),
    files: from === to ? [] : repository.files
  })
}

/** Pages like GitHub's: 30 items by default (at most 100), the next page in the Link header. */
const listComments = (call: Call, repository: Repository): Answer => {
  const all = repository.comments.filter((one) => one.issue === Number(tail(call)[0]))
  const size = Math.min(100, Number(call.query.get('per_page') ?? '30'))
  const page = Number(call.query.get('page') ?? '1')
  const next = `http://${header(call, 'host') ?? ''}${call.path}?per_page=${size}&page=${page + 1}`
  const more = all.length > page * size
  return json(all.slice((page - 1) * size, page * size), 200, more ? { link: `<${next}>; rel="next"` } : {})
}

const bodyText = (call: Call): string => {
  const { body } = parse(call)
  if (typeof body === 'string' && body !== '' && body.length <= 65_536) return body
  throw new ServiceError('UnprocessableEntity', 'Validation Failed', 422)
}

const createComment = (call: Call, repository: Repository): Answer => {
  const comment = { id: repository.comments.length + 1, issue: Number(tail(call)[0]), body: bodyText(call) }
  repository.comments.push(comment)
  return json(comment, 201)
}

const updateComment = (call: Call, repository: Repository): Answer => {
  const comment = repository.comments.find((one) => one.id === Number(tail(call)[1]))
  if (comment === undefined) throw notFound()
  comment.body = bodyText(call)
  return json(comment)
}

const createDeployment = (call: Call, repository: Repository): Answer => {
  const deployment = { id: repository.deployments.length + 1, body: parse(call), statuses: [] }
  repository.deployments.push(deployment)
  return json({ id: deployment.id }, 201)
}

const createStatus = (call: Call, repository: Repository): Answer => {
  const deployment = repository.deployments.find((one) => one.id === Number(tail(call)[0]))
  if (deployment === undefined) throw notFound()
  deployment.statuses.push(parse(call))
  return json({ id: deployment.statuses.length }, 201)
}

const operations: Record<string, (call: Call, repository: Repository) => Answer> = {
  GetCommit: getCommit,
  GetWorkflowRun: getRun,
  CompareCommits: compare,
  ListComments: listComments,
  CreateComment: createComment,
  UpdateComment: updateComment,
  CreateGitHubDeployment: createDeployment,
  CreateGitHubDeploymentStatus: createStatus
}

/** GitHub's REST calls that a deployment uses; any token is accepted. */
export const serveGitHub = (call: Call, repository: Repository): Answer => {
  if (!/^(bearer|token) \S+$/i.test(header(call, 'authorization') ?? '')) {
    throw new ServiceError('Unauthorized', 'Requires authentication', 401)
  }
  const operation = operations[call.operation]
  if (operation === undefined) throw notFound()
  return operation(call, repository)
}
