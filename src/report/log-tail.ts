import { cut } from './columns.js'
import { logLines } from './escape.js'

/** Lines and cells of a log tail that are shown: the agent sends 2 KB, the service promises up to 4 KB (reference §2.3). */
const MOST_LINES = 60
const MOST_CELLS = 400

/**
 * The last lines of a script's output, safe for the log, with a word first if some were left out. The service does not
 * promise a size (captures §11), so it is bounded here.
 */
export const tailLines = (logTail: string, most = MOST_LINES): string[] => {
  // A hundred bytes a cell is more than any honest text has; the rest is never looked at.
  const lines = logLines(logTail.slice(-most * MOST_CELLS * 4))
  const shown = lines.slice(-most).map((line) => cut(line, MOST_CELLS))
  return lines.length > most ? [`… ${lines.length - most} earlier lines are not shown`, ...shown] : shown
}

/** Where the full output of the scripts of a deployment is on a server (reference §2.3). */
export const scriptsLog = (deploymentId: string, groupId: string | undefined): string =>
  `/opt/codedeploy-agent/deployment-root/${groupId ?? '<deployment-group-id>'}/${deploymentId}/logs/scripts.log`
