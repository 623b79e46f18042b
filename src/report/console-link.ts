import { isCommit, type Repository } from '../domain/commit.js'
import type { Workflow } from '../domain/workflow.js'

/** The host of the AWS console in the region's partition. Isolated partitions have no public address. */
const consoleHost = (region: string): string | undefined => {
  if (region.startsWith('cn-')) return `${region}.console.amazonaws.cn`
  if (region.startsWith('us-gov-')) return `${region}.console.amazonaws-us-gov.com`
  if (/^(us-iso|eu-iso|eusc-)/.test(region)) return undefined
  return `${region}.console.aws.amazon.com`
}

/** The page of a deployment in the AWS console; undefined for a partition whose console address is not public. */
export const deploymentUrl = (region: string, deploymentId: string): string | undefined => {
  const host = consoleHost(region)
  const id = encodeURIComponent(deploymentId)
  return host === undefined
    ? undefined
    : `https://${host}/codesuite/codedeploy/deployments/${id}?region=${encodeURIComponent(region)}`
}

/** The page of a commit; undefined without a repository or for text that is not a commit. */
export const commitUrl = (
  repository: Repository | undefined,
  commit: string | undefined
): string | undefined =>
  repository === undefined || commit === undefined || !isCommit(commit)
    ? undefined
    : `${repository.serverUrl}/${repository.name}/commit/${commit}`

/** A line of a file at a commit, or the file; undefined where repository, commit or path is not known. */
export const fileUrl = (
  repository: Repository | undefined,
  { commit, path, line }: { commit: string | undefined; path: string | undefined; line?: number | undefined }
): string | undefined =>
  repository === undefined || commit === undefined || path === undefined || !isCommit(commit)
    ? undefined
    : `${repository.serverUrl}/${repository.name}/blob/${commit}/${path.split('/').map(encodeURIComponent).join('/')}${line === undefined ? '' : `#L${line}`}`

/** The page of a workflow run; undefined without a repository, or for text that is not the number of a run. */
export const runUrl = (repository: Repository | undefined, runId: string | undefined): string | undefined =>
  repository === undefined || runId === undefined || !/^\d+$/.test(runId)
    ? undefined
    : `${repository.serverUrl}/${repository.name}/actions/runs/${runId}`

/** The page of a workflow, where a person starts it by hand. */
export const workflowUrl = ({ repository, file }: Workflow): string =>
  `${repository.serverUrl}/${repository.name}/actions/workflows/${encodeURIComponent(file)}`

/** The page that compares two commits; undefined when there is nothing to compare. */
export const compareUrl = (
  repository: Repository | undefined,
  from: string | undefined,
  to: string | undefined
): string | undefined =>
  repository === undefined ||
  from === undefined ||
  to === undefined ||
  from === to ||
  ![from, to].every((sha) => isCommit(sha))
    ? undefined
    : `${repository.serverUrl}/${repository.name}/compare/${from}...${to}`
