import { rowsOf } from '../steps/rows.js'
import type { DeploymentGroup } from '../domain/group.js'
import { type HistoryRow, waysBack, withRecord } from '../domain/history.js'
import type { Identity } from '../domain/identity.js'
import { EMPTY_RECORD, type GroupRecord } from '../domain/record.js'
import type { Attempt } from '../domain/serving.js'
import type { HistoryInputs, RollbackInputs } from '../inputs/types.js'
import type { World } from '../ports.js'
import type { BundleStore, RecordStore } from '../storage-port.js'
import type { ListedChange } from '../report/changes.js'
import { historyLines, historySummary, type Listed } from '../report/history.js'
import { jsonWithin } from '../report/json.js'
import { signature } from '../report/signature.js'
import { type Zone, zoneOf } from '../report/times.js'
import { readHistory } from '../steps/history.js'
import { type LiveReading, type LiveSources, readLive } from '../steps/live.js'
import { isAvailable } from '../steps/locate.js'
import { readRecord, whyNot } from '../steps/record.js'
import { readListedChanges } from './changes.js'
import { identifyRun, liveSources } from './connect.js'
import { tellLive } from './live.js'
import { originOf, rollbackWorkflowOf } from './origin.js'
import { openRecord } from './record.js'

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
      store: await world.store({ region, bucket: '' }, identity),
      identity,
      record: inputs.bucket === '' ? undefined : await openRecord(inputs, identity, world)
    }
  })
  await listDeployments({ ...entered, zone }, inputs, world)
  return 0
}

/** Where the list comes from, and how its times are written. */
interface Listing {
  group: DeploymentGroup
  live: LiveSources
  store: BundleStore
  record: RecordStore | undefined
  zone: Zone
  identity: Identity
}

/** Reads the newest deployments and what is live, and shows them. */
export const listDeployments = async (
  { group, live, store, record, zone, identity }: Listing,
  inputs: HistoryInputs | RollbackInputs,
  world: World
): Promise<void> => {
  const [[reading, attempts], known] = await Promise.all([
    readBoth(group, live, inputs.limit),
    knownOf(record, world)
  ])
  const denials: unknown[] = []
  const rows = withRecord(
    await rowsOf(attempts, reading, (location) =>
      isAvailable(location, store, (refusal) => denials.push(refusal))
    ),
    known
  )
  if (denials.length > 0) world.runner.info(unchecked(denials[0]))
  const hold = known.hold && `On hold, so nothing is deployed. Held by ${signature(known.hold, zone)}.`
  if (hold !== undefined) world.runner.info(hold)
  if (rows.length > 0) tellLive(reading.live, world)
  const changes = await readListedChanges(rows, reading.live, { inputs, identity, world })
  await showRows(rows, inputs, { zone, hold, changes, world })
}

/** Said once, however many bundles it is about. */
export const unchecked = (refusal: unknown): string =>
  `Whether bundles are still stored as they were deployed cannot be checked: ${whyNot(refusal)}.`

/** The record, if it can be read; the list does not depend on it. */
const knownOf = async (record: RecordStore | undefined, world: World): Promise<GroupRecord> => {
  const reading = record === undefined ? { record: EMPTY_RECORD } : await readRecord(record)
  if ('record' in reading) return reading.record
  world.runner.info(
    `Reasons and holds are not shown: ${record?.address ?? ''} cannot be read: ${reading.unreadable}`
  )
  return EMPTY_RECORD
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
  inputs: HistoryInputs | RollbackInputs,
  { world, ...more }: Pick<Listed, 'zone' | 'hold'> & { changes: readonly ListedChange[]; world: World }
): Promise<void> => {
  const { runner, context, paint } = world
  const { application, group } = inputs
  const listed: Listed = {
    now: new Date(world.clock.now()),
    ...more,
    application,
    group,
    region: inputs.identity.region,
    repository: originOf(context).repository,
    workflow: rollbackWorkflowOf(inputs, context)
  }
  for (const line of historyLines(rows, { paint, ...listed })) runner.info(line)
  const ways = waysBack(rows)
  const json = rows.map((row) => {
    const way = ways.get(row.deploymentId)
    return toJson(row, way, countsOf(more.changes.find((one) => one.way === way)))
  })
  runner.output('history', jsonWithin(json).text)
  await runner.summary(historySummary(rows, listed))
}

/** In kebab case, like the outputs, with times in UTC, and without the revision's pin. `way` is what a rollback takes as `commit`. */
const toJson = (
  row: HistoryRow,
  way: string | undefined,
  changes: Record<string, number> | null
): Record<string, unknown> => ({
  'deployment-id': row.deploymentId,
  commit: row.commit ?? null,
  subject: row.subject ?? null,
  status: row.status,
  who: row.who ?? null,
  reason: row.reason ?? null,
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
  changes,
  restart: row.restart === true,
  revision: row.revisionText
})

/** What going back to a row would change, in numbers; null if that is not known. */
const countsOf = (listed: ListedChange | undefined): Record<string, number> | null => {
  if (listed === undefined || 'unknown' in listed.changes) return null
  const { added, changed, removed, modeChanged, hooks } = listed.changes.value
  return {
    added: added.length,
    changed: changed.length,
    removed: removed.length,
    'mode-changed': modeChanged.length,
    hooks: hooks.length
  }
}
