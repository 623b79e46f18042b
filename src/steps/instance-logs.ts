import { documentParameters, type LogQuestion } from '../domain/instance-log.js'
import type { Clock, RunCommand } from '../ports.js'

/** The longest that anybody waits for the logs of an instance, in milliseconds. */
export const LOGS_WITHIN_MS = 30_000

/** A command is read this often, the first time as soon. */
const POLL_MS = 2_000

/** What SSM said of the document on the instance: its output, or the status with which it ended otherwise. */
export type DocumentRun = { kind: 'output'; text: string } | { kind: 'ended'; status: string }

/** Still to come, as far as the API's statuses say. */
const RUNNING: ReadonlySet<string> = new Set(['Pending', 'InProgress', 'Delayed', 'Cancelling'])

/** Runs the document on the instance, and waits for its end. Throws the refusal of a call, or the signal's reason. */
export const runDocument = async (
  document: string,
  question: LogQuestion,
  service: RunCommand,
  { clock, signal }: { clock: Clock; signal: AbortSignal }
): Promise<DocumentRun> => {
  const commandId = await service.send(document, question.instanceId, documentParameters(question))
  for (;;) {
    await clock.sleep(POLL_MS, signal)
    const invocation = await service.invocation(commandId, question.instanceId)
    if (invocation === undefined || RUNNING.has(invocation.status)) continue
    if (invocation.status === 'Success') return { kind: 'output', text: invocation.output }
    return { kind: 'ended', status: invocation.detail === '' ? invocation.status : invocation.detail }
  }
}
