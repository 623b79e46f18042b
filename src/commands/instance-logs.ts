import { hasFailed } from '../domain/event.js'
import type { News } from '../domain/event-changes.js'
import type { DeploymentGroup } from '../domain/group.js'
import type { Identity } from '../domain/identity.js'
import {
  failureKind,
  type InstanceLog,
  type LogQuestion,
  type LogSource,
  MOST_ASKED,
  parseDocumentOutput
} from '../domain/instance-log.js'
import type { DeploymentInputs } from '../inputs/types.js'
import type { Journal } from '../journal.js'
import type { World } from '../ports.js'
import { silentTargets } from '../report/explain.js'
import {
  CONSOLE_WARNING,
  emptyConsole,
  endedDocument,
  lastLines,
  lateLogs,
  noAgentLog,
  type NoLogs,
  otherOutput,
  refusedLogs
} from '../report/instance-logs.js'
import { type Ending, targetsOf } from '../report/story.js'
import { LOGS_WITHIN_MS, runDocument } from '../steps/instance-logs.js'
import { within } from '../steps/within.js'

/** The logs of instances that failed, as far as the inputs ask for them. */
export interface InstanceLogs {
  /** Hears of each failure when it is told, and asks for the logs beside the watching, so that they are read before anything is deleted. */
  journal: Journal
  /**
   * Every log that was read, each of which is in the job's log by then. Asks the instances whose agent never answered, too, which
   * shows only at the end; waits 30 s at most.
   */
  ofEnding: (ending: Ending) => Promise<readonly InstanceLog[]>
}

interface LogContext {
  inputs: DeploymentInputs
  identity: Identity
  group: DeploymentGroup
  world: World
}

/** Without the input, or without a failure, nothing is opened, called or said. */
export const instanceLogs = (journal: Journal, context: LogContext): InstanceLogs => {
  const { inputs, group, world } = context
  const kinds = new Set<string>()
  const asked = new Set<string>()
  const closed = new Set<LogSource>()
  const reading: Promise<void>[] = []
  const logs: InstanceLog[] = []
  let isWarned = false

  const warn = (): void => {
    if (isWarned) return
    isWarned = true
    journal.close()
    world.runner.annotate('warning', CONSOLE_WARNING)
  }
  const say = ({ line, ofAll }: NoLogs, source: LogSource): void => {
    if (closed.has(source)) return
    if (ofAll) closed.add(source)
    journal.close()
    world.runner.once(line)
  }
  const read = async (question: LogQuestion, source: LogSource): Promise<void> => {
    const found = await readLogs({ ...question, source, document: inputs.instanceLogsDocument }, context)
    if (world.canceled.aborted) return
    for (const log of found.logs) {
      if (source === 'console') warn()
      journal.tell({ kind: 'log', log })
    }
    logs.push(...found.logs)
    if (found.none !== undefined) say(found.none, source)
  }
  const ask = (kind: string, instanceId: string, deploymentId: string): void => {
    const name = `${instanceId} ${deploymentId}`
    if (world.canceled.aborted || kinds.has(kind) || asked.has(name) || asked.size >= MOST_ASKED) return
    kinds.add(kind)
    asked.add(name)
    for (const source of inputs.instanceLogs)
      if (!closed.has(source)) reading.push(read({ instanceId, deploymentId, groupId: group.id }, source))
  }
  const hear = (news: News): void => {
    if (news.kind === 'change' && hasFailed(news.change.event))
      ask(failureKind(news.change), news.change.target.id, news.deployment.id)
  }
  return {
    journal: {
      ...journal,
      tell: (news) => {
        journal.tell(news)
        hear(news)
      }
    },
    ofEnding: async (ending) => {
      const { id, status } = ending.deployment
      if (status === 'Failed')
        for (const target of silentTargets(targetsOf(ending))) ask('silent', target.id, id)
      await Promise.all(reading)
      return logs
    }
  }
}

type Asked = Parameters<typeof refusedLogs>[1]
interface Found {
  logs: InstanceLog[]
  none?: NoLogs
}

/** What a source has of an instance. Whatever keeps it from answering is a sentence, never an error of the run. */
const readLogs = async (asked: Asked, context: LogContext): Promise<Found> => {
  const { clock, canceled } = context.world
  try {
    const found = await within(LOGS_WITHIN_MS, { clock, signal: canceled }, (signal) =>
      (asked.source === 'ssm' ? readDocument : readConsole)(asked, context, signal)
    )
    return found ?? { logs: [], none: lateLogs(asked, LOGS_WITHIN_MS / 1000) }
  } catch (error) {
    return { logs: [], none: refusedLogs(error, asked) }
  }
}

const readDocument = async (asked: Asked, context: LogContext, signal: AbortSignal): Promise<Found> => {
  const { inputs, identity, world } = context
  const service = await world.runCommand(inputs.identity.region, identity, signal)
  const run = await runDocument(asked.document, asked, service, { clock: world.clock, signal })
  if (run.kind === 'ended') return { logs: [], none: endedDocument(run.status, asked) }
  const output = parseDocumentOutput(run.text)
  if (output === undefined) return { logs: [], none: otherOutput(asked) }
  const logs = output.logs.flatMap(({ name, text }) => logOf(name, text, asked, world))
  return output.missing.includes('agent') ? { logs, none: noAgentLog(asked) } : { logs }
}

const readConsole = async (asked: Asked, context: LogContext, signal: AbortSignal): Promise<Found> => {
  const { inputs, identity, world } = context
  const console = await world.consoleOutput(inputs.identity.region, identity, signal)
  const logs = logOf('console', (await console(asked.instanceId)) ?? '', asked, world)
  return logs.length === 0 ? { logs, none: emptyConsole(asked) } : { logs }
}

/** A log without a line is not shown. */
const logOf = (
  name: InstanceLog['name'],
  text: string,
  { instanceId, deploymentId, groupId }: Asked,
  { runner }: World
): InstanceLog[] => {
  const lines = lastLines(text, runner.hide)
  return lines.length === 0 ? [] : [{ name, instanceId, deploymentId, groupId, lines }]
}
