import { ServiceError } from '../contract.js'
import { header, type Answer, type Call } from '../wire/call.js'

/** A refusal from GitHub, whose body has more than a message. */
export class GitHubRefusal extends ServiceError {
  readonly errors: readonly unknown[]
  readonly headers: Readonly<Record<string, string>>
  constructor(
    status: number,
    message: string,
    extra: { errors?: readonly unknown[]; headers?: Readonly<Record<string, string>> } = {}
  ) {
    super('GitHub', message, status)
    this.errors = extra.errors ?? []
    this.headers = extra.headers ?? {}
  }
}

/** Every answer says how many calls are left. */
const LEFT = { 'x-ratelimit-limit': '1000', 'x-ratelimit-remaining': '999' }

export const json = (value: unknown, status = 200, headers: Record<string, string> = {}): Answer => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8', ...LEFT, ...headers },
  body: JSON.stringify(value)
})

export const noContent = (): Answer => ({ status: 204, headers: LEFT })

export const notFound = (): GitHubRefusal => new GitHubRefusal(404, 'Not Found')

export const invalid = (...errors: readonly Record<string, unknown>[]): GitHubRefusal =>
  new GitHubRefusal(422, 'Validation Failed', { errors })

export const bodyOf = (call: Call): Record<string, unknown> => {
  try {
    return JSON.parse(call.body.toString('utf8')) as Record<string, unknown>
  } catch {
    throw new GitHubRefusal(400, 'Problems parsing JSON')
  }
}

/** The parts of the path after the resource: `SHA`, `BASE...HEAD`, `5/comments` of an issue, `comments/9` of an update. */
export const tail = (call: Call): string[] => call.path.split('/').slice(7).map(decodeURIComponent)

/** Pages like GitHub's: 30 items by default (at most 100), the next page in the Link header. */
export const paged = <T>(call: Call, all: readonly T[], shown: (one: T) => unknown): Answer => {
  const size = Math.min(100, Number(call.query.get('per_page') ?? '30'))
  const page = Number(call.query.get('page') ?? '1')
  const query = new URLSearchParams(call.query)
  query.set('page', String(page + 1))
  const next = `http://${header(call, 'host') ?? ''}${call.path}?${query.toString()}`
  const more = all.length > page * size
  return json(
    all.slice((page - 1) * size, page * size).map(shown),
    200,
    more ? { link: `<${next}>; rel="next"` } : {}
  )
}
