import type { Repository, Run } from '../domain/commit.js'
import type { HistoryInputs, RollbackInputs } from '../inputs/types.js'
import { type Workflow, workflowFile } from '../domain/workflow.js'
import type { RunContext } from '../ports.js'

/** Who started this run, and where its commits can be read; outside a workflow there is no run number and no repository. */
export const originOf = (context: RunContext): { run: Run; repository: Repository | undefined } => ({
  run: {
    id: context.runId,
    attempt: context.attempt,
    actor: context.actor === '' ? 'unknown' : context.actor
  },
  repository:
    context.repository === '' ? undefined : { serverUrl: context.serverUrl, name: context.repository }
})

/**
 * The workflow that rolls back: the one that the input names or, in a rollback, the one that is running. The workflow of a
 * `history` may be any other, even one that deploys, so it is never assumed.
 */
export const rollbackWorkflowOf = (
  { command, rollbackWorkflow }: Pick<RollbackInputs | HistoryInputs, 'command' | 'rollbackWorkflow'>,
  context: RunContext
): Workflow | undefined => {
  const { repository } = originOf(context)
  const file = rollbackWorkflow ?? (command === 'rollback' ? workflowFile(context.workflowRef) : undefined)
  return repository === undefined || file === undefined ? undefined : { repository, file }
}
