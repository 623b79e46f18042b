import { rowsOf } from '../steps/rows.js'
import type { DeploymentGroup } from '../domain/group.js'
import type { HistoryRow } from '../domain/history.js'
import type { Attempt } from '../domain/serving.js'
import type { HistoryInputs } from '../inputs/types.js'
import type { BundleStore, World } from '../ports.js'
import { historyLines, historySummary } from '../report/history.js'
import { jsonWithin } from '../report/json.js'
import { liveLine } from '../report/live.js'
import { readHistory } from '../steps/history.js'
import { type LiveReading, type LiveSources, readLive } from '../steps/live.js'
import { isAvailable } from '../steps/locate.js'
import { identifyRun, liveSources } from './connect.js'
import { originOf } from './origin.js'

/** The rollback screen: the newest deployments as a table in the log and the summary, and as JSON. */
export const runHistory = async (inputs: HistoryInputs, world: World): Promise<number> => {
  const { identity: asWhom, application, group: name } = inputs
  const { region } = asWhom
  const entered = await identifyRun(asWhom, world, async (identity) => {
    const service = await world.codeDeploy(region, identity, world.canceled)
    return {
      // Read first: a group that does not exist is an error, not an empty list.
      group: await service.group(application, name),
      live: await liveSources(service, { region, identity }, world),
      store: await world.store({ region, bucket: '' }, identity)
    }
  })
  await listDeployments(entered, inputs, world)
  return 0
}

/** Reads the newest deployments and what is live, and shows them. */
export const listDeployments = async (
  { group, live, store }: { group: DeploymentGroup; live: LiveSources; store: BundleStore },
  { limit }: { limit: number },
  world: World
): Promise<void> => {
  const [reading, attempts] = await readBoth(group, live, limit)
  const rows = await rowsOf(attempts, reading, (location) => isAvailable(location, store))
  if (rows.length > 0) world.runner.info(liveLine(reading.live))
  await showRows(rows, { application: group.application, group: group.name }, world)
}

/** What is live, and the newest deployments: neither list needs the other, so they are read side by side. */
const readBoth = (
  group: DeploymentGroup,
  live: LiveSources,
  limit: number
): Promise<[LiveReading, Attempt[]]> => {
  const reading = readLive(group, live)
  const known = reading.then(({ attempts }) => attempts)
  const options = { application: group.application, group: group.name, limit }
  return Promise.all([reading, readHistory(live.service, options, known)])
}

/** Prints the table and outputs it as JSON. */
const showRows = async (
  rows: readonly HistoryRow[],
  listed: { application: string; group: string },
  world: World
): Promise<void> => {
  const { runner, context } = world
  const { repository } = originOf(context)
  for (const line of historyLines(rows, world.paint)) runner.info(line)
  runner.output('history', jsonWithin(rows.map(toJson)).text)
  await runner.summary(historySummary(rows, { ...listed, repository }))
}

/** In kebab case, like the outputs, and without the revision's pin. */
const toJson = (row: HistoryRow): Record<string, unknown> => ({
  'deployment-id': row.deploymentId,
  commit: row.commit ?? null,
  subject: row.subject ?? null,
  status: row.status,
  who: row.who ?? null,
  'started-at': row.startedAt.toISOString(),
  'time-to-traffic-ms': row.timeToTrafficMs ?? null,
  'duration-ms': row.durationMs ?? null,
  live: row.live,
  'rollback-of': row.rollbackOf ?? null,
  'rolled-back-by': row.rolledBackBy ?? null,
  creator: row.creator,
  available: row.available,
  addressable: row.addressable,
  revision: row.revisionText
})
