import type { Repository } from './commit.js'

/** A workflow that a person can start by hand, by its file in `.github/workflows`. */
export interface Workflow {
  repository: Repository
  file: string
}

/** No slash, nothing invisible, and no dash at the start, which a command would take for an option. */
export const WORKFLOW_FILE = /^(?!-)[^/\\\p{C}]{1,250}\.ya?ml$/u

/**
 * The file of the workflow that a run belongs to, from GITHUB_WORKFLOW_REF (`owner/name/.github/workflows/file.yml@ref`);
 * undefined outside of a workflow, and for a workflow that is not a file of the repository.
 */
export const workflowFile = (workflowRef: string): string | undefined => {
  const file = /^[^/]+\/[^/]+\/\.github\/workflows\/([^/]+?\.ya?ml)@/.exec(workflowRef)?.[1]
  return file !== undefined && WORKFLOW_FILE.test(file) ? file : undefined
}
