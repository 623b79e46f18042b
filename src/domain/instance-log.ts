import type { EventChange } from './event.js'

/** Who is asked for an instance's own words: its SSM agent, or EC2 for what it wrote to its serial console. */
export const LOG_SOURCES = ['ssm', 'console'] as const
export type LogSource = (typeof LOG_SOURCES)[number]

/** An instance whose logs are wanted, and where the agent keeps those of its scripts. */
export interface LogQuestion {
  instanceId: string
  deploymentId: string
  /** The id of the deployment group, which is a folder of the agent. */
  groupId: string
}

/** The last lines of one log of one instance, already harmless and without known secrets. */
export interface InstanceLog extends LogQuestion {
  /** The CodeDeploy agent's own log, that of its scripts, or the serial console. */
  name: 'agent' | 'scripts' | 'console'
  lines: readonly string[]
}

/** The parameters of the SSM document, which examples/aws/codedeploy-instance-logs.yaml checks again by the same patterns. */
export const documentParameters = ({ deploymentId, groupId }: LogQuestion): Record<string, string> => ({
  deploymentId,
  groupId
})

/** What the SSM document wrote: the text of each log that is there, and those that are not. */
export interface DocumentOutput {
  logs: { name: 'agent' | 'scripts'; text: string }[]
  missing: ('agent' | 'scripts')[]
}

/**
 * The document puts the log's name before each line, so no line of a log can pass for one of another log. Undefined for the
 * output of a document that does not; no output at all is that of empty logs.
 */
export const parseDocumentOutput = (output: string): DocumentOutput | undefined => {
  const lines = output.split('\n')
  const linesOf = (name: string): string[] =>
    lines.filter((line) => line.startsWith(`${name}: `)).map((line) => line.slice(name.length + 2))
  const names = ['agent', 'scripts'] as const
  const logs = names.map((name) => ({ name, text: linesOf(name).join('\n') }))
  const missing = names.filter((name) => lines.includes(`${name} is missing`))
  const found = logs.filter(({ text }) => text !== '')
  return found.length + missing.length === 0 && output.trim() !== '' ? undefined : { logs: found, missing }
}

/** How many instances are asked: when hundreds fail, they mostly share one cause. */
export const MOST_ASKED = 3

/** Failures of the same kind are worth the logs of one instance. */
export const failureKind = ({ event: { name, diagnostics } }: EventChange): string =>
  JSON.stringify([name, diagnostics?.errorCode, diagnostics?.scriptName])
