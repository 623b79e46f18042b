import { isCommit, short } from '../domain/commit.js'
import type { Deployment } from '../domain/deployment.js'
import { type HistoryRow, waysBack } from '../domain/history.js'
import type { Identity } from '../domain/identity.js'
import type { Live } from '../domain/live.js'
import type { BundleChanges, Manifest } from '../domain/manifest.js'
import type { Known } from '../domain/plan.js'
import { type RevisionLocation, sameRevision } from '../domain/revision.js'
import type { HistoryInputs, RollbackInputs } from '../inputs/types.js'
import type { World } from '../ports.js'
import type { GoingBack, ListedChange } from '../report/changes.js'
import { otherParts } from '../report/live.js'
import { changesBetween, inTime, type ManifestReader, readManifest } from '../steps/manifest.js'
import { openManifests } from './manifest.js'

/** How long manifests are waited for: nobody wants to wait for them while the site is broken. */
const MOST_MS = 5_000
/** What is live and these: four manifests at most. */
const LISTED = 3

interface Reading {
  inputs: HistoryInputs | RollbackInputs
  identity: Identity
  world: World
}

/** Reads manifests, each from the bucket of its bundle, and none twice. */
const manifestReader = ({ inputs, identity, world }: Reading, signal: AbortSignal): ManifestReader => {
  const read = new Map<string, Promise<Known<Manifest>>>()
  return (location) => {
    const bucket = location?.kind === 's3' ? location.bucket : inputs.bucket
    const id = JSON.stringify(location?.kind === 's3' ? [bucket, location.key] : location)
    const reading =
      read.get(id) ??
      openManifests({ ...inputs, bucket }, identity, world).then((store) =>
        readManifest(location, store, signal)
      )
    read.set(id, reading)
    return reading
  }
}

/** A rollback to `target`, which people call `to`. */
interface Going {
  target: RevisionLocation
  to: string
  undoes: Deployment | undefined
  live: Live
}

/**
 * What a rollback changes on the servers, from the manifests of what it replaces and of its target. Begun beside what happens
 * before anything is stopped; only a cancel rejects it.
 */
export const readGoingBack = (going: Going, reading: Reading): Promise<GoingBack> => {
  const found = findGoingBack(going, reading)
  // Something else may end the run before this is awaited.
  found.catch(() => undefined)
  return found
}

const findGoingBack = async ({ target, to, undoes, live }: Going, reading: Reading): Promise<GoingBack> => {
  if (live.kind === 'commit' && sameRevision(live.deployment.revision, target)) return { alreadyOn: to }
  if (undoes === undefined) return { unknown: 'what is live is not known.' }
  if (otherParts(live, target).length > 1) return { unknown: 'more than one other revision is live.' }
  const { clock, canceled: signal } = reading.world
  return inTime(
    MOST_MS,
    (either) => changesBetween(undoes.revision, target, manifestReader(reading, either)),
    { clock, signal }
  )
}

/** What going back to the newest few rows of a list would change. */
export const readListedChanges = async (
  rows: readonly HistoryRow[],
  live: Live,
  reading: Reading
): Promise<ListedChange[]> => {
  const ways = new Map<string, HistoryRow>()
  for (const [id, way] of waysBack(rows)) {
    const row = rows.find(({ deploymentId }) => deploymentId === id)
    if (row !== undefined && !ways.has(way)) ways.set(way, row)
  }
  const first = [...ways].slice(0, LISTED)
  const named = first.map(([way]) => ({ way, name: isCommit(way) ? short(way) : way }))
  const same = (changes: Known<BundleChanges>): ListedChange[] => named.map((one) => ({ ...one, changes }))
  if (live.kind !== 'commit' || first.length === 0)
    return same({ unknown: 'it is not one known revision that is live.' })
  const { world } = reading
  const found = await inTime(
    MOST_MS,
    async (signal) => {
      const read = manifestReader(reading, signal)
      const changes = first.map(([, { revision }]) =>
        changesBetween(live.deployment.revision, revision, read)
      )
      return { value: await Promise.all(changes) }
    },
    { clock: world.clock, signal: world.canceled }
  )
  return 'unknown' in found
    ? same(found)
    : named.map((one, at) => ({ ...one, changes: found.value[at] ?? { unknown: 'it was not read.' } }))
}
