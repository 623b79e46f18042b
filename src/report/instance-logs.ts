import { counted } from '../domain/counted.js'
import { factsOf, faultOf, isDenied, wordsOf } from '../domain/fault.js'
import type { InstanceLog, LogQuestion, LogSource } from '../domain/instance-log.js'
import { allowIt } from '../domain/rights.js'
import { cut } from './columns.js'
import { code, fenced, forLog, logLines } from './escape.js'
import { AGENT_LOG } from './event-errors.js'
import { scriptsLog } from './failure.js'
import { hideSecrets } from './secrets.js'

/** How much of a log is shown. */
const MOST_LINES = 60
const MOST_CELLS = 400
/** The most that is looked at: all that a console has, and more than the SSM document may print. */
const MOST_CHARACTERS = 64 * 1024

/**
 * The last lines of a log, harmless for log and summary, without secrets. `hide` takes out those that this run knows; it is given
 * text without escape sequences, which could be in the middle of one, and before lines are cut.
 */
export const lastLines = (text: string, hide: (text: string) => string): string[] => {
  const harmless = logLines(text.slice(-MOST_CHARACTERS)).join('\n')
  return hideSecrets(hide(harmless).split('\n'))
    .filter((line) => line !== '')
    .slice(-MOST_LINES)
    .map((line) => cut(line, MOST_CELLS))
}

const pathOf = ({ name, deploymentId, groupId }: InstanceLog): string =>
  name === 'agent' ? AGENT_LOG : scriptsLog(deploymentId, groupId)

/** `Last 12 lines of /opt/…/scripts.log on i-…` */
const title = (log: InstanceLog, named: (text: string) => string): string => {
  const last = log.lines.length === 1 ? 'Last line' : `Last ${counted(log.lines.length, 'line')}`
  const id = named(log.instanceId)
  return log.name === 'console'
    ? `${last} of the console output of ${id}`
    : `${last} of ${named(pathOf(log))} on ${id}`
}

/** The title of a log's group. */
export const logTitle = (log: InstanceLog): string => title(log, forLog)

const logBlock = (log: InstanceLog): string =>
  [`<details><summary>${title(log, code)}</summary>`, fenced(log.lines).join('\n'), '</details>'].join('\n\n')

/** The logs for the summary, folded; empty when there are none. */
export const logBlocks = (logs: readonly InstanceLog[] = []): string[] =>
  logs.length === 0 ? [] : ['### Logs of the instances', ...logs.map(logBlock)]

/** Said before a console is shown. */
export const CONSOLE_WARNING =
  'The console output of an instance follows (`instance-logs: console`). It has whatever the user data and the system printed, secrets too, and whoever can read this run can read it. Use `ssm` instead, which shows only the logs of CodeDeploy.'

/** Why there are no logs, and whether the same would be said of every other instance. */
export interface NoLogs {
  line: string
  ofAll: boolean
}

type Asked = LogQuestion & { source: LogSource; document: string }

const SOURCE_NAMES: Readonly<Record<LogSource, string>> = { ssm: 'SSM', console: 'EC2' }

/** What a service's refusal means, by its name (API: errors of SendCommand and GetConsoleOutput). */
const REFUSALS: Readonly<Record<string, (asked: Asked) => NoLogs>> = {
  InvalidInstanceId: ({ instanceId }) => ({
    line: `SSM cannot reach ${instanceId}, so its logs are not shown (InvalidInstanceId): its SSM agent is not running, or its instance profile lacks AmazonSSMManagedInstanceCore.`,
    ofAll: false
  }),
  InvalidDocument: ({ document }) => ({
    line: `The logs of the instances are not shown: there is no SSM document ${document} in this account and region (InvalidDocument). Create it from examples/aws/codedeploy-instance-logs.yaml, or name yours in \`instance-logs-document\`.`,
    ofAll: true
  }),
  InvalidParameters: ({ document }) => ({
    line: `The logs of the instances are not shown: the SSM document ${document} does not accept deploymentId and groupId (InvalidParameters). Compare it with examples/aws/codedeploy-instance-logs.yaml.`,
    ofAll: true
  }),
  'InvalidInstanceID.NotFound': ({ instanceId }) => ({
    line: `${instanceId} is gone, so its console output is not shown (InvalidInstanceID.NotFound).`,
    ofAll: false
  })
}

/** What to say about a call that failed. */
export const refusedLogs = (error: unknown, asked: Asked): NoLogs => {
  const known = REFUSALS[factsOf(error).name]?.(asked)
  if (known !== undefined) return known
  const what = asked.source === 'ssm' ? 'logs of the instances' : 'console output of the instances'
  if (isDenied(error))
    return {
      line: `The ${what} cannot be read: to see them here, ${allowIt(error)}, and give the instances the tag that this policy names.`,
      ofAll: true
    }
  if (faultOf(error) === 'throttled')
    return {
      line: `The ${what} are not shown: ${SOURCE_NAMES[asked.source]} throttled the calls.`,
      ofAll: true
    }
  return { line: `The ${what} are not shown: ${wordsOf(error)}.`, ofAll: true }
}

/** What to say when no call failed, but nothing came of it. */
export const lateLogs = ({ instanceId, source }: Asked, seconds: number): NoLogs => ({
  line: `${SOURCE_NAMES[source]} had nothing from ${instanceId} within ${seconds} s, so its ${source === 'ssm' ? 'logs are' : 'console output is'} not shown.`,
  ofAll: false
})

export const endedDocument = (status: string, { document, instanceId }: Asked): NoLogs => ({
  line: `The SSM document ${document} ended as ${status} on ${instanceId}, so its logs are not shown: see the command in the console of Systems Manager.`,
  ofAll: false
})

export const otherOutput = ({ document, instanceId }: Asked): NoLogs => ({
  line: `What the SSM document ${document} printed on ${instanceId} has not the form of examples/aws/codedeploy-instance-logs.yaml, so it is not shown.`,
  ofAll: true
})

export const emptyConsole = ({ instanceId }: Asked): NoLogs => ({
  line: `EC2 has no console output of ${instanceId} yet.`,
  ofAll: false
})

/** For a silent instance, this is the cause. */
export const noAgentLog = ({ instanceId }: Asked): NoLogs => ({
  line: `${instanceId} has no ${AGENT_LOG}: the CodeDeploy agent is not installed there, or has never started.`,
  ofAll: false
})
