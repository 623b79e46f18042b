import { githubError } from '../../src/domain/github.js'
import type { DeploymentState, GitHub, GitHubDeployment, IssueComment } from '../../src/github-port.js'

/** What steps do with comments and deployments. */
export type GitHubWrites = Pick<
  GitHub,
  | 'comments'
  | 'createComment'
  | 'updateComment'
  | 'deleteComment'
  | 'deployments'
  | 'createDeployment'
  | 'deploymentState'
  | 'setDeploymentState'
>

export interface KeptDeployment extends GitHubDeployment {
  states: DeploymentState[]
  descriptions: string[]
}

/** What GitHub keeps, for several clients at once. */
export interface MemoryGitHub {
  comments: IssueComment[]
  deployments: KeptDeployment[]
  /**
   * A client, whose calls go through `around`: it may wait, throw instead of doing the work, or throw after it. The author of all
   * its comments is the token's account.
   */
  client(around?: (call: string, work: () => Promise<unknown>) => Promise<unknown>): GitHubWrites
  /** What somebody else writes. */
  foreign(body: string): IssueComment
}

export const memoryGitHub = (): MemoryGitHub => {
  const comments: IssueComment[] = []
  const deployments: KeptDeployment[] = []
  let nextId = 1
  const added = (body: string, isOwn: boolean): IssueComment => {
    const id = nextId++
    const comment = { id, body, isOwn, url: `https://github.com/shop/server/pull/12#issuecomment-${id}` }
    comments.push(comment)
    return { ...comment }
  }
  const gone = (what: string) => githubError('gone', `GitHub could not find ${what}.`)
  const deploymentOf = (id: number): KeptDeployment => {
    const found = deployments.find((one) => one.id === id)
    if (found === undefined) throw gone('the deployment')
    return found
  }
  const plain = {
    comments: () => comments.map((one) => ({ ...one })),
    createComment: (_issue, body) => added(body, true),
    updateComment: (id, body) => {
      const found = comments.find((one) => one.id === id)
      if (found === undefined) throw gone('the comment')
      found.body = body
    },
    deleteComment: (id) => {
      const at = comments.findIndex((one) => one.id === id)
      if (at >= 0) comments.splice(at, 1)
    },
    deployments: ({ task, most = Infinity }) =>
      deployments
        .filter((one) => task === undefined || one.task === task)
        .map(({ states: _, descriptions: __, ...one }) => one)
        .reverse()
        .slice(0, most),
    createDeployment: ({ ref, task, payload }) => {
      const made = { id: nextId++, ref, sha: ref, task, payload }
      deployments.push({ ...made, states: [], descriptions: [] })
      return made
    },
    deploymentState: (id) => deploymentOf(id).states.at(-1),
    setDeploymentState: (id, { state, description }) => {
      const found = deploymentOf(id)
      found.states.push(state)
      found.descriptions.push(description)
    }
  } satisfies {
    [Name in keyof GitHubWrites]: (
      ...given: Parameters<GitHubWrites[Name]>
    ) => Awaited<ReturnType<GitHubWrites[Name]>>
  }
  return {
    comments,
    deployments,
    foreign: (body) => added(body, false),
    client: (around = (_call, work) => work()) =>
      Object.fromEntries(
        Object.entries(plain).map(([name, act]) => [
          name,
          (...given: never[]) =>
            around(name, () =>
              Promise.resolve().then(() => (act as (...given: never[]) => unknown)(...given))
            )
        ])
      ) as unknown as GitHubWrites
  }
}

/** A run that the runner kills. */
export const KILLED = new Error('killed')

/** What happens to the requests of one run, by their number; what is not named is answered. */
export type Fate = 'killed-before' | 'killed-after' | 'lost-before' | 'lost-after'

/** A client's way through a scheduler: each request waits for its turn, and so does its answer. */
export const fated = (
  fates: Readonly<Record<number, Fate>>,
  turn: (label: string) => Promise<void>
): ((call: string, work: () => Promise<unknown>) => Promise<unknown>) => {
  let count = 0
  let isDead = false
  return async (call, work) => {
    const fate = fates[count++]
    // A lost answer matters where a call is sent once; the others are repeated below the port.
    const isLost = fate?.startsWith('lost') === true && call.startsWith('create')
    await turn(call)
    if (isDead || fate === 'killed-before') {
      isDead = true
      throw KILLED
    }
    if (isLost && fate === 'lost-before') throw githubError('unavailable', 'lost')
    const result = await work()
    await turn(`${call} answered`)
    if (fate === 'killed-after') {
      isDead = true
      throw KILLED
    }
    if (isLost) throw githubError('unavailable', 'lost')
    return result
  }
}
