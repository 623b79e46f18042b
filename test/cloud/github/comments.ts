import type { Answer, Call } from '../wire/call.js'
import { bodyOf, GitHubRefusal, invalid, json, noContent, notFound, paged, tail } from './answers.js'
import type { Comment, Repository } from './repository.js'

const MOST_CHARACTERS = 65_536

const shown = ({ id, issue, body, user }: Comment): object => ({
  id,
  body,
  user,
  html_url: `https://github.com/example-org/example-app/pull/${issue}#issuecomment-${id}`
})

/** The pull request of a call; GitHub says 410 for one that was deleted. */
const issueOf = (call: Call, repository: Repository): number => {
  const number = Number(tail(call)[0])
  if (repository.deletedIssues.has(number)) throw new GitHubRefusal(410, 'This issue was deleted')
  if (!repository.pulls.some((one) => one.number === number)) throw notFound()
  return number
}

const commentOf = (call: Call, repository: Repository): Comment => {
  const comment = repository.comments.find((one) => one.id === Number(tail(call)[1]))
  if (comment === undefined) throw notFound()
  return comment
}

/** The oldest first; there is no other order. */
export const listComments = (call: Call, repository: Repository): Answer => {
  const issue = issueOf(call, repository)
  const found = repository.comments.filter((one) => one.issue === issue)
  return paged(
    call,
    found.sort((one, other) => one.id - other.id),
    shown
  )
}

const textOf = (call: Call): string => {
  const { body } = bodyOf(call)
  if (typeof body !== 'string' || body === '')
    throw invalid({ resource: 'IssueComment', code: 'missing_field', field: 'body' })
  if (body.length <= MOST_CHARACTERS) return body
  const message = `Body is too long (maximum is ${MOST_CHARACTERS} characters)`
  throw invalid({ resource: 'IssueComment', code: 'unprocessable', field: 'data', message })
}

export const createComment = (call: Call, repository: Repository): Answer => {
  const issue = issueOf(call, repository)
  const comment = { id: repository.nextId++, issue, body: textOf(call), user: repository.token.user }
  repository.comments.push(comment)
  return json(shown(comment), 201)
}

/** A token that may write comments may change those of others, too. */
export const updateComment = (call: Call, repository: Repository): Answer => {
  const comment = commentOf(call, repository)
  comment.body = textOf(call)
  return json(shown(comment))
}

export const deleteComment = (call: Call, repository: Repository): Answer => {
  repository.comments.splice(repository.comments.indexOf(commentOf(call, repository)), 1)
  return noContent()
}
