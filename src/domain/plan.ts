import type { Finding } from './bundle.js'
import type { Deployment } from './deployment.js'
import type { Target } from './event.js'
import type { FreezeWindow } from './freeze.js'
import type { DeploymentGroup } from './group.js'
import type { HistoryRow } from './history.js'
import type { Live } from './live.js'
import type { BundleChanges } from './manifest.js'
import type { ProposedTree } from './pull-request.js'
import type { Hold, Undone } from './record.js'

/** A value, or why it is not known. */
export type Known<T> = { value: T } | { unknown: string }

/** A commit that would go live. */
export interface ShippedCommit {
  sha: string
  subject: string
  author?: string | undefined
}

/** What is in the tree and not in the live commit, according to GitHub. */
export interface Shipment {
  from: string
  to: string
  /** Oldest first; the newest ones where there are more than GitHub lists. */
  commits: readonly ShippedCommit[]
  /** How many there are. */
  total: number
  /** Commits that are live and would be gone. */
  lost: number
  files: readonly { path: string; change: 'added' | 'changed' | 'removed' }[]
  /** False where GitHub lists only some of the files. */
  isWhole: boolean
}

/** What changes on the servers, and the bundles that are compared. */
export interface ServerChanges extends BundleChanges {
  /** The live bundle. */
  live: { files: number; bytes: number }
}

/** How long the last deployments took: medians in milliseconds. */
export interface Expectation {
  toTrafficMs: number
  /** Until the old fleet was terminated; undefined where no deployment has ended. */
  toEndMs: number | undefined
  /** How many deployments this is based on. */
  count: number
}

/** Why a deploy would not start now. */
export type Obstacle =
  | { kind: 'holder'; deployment: Deployment; targets: readonly Target[] }
  | { kind: 'hold'; hold: Hold }
  | { kind: 'frozen'; window: FreezeWindow }
  | { kind: 'undone'; undone: Undone }

/** What merging a pull request would deploy, and how. */
export interface Plan {
  tree: ProposedTree
  bundle: { files: number; bytes: number; findings: readonly Finding[] }
  group: DeploymentGroup
  live: Live
  shipment: Known<Shipment>
  servers: Known<ServerChanges>
  expected: Expectation | undefined
  obstacles: readonly Obstacle[]
  /** What else could not be found out. */
  gaps: readonly string[]
}

/** How many deployments an expectation is based on at most. */
export const EXPECTED_FROM = 5

/** From the newest deployments of a person or a workflow that put their revision into service; rollbacks by the service are quicker. */
export const expectationOf = (rows: readonly HistoryRow[]): Expectation | undefined => {
  const good = rows
    .filter(
      ({ creator, served, timeToTrafficMs }) => creator === 'user' && served && timeToTrafficMs !== undefined
    )
    .slice(0, EXPECTED_FROM)
  const toTrafficMs = median(good.flatMap((row) => row.timeToTrafficMs ?? []))
  if (toTrafficMs === undefined) return undefined
  return { toTrafficMs, toEndMs: median(good.flatMap((row) => row.durationMs ?? [])), count: good.length }
}

const median = (values: readonly number[]): number | undefined => {
  const sorted = [...values].sort((one, other) => one - other)
  const middle = sorted.length / 2
  return sorted.length % 2 === 1
    ? sorted[Math.floor(middle)]
    : sorted.length === 0
      ? undefined
      : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
}

/** Files below one folder, by what happens to them. */
export interface FolderChanges {
  /** `src/domain`, or empty for the root. */
  folder: string
  added: number
  changed: number
  removed: number
}

/** The folders of some changes, most changes first; a path counts for its two outermost folders. */
export const byFolder = (
  files: readonly { path: string; change: 'added' | 'changed' | 'removed' }[]
): FolderChanges[] => {
  const folders = new Map<string, FolderChanges>()
  for (const { path, change } of files) {
    const folder = path.split('/').slice(0, -1).slice(0, 2).join('/')
    const known = folders.get(folder) ?? { folder, added: 0, changed: 0, removed: 0 }
    known[change] += 1
    folders.set(folder, known)
  }
  const sum = ({ added, changed, removed }: FolderChanges): number => added + changed + removed
  return [...folders.values()].sort(
    (one, other) => sum(other) - sum(one) || (one.folder < other.folder ? -1 : 1)
  )
}
