import { ACTIVE_STATUSES, holders } from '../domain/deployment.js'
import { wordsOf } from '../domain/fault.js'
import { frozenBy, type FreezeWindow } from '../domain/freeze.js'
import type { DeploymentGroup } from '../domain/group.js'
import { type Live, liveName } from '../domain/live.js'
import { compareManifests, type Manifest } from '../domain/manifest.js'
import {
  EXPECTED_FROM,
  expectationOf,
  type Known,
  type Obstacle,
  type Plan,
  type ServerChanges,
  type Shipment
} from '../domain/plan.js'
import type { ProposedTree } from '../domain/pull-request.js'
import type { GitHub, Tree } from '../github-port.js'
import type { CodeDeploy } from '../ports.js'
import type { ManifestStore, RecordStore } from '../storage-port.js'
import { readHistory, targetsOf } from './history.js'
import { type LiveReading, type LiveSources, readLive } from './live.js'
import { readManifest } from './manifest.js'
import { readRecord } from './record.js'
import { rowsOf } from './rows.js'

/** Where a plan reads; nothing here changes anything. */
export interface PlanSources extends LiveSources {
  service: Pick<CodeDeploy, 'deploymentIds' | 'deployments' | 'targetIds' | 'targets'>
  record: RecordStore
  /** Undefined without a token. */
  github: Pick<GitHub, 'compare' | 'tree'> | undefined
  /** What is in the stored bundles. */
  manifests: Pick<ManifestStore, 'address' | 'read'>
}

export interface PlanOptions {
  tree: ProposedTree
  /** What a deploy would store; without entries, the bundle cannot be read. */
  manifest: Manifest
  /** False when the AppSpec has mistakes, so that some of its hooks may not have been read. */
  knowsHooks: boolean
  freeze: readonly FreezeWindow[]
  /** Epoch milliseconds. */
  now: number
}

type Reading = Omit<Plan, 'tree' | 'bundle' | 'group'>

/** What merging would deploy to a group, and how. What GitHub, S3 or the record do not say is left out with its reason. */
export const readPlan = async (
  group: DeploymentGroup,
  sources: PlanSources,
  { tree, manifest, knowsHooks, freeze, now }: PlanOptions
): Promise<Reading> => {
  const reading = readLive(group, sources)
  const compared = reading.then(({ live }) =>
    Promise.all([
      readShipment(live, tree, sources.github),
      readServers(live, { manifest, knowsHooks }, sources)
    ])
  )
  const [{ live }, [shipment, servers], expected, obstacles] = await Promise.all([
    reading,
    compared,
    reading.then((known) => readExpectation(group, known, sources.service)),
    readObstacles(group, sources, { treeHash: manifest.contentHash, freeze, now })
  ])
  return { live, shipment, servers, expected, ...obstacles }
}

const unknown = (why: string): { unknown: string } => ({ unknown: why })

/** Which commits and files of the repository are in the tree, but not in what is live. */
export const readShipment = async (
  live: Live,
  { commit: to, kind }: ProposedTree,
  github: PlanSources['github']
): Promise<Known<Shipment>> => {
  const from = live.kind === 'commit' ? (liveName(live) ?? '') : ''
  if (!/^[0-9a-f]{40}$/.test(from))
    return unknown('what is live is not one commit that this action has deployed.')
  if (to === '') return unknown('which commit the workspace has checked out is not known.')
  if (github === undefined) return unknown('this step has no `github-token` to ask GitHub with.')
  try {
    const comparison = await github.compare(from, to)
    if (comparison === undefined)
      return unknown(
        `GitHub does not know \`${from.slice(0, 8)}\` and \`${to.slice(0, 8)}\` as commits of this repository.`
      )
    const { commits, aheadBy, behindBy } = comparison
    // The test merge is made by GitHub; nobody wrote it.
    const isMade = (sha: string): boolean => kind === 'merge' && sha === to
    return {
      value: {
        ...{ from, to, lost: behindBy },
        commits: commits.filter(({ sha }) => !isMade(sha)),
        total: Math.max(0, aheadBy - (commits.some(({ sha }) => isMade(sha)) ? 1 : 0)),
        ...(await changedFiles(comparison, { from, to }, github))
      }
    }
  } catch (error) {
    return unknown(wordsOf(error))
  }
}

