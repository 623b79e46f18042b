import { rowsOf } from '../steps/rows.js'
import type { DeploymentGroup } from '../domain/group.js'
import { type HistoryRow, waysBack } from '../domain/history.js'
import type { HistoryInputs, RollbackInputs } from '../inputs/types.js'
import type { BundleStore, World } from '../ports.js'
import { historyLines, historySummary, type Listed } from '../report/history.js'
import { jsonWithin } from '../report/json.js'
import { liveLine } from '../report/live.js'
import { type Zone, zoneOf } from '../report/times.js'
import { readHistory } from '../steps/history.js'
import { type LiveSources, readLive } from '../steps/live.js'
import { isAvailable } from '../steps/locate.js'
import { identifyRun, liveSources } from './connect.js'
import { originOf, rollbackWorkflowOf } from './origin.js'

/** The rollback screen: the newest deployments as a table in the log and the summary, and as JSON. */
export const runHistory = async (inputs: HistoryInputs, world: World): Promise<number> => {
  const { identity: asWhom, application, group: name } = inputs
  const { region } = asWhom
  const zone = zoneOf(inputs.timeZone)
  const entered = await identifyRun({ ...asWhom, zone }, world, async (identity) => {
    const service = await world.codeDeploy(region, identity, world.canceled)
    return {
      // Read first: a group that does not exist is an error, not an empty list.
      group: await service.group(application, name),
      live: await liveSources(service, { region, identity }, world),
      store: await world.store({ region, bucket: '' }, identity)
    }
  })
  await listDeployments({ ...entered, zone }, inputs, world)
  return 0
}

/** Reads the newest deployments and what is live, and shows them. */
export const listDeployments = async (
  { group, live, store, zone }: { group: DeploymentGroup; live: LiveSources; store: BundleStore; zone: Zone },
  inputs: HistoryInputs | RollbackInputs,
  world: World
): Promise<void> => {
  const { limit } = inputs
  const reading = await readLive(group, live)
  const options = { application: group.application, group: group.name, limit, now: world.clock.now() }
  const attempts = await readHistory(live.service, options, reading.attempts)
  const rows = await rowsOf(attempts, reading, (location) => isAvailable(location, store))
  if (rows.length > 0) world.runner.info(liveLine(reading.live))
  await showRows(rows, inputs, { zone, world })
}

/** Prints the table and outputs it as JSON. */
const showRows = async (
  rows: readonly HistoryRow[],
  inputs: HistoryInputs | RollbackInputs,
  { zone, world }: { zone: Zone; world: World }
): Promise<void> => {
  const { runner, context, paint } = world
  const { application, group } = inputs
  const listed: Listed = {
    now: new Date(world.clock.now()),
    zone,
    application,
    group,
    region: inputs.identity.region,
    repository: originOf(context).repository,
    workflow: rollbackWorkflowOf(inputs, context)
  }
  for (const line of historyLines(rows, { paint, ...listed })) runner.info(line)
  const ways = waysBack(rows)
  runner.output('history', jsonWithin(rows.map((row) => toJson(row, ways.get(row.deploymentId)))).text)
  await runner.summary(historySummary(rows, listed))
}

/** In kebab case, like the outputs, with times in UTC, and without the revision's pin. `way` is what a rollback takes as `commit`. */
const toJson = (row: HistoryRow, way: string | undefined): Record<string, unknown> => ({
  'deployment-id': row.deploymentId,
  commit: row.commit ?? null,
  subject: row.subject ?? null,
  status: row.status,
  who: row.who ?? null,
  'run-id': row.runId ?? null,
  'started-at': row.startedAt.toISOString(),
  'completed-at': row.completedAt?.toISOString() ?? null,
  'time-to-traffic-ms': row.timeToTrafficMs ?? null,
  'duration-ms': row.durationMs ?? null,
  live: row.live,
  'rollback-of': row.rollbackOf ?? null,
  'rolled-back-by': row.rolledBackBy ?? null,
  creator: row.creator,
  available: row.available,
  addressable: row.addressable,
  'roll-back-with': way ?? null,
  restart: row.restart === true,
  revision: row.revisionText
})
