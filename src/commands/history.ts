import type { HistoryRow } from '../domain/history.js'
import type { HistoryInputs } from '../inputs/types.js'
import { historyLines, historySummary } from '../report/history.js'
import { jsonWithin } from '../report/json.js'
import { readHistory } from '../steps/history.js'
import { isAvailable } from '../steps/locate.js'
import { rowsOf } from '../steps/rows.js'
import type { World } from '../world.js'
import { identifyRun } from './identity.js'
import { originOf } from './origin.js'

/** The rollback screen: the newest deployments as a table in the log and the summary, and as JSON. */
export const runHistory = async (inputs: HistoryInputs, world: World): Promise<number> => {
  const { identity: asWhom, application, group, limit } = inputs
  const { service, store } = await identifyRun(asWhom, world, async (identity) => {
    const service = await world.codeDeploy(asWhom.region, identity, world.canceled)
    // Asked for first: a group that does not exist is an error, not an empty list.
    await service.group(application, group)
    return { service, store: await world.store({ region: asWhom.region, bucket: '' }, identity) }
  })
  const seen = await readHistory(service, { application, group, limit, now: world.clock.now() })
  await showRows(await rowsOf(seen, (location) => isAvailable(location, store)), inputs, world)
  return 0
}

/** Prints the table and gives it on as JSON. */
export const showRows = async (
  rows: readonly HistoryRow[],
  listed: { application: string; group: string },
  world: World
): Promise<void> => {
  const { runner, context } = world
  const { repository } = originOf(context)
  for (const line of historyLines(rows, world.paint)) runner.info(line)
  runner.output('history', jsonWithin(rows.map(toJson)).text)
  await runner.summary(
    historySummary(rows, {
      application: listed.application,
      group: listed.group,
      ...(repository === undefined ? {} : { repository })
    })
  )
}

/** Kebab-case like the outputs; the revision's own pin stays inside. */
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