/**
 * A comparison lists at most 300 files, and those against the merge base, so it does not show what would be gone. The trees of both
 * commits do (docs/service.md, GitHub).
 */
const changedFiles = async (
  { status, files, isWhole }: NonNullable<Awaited<ReturnType<GitHub['compare']>>>,
  { from, to }: { from: string; to: string },
  github: Pick<GitHub, 'tree'>
): Promise<Pick<Shipment, 'files' | 'isWhole'>> => {
  const listed = files.map(({ path, status: change }) => ({ path, change }))
  if (isWhole && (status === 'ahead' || status === 'identical')) return { files: listed, isWhole }
  const [before, after] = await Promise.all([github.tree(from), github.tree(to)])
  return before === undefined || after === undefined
    ? { files: listed, isWhole: false }
    : { files: changesBetween(before, after), isWhole: before.isWhole && after.isWhole }
}

const changesBetween = ({ files: before }: Tree, { files: after }: Tree): Shipment['files'] => [
  ...[...after]
    .filter(([path, hash]) => before.get(path) !== hash)
    .map(([path]) => ({ path, change: before.has(path) ? ('changed' as const) : ('added' as const) })),
  ...[...before.keys()]
    .filter((path) => !after.has(path))
    .map((path) => ({ path, change: 'removed' as const }))
]

const readServers = async (
  live: Live,
  { manifest, knowsHooks }: Pick<PlanOptions, 'manifest' | 'knowsHooks'>,
  sources: Pick<PlanSources, 'manifests'>
): Promise<Known<ServerChanges>> => {
  if (manifest.entries.length === 0) return unknown('the bundle cannot be read.')
  if (live.kind !== 'commit') return unknown('it is not one known revision that is live.')
  const former = await readManifest(live.deployment.revision, sources.manifests)
  if ('unknown' in former) return former
  const files = former.value.entries.filter(({ kind }) => kind === 'file')
  return {
    value: {
      ...compareManifests(former.value, knowsHooks ? manifest : { ...manifest, hooks: former.value.hooks }),
      live: { files: files.length, bytes: files.reduce((sum, { size }) => sum + size, 0) }
    }
  }
}

/** Twice as many as are needed, since some failed. */
const READ = 2 * EXPECTED_FROM

const readExpectation = async (
  { application, name }: DeploymentGroup,
  reading: LiveReading,
  service: PlanSources['service']
): Promise<Plan['expected']> => {
  const attempts = await readHistory(service, { application, group: name, limit: READ }, reading.attempts)
  const rows = await rowsOf(attempts, reading, () => Promise.resolve('unknown'))
  return expectationOf(rows)
}

/** What would keep a deploy from starting now. */
const readObstacles = async (
  { application, name: group }: DeploymentGroup,
  { service, record }: PlanSources,
  { treeHash, freeze, now }: { treeHash: string; freeze: readonly FreezeWindow[]; now: number }
): Promise<{ obstacles: Obstacle[]; gaps: string[] }> => {
  const [active, known] = await Promise.all([
    service.deploymentIds({ application, group, statuses: ACTIVE_STATUSES }),
    readRecord(record)
  ])
  const running = active.length === 0 ? [] : holders(await service.deployments(active))
  const held = await Promise.all(
    running.slice(0, 1).map(async (deployment): Promise<Obstacle> => {
      return { kind: 'holder', deployment, targets: await targetsOf(deployment.id, service) }
    })
  )
  const window = frozenBy(freeze, now)
  const { hold, undone = [] } = 'record' in known ? known.record : {}
  const same = undone.find(({ tree }) => treeHash.startsWith(tree))
  return {
    obstacles: [
      ...(hold === undefined ? [] : [{ kind: 'hold' as const, hold }]),
      ...(window === undefined ? [] : [{ kind: 'frozen' as const, window }]),
      ...held,
      ...(same === undefined ? [] : [{ kind: 'undone' as const, undone: same }])
    ],
    gaps:
      'unreadable' in known
        ? [`Whether the group is on hold is not known: ${record.address} cannot be read: ${known.unreadable}`]
        : []
  }
}
