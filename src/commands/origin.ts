import type { Repository, Run } from '../domain/commit.js'
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
