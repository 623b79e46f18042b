import { isGitHubError } from '../domain/github.js'
import type { GitHub } from '../github-port.js'
import { allPages, ifThere, PER_PAGE, type Connected } from './github-client.js'
import { commentOf, type RawUser } from './github-shapes.js'

const COMMENT = 'pull-requests: write'

/**
 * The account that writes with this token. GraphQL's `viewer` knows it for every kind of token, an installation's included, for
 * which REST's `/user` is refused (docs/service.md, GitHub).
 */
const askAuthor = async ({ github, send }: Connected): Promise<string> => {
  const call = { what: 'say whose token this is', permission: COMMENT, kind: 'read' } as const
  try {
    const { data } = await send(call, async (signal) => ({
      data: await viewerOf(github, signal),
      headers: {}
    }))
    return data.login
  } catch (error) {
    if (!isGitHubError(error) || error.kind === 'unavailable' || error.kind === 'limited') throw error
    const { data } = await send(call, (signal) => github.rest.users.getAuthenticated({ request: { signal } }))
    return data.login
  }
}

/** An object, since a text would be taken for an answer that is not JSON. */
const viewerOf = async (github: Connected['github'], signal: AbortSignal): Promise<{ login: string }> => {
  const { viewer } = await github.graphql<{ viewer?: { login?: string } | null }>('{ viewer { login } }', {
    request: { signal }
  })
  if (typeof viewer?.login === 'string' && viewer.login !== '') return { login: viewer.login }
  throw new SyntaxError('the answer names no account')
}

type Comments = Pick<GitHub, 'comments' | 'createComment' | 'updateComment' | 'deleteComment'>

/** The comments on a pull request, which is an issue to GitHub. */
export const comments = (connected: Connected): Comments => {
  const { github, repo, send } = connected
  let asked: Promise<string> | undefined
  const isOwn = async (): Promise<(user: RawUser) => boolean> => {
    asked ??= askAuthor(connected)
    const author = await asked
    return (user) => user?.login === author
  }
  return {
    comments: async (issue) => {
      const call = { what: `list the comments of #${issue}`, permission: COMMENT, kind: 'read' } as const
      const own = await isOwn()
      const found = await allPages(connected, call, (page, signal) =>
        github.rest.issues.listComments({
          ...{ ...repo, issue_number: issue, per_page: PER_PAGE, page },
          request: { signal }
        })
      )
      return found.map((one) => commentOf(one, own)).sort((one, other) => one.id - other.id)
    },
    createComment: async (issue, body) => {
      const { data } = await send(
        { what: `create a comment on #${issue}`, permission: COMMENT, kind: 'create' },
        (signal) =>
          github.rest.issues.createComment({ ...repo, issue_number: issue, body, request: { signal } })
      )
      return commentOf(data, () => true)
    },
    updateComment: async (id, body) => {
      await send({ what: `update comment ${id}`, permission: COMMENT, kind: 'write' }, (signal) =>
        github.rest.issues.updateComment({ ...repo, comment_id: id, body, request: { signal } })
      )
    },
    deleteComment: async (id) => {
      await ifThere(
        send({ what: `delete comment ${id}`, permission: COMMENT, kind: 'write' }, (signal) =>
          github.rest.issues.deleteComment({ ...repo, comment_id: id, request: { signal } })
        )
      )
    }
  }
}
