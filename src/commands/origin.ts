import type { Repository, Run } from '../domain/commit.js'
import type { HistoryInputs, RollbackInputs } from '../inputs/types.js'
import { type Workflow, workflowFile } from '../domain/workflow.js'
import { hasFailed, type Target } from '../domain/event.js'
import type { RunContext } from '../ports.js'
import { fileOf, type ScriptFiles } from '../report/script.js'

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

/**
 * Where the scripts of failed events are in the repository. `folder` is the bundled folder, relative to the workspace. A script that Git
 * does not track was built, and the commit of a checkout of something else is not in this repository: there is nothing to link.
 */
export const scriptFiles = (
  targets: readonly Target[],
  folder: string | undefined,
  { commit, context: { eventCommit, checkedOut, tracks } }: { commit: string; context: RunContext }
): ScriptFiles | undefined => {
  const names = new Set(
    targets
      .flatMap(({ events }) => events.filter(hasFailed))
      .map(({ diagnostics }) => diagnostics?.scriptName ?? '')
  )
  if (names.size === 0) return undefined
  const bundled = checkedOut()
  if (bundled === undefined || ![commit, eventCommit].includes(bundled)) return undefined
  const paths = new Map<string, string>()
  for (const name of names) {
    const path = fileOf(name, folder)
    if (path !== undefined && tracks(path)) paths.set(name, path)
  }
  return { commit: bundled, paths }
}
