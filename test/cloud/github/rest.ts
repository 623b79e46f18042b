import type { Answer, Call } from '../wire/call.js'
import { GitHubRefusal, notFound } from './answers.js'
import { createComment, deleteComment, listComments, updateComment } from './comments.js'
import { compare, getCommit, getPull, getRun, getTree, listPulls } from './commits.js'
import {
  createDeployment,
  createStatus,
  listDeployments,
  listEnvironments,
  listStatuses
} from './deployments.js'
import type { Repository } from './repository.js'
import { answerGraphQL, checkLimits, checkToken, getUser, type Need } from './token.js'

type Operation = (call: Call, repository: Repository) => Answer

/** A workflow's token never has the administration of the repository. */
const deleteEnvironment: Operation = () => {
  throw new GitHubRefusal(403, 'Resource not accessible by integration')
}

const operations: Readonly<Record<string, readonly [Operation, Need?]>> = {
  GetCommit: [getCommit, ['contents', 'read']],
  CompareCommits: [compare, ['contents', 'read']],
  GetTree: [getTree, ['contents', 'read']],
  GetWorkflowRun: [getRun, ['actions', 'read']],
  GetPull: [getPull, ['pull-requests', 'read']],
  ListPulls: [listPulls, ['pull-requests', 'read']],
  ListComments: [listComments, ['pull-requests', 'read']],
  CreateComment: [createComment, ['pull-requests', 'write']],
  UpdateComment: [updateComment, ['pull-requests', 'write']],
  DeleteComment: [deleteComment, ['pull-requests', 'write']],
  ListGitHubDeployments: [listDeployments, ['deployments', 'read']],
  CreateGitHubDeployment: [createDeployment, ['deployments', 'write']],
  ListGitHubDeploymentStatuses: [listStatuses, ['deployments', 'read']],
  CreateGitHubDeploymentStatus: [createStatus, ['deployments', 'write']],
  ListEnvironments: [listEnvironments, ['actions', 'read']],
  DeleteEnvironment: [deleteEnvironment],
  GetUser: [getUser],
  GraphQL: [answerGraphQL]
}

/** GitHub's API as far as the action uses it. */
export const serveGitHub = (call: Call, repository: Repository): Answer => {
  const [operation, need] = operations[call.operation] ?? []
  checkToken(call, need, repository)
  checkLimits(call, repository)
  if (operation === undefined) throw notFound()
  return operation(call, repository)
}
