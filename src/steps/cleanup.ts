import type { CleanupService, CleanupStore } from '../cleanup-port.js'
import { inTurns } from '../concurrency.js'
import {
  type BundleFolder,
  type CleanupPlace,
  type CopiedFleet,
  type FleetFindings,
  isCopyFor,
  keysOfBundle,
  type LeftOver,
  staleUploads,
  unneededBundles,
  whyKept
} from '../domain/cleanup.js'
import { ACTIVE_STATUSES, type Deployment, greenGroupOf } from '../domain/deployment.js'
import { factsOf, faultOf, isDenied, wordsOf } from '../domain/fault.js'
import type { DeploymentGroup } from '../domain/group.js'
import type { RevisionLocation } from '../domain/revision.js'
import { allowIt } from '../domain/rights.js'
import { UserError } from '../errors.js'
import type { CodeDeploy, TargetHealth } from '../ports.js'
import { readGroups } from './groups.js'

/** Where a cleanup looks. */
export interface CleanupSources {
  service: CleanupService
  codeDeploy: CodeDeploy
  health: TargetHealth
  store: CleanupStore
  /** Epoch milliseconds. */
  now: () => number
}

export interface CleanupRequest extends CleanupPlace, BundleFolder {
  /** What the groups need of the bundles (bundle-needs.ts); undefined if every bundle is kept. */
  needed: (() => Promise<readonly RevisionLocation[]>) | undefined
}

/** A copy for this group that is kept, and why. */
export interface KeptFleet {
  name: string
  why: string
}

/** Everything that nothing needs, and the fleets that are kept. Deletes nothing. */
export const findLeftOvers = async (
  request: CleanupRequest,
  sources: CleanupSources
): Promise<{ found: LeftOver[]; kept: KeptFleet[] }> => {
  const { bucket, folder, needed } = request
  const { store, service, now } = sources
  const readings = await commonFindings(request, sources)
  const copies = (await service.copies()).filter((fleet) => isCopyFor(fleet, request))
  const judged = await inTurns(copies, (fleet) => judge(fleet, request, { readings, sources }))
  const uploads = staleUploads(await store.uploads(folder), folder, now())
  const bundles =
    needed === undefined
      ? []
      : unneededBundles(await store.bundles(folder), await needed(), { bucket, folder, now: now() })
  return {
    found: [
      ...judged.flatMap((one) => ('left' in one ? one.left : [])),
      ...uploads.map((upload) => ({ kind: 'upload' as const, upload })),
      ...bundles.map((bundle) => ({ kind: 'bundle' as const, bundle }))
    ],
    kept: judged.flatMap((one) => ('kept' in one ? one.kept : []))
  }
}

/** What is the same for all fleets. */
interface Readings extends Pick<FleetFindings, 'active' | 'named' | 'registered'> {
  /** Why it is not known which instances serve. */
  note?: string | undefined
}

const commonFindings = async (
  { application, group }: CleanupPlace,
  { service, codeDeploy, health }: CleanupSources
): Promise<Readings> => {
  const groups = await readGroups(application, { service, codeDeploy })
  const own = groups.find(({ name }) => name === group)
  if (own === undefined)
    throw new UserError(
      `The application ${application} has no deployment group ${group}; it has ${groups.map(({ name }) => name).join(', ') || 'none'}.`,
      'Check `deployment-group-name`. Nothing was deleted.'
    )
  return readingsOf(own, groups, { codeDeploy, health })
}

const readingsOf = async (
  own: DeploymentGroup,
  groups: readonly DeploymentGroup[],
  { codeDeploy, health }: Pick<CleanupSources, 'codeDeploy' | 'health'>
): Promise<Readings> => {
  const filter = { application: own.application, group: own.name, statuses: ACTIVE_STATUSES }
  const active = await codeDeploy.deployments(await codeDeploy.deploymentIds(filter))
  const named = new Set(groups.flatMap(({ autoScalingGroups }) => autoScalingGroups))
  return { active, named, ...(await registeredIn(own, groups, health)) }
}

/** What is registered in the target groups of the application; those of the group alone could miss a fleet that was given to another. */
export const registeredIn = async (
  own: DeploymentGroup,
  groups: readonly DeploymentGroup[],
  health: TargetHealth
): Promise<Pick<Readings, 'registered' | 'note'>> => {
  if (own.targetGroups.length === 0 || own.targetGroups.length < own.loadBalancers.length)
    return {
      registered: undefined,
      note: `${own.name} has no target group, or a Classic Load Balancer, which is not asked`
    }
  try {
    const names = [...new Set(groups.flatMap(({ targetGroups }) => targetGroups))]
    return { registered: await health(names) }
  } catch (error) {
    if (faultOf(error) === 'canceled') throw error
    const note = isDenied(error)
      ? `to ask the load balancer, ${allowIt(error)}`
      : `the load balancer did not answer: ${wordsOf(error)}`
    return { registered: undefined, note }
  }
}

type Judged = { left: LeftOver } | { kept: KeptFleet }

const judge = async (
  fleet: CopiedFleet,
  place: CleanupPlace,
  { readings, sources: { codeDeploy } }: { readings: Readings; sources: Pick<CleanupSources, 'codeDeploy'> }
): Promise<Judged> => {
  const { deployment, note: unread } = await deploymentIfKnown(fleet.madeBy, codeDeploy)
  const by = deployment?.rollback?.by
  const { deployment: rollback, note: unreadToo } =
    by === undefined ? {} : await deploymentIfKnown(by, codeDeploy)
  const { active, named, registered, note } = readings
  const why = whyKept(fleet, place, { deployment, rollback, active, named, registered })
  if (why === undefined && deployment !== undefined) return { left: { kind: 'fleet', fleet, deployment } }
  const because = [unread, unreadToo, note].filter((one) => one !== undefined)
  return {
    kept: { name: fleet.name, why: [why ?? '', ...because.map((one) => `(${one})`)].join(' ') }
  }
}

/** Without the deployment if the service does not know it, or if this role may not read it: another application's, for example. */
const deploymentIfKnown = async (
  id: string,
  codeDeploy: Pick<CodeDeploy, 'deployment'>
): Promise<{ deployment?: Deployment; note?: string }> => {
  try {
    return { deployment: await codeDeploy.deployment(id) }
  } catch (error) {
    if (isDenied(error)) return { note: `if ${id} is this application's, ${allowIt(error)}` }
    if (factsOf(error).name === 'DeploymentDoesNotExistException') return {}
    throw error
  }
}

/**
 * Deletes one thing after looking at it once more. Returns why it was kept after all, or undefined once the service says that it is
 * gone, or going. Throws the service's error when it refuses.
 */
export const deleteLeftOver = async (
  item: LeftOver,
  request: CleanupRequest,
  sources: CleanupSources
): Promise<string | undefined> => {
  switch (item.kind) {
    case 'fleet':
      return deleteFleet(item.fleet, request, sources)
    case 'upload':
      await sources.store.abort(item.upload)
      return undefined
    case 'bundle':
      return deleteBundle(item.bundle.key, request, sources)
  }
}

const deleteFleet = async (
  { name, madeBy, createdAt }: CopiedFleet,
  request: CleanupPlace,
  sources: CleanupSources
): Promise<string | undefined> => {
  const readings = await commonFindings(request, sources)
  const fleet = await sources.service.copy(name)
  // Another run of this was faster.
  if (fleet === undefined || fleet.isGoing) return undefined
  if (fleet.createdAt.getTime() !== createdAt.getTime() || fleet.madeBy !== madeBy)
    return 'it is another one of the same name now'
  return deleteUnlessNeeded(fleet, request, { readings, sources })
}

type FleetSources = Pick<CleanupSources, 'service' | 'codeDeploy' | 'health'>

/** Returns why the fleet was kept, or undefined once Auto Scaling shows that it is going. */
const deleteUnlessNeeded = async (
  fleet: CopiedFleet,
  place: CleanupPlace,
  { readings, sources }: { readings: Readings; sources: FleetSources }
): Promise<string | undefined> => {
  const { name } = fleet
  const judged = await judge(fleet, place, { readings, sources })
  if ('kept' in judged) return judged.kept.why
  await sources.service.deleteCopy(name)
  const left = await sources.service.copy(name)
  if (left === undefined || left.isGoing) return undefined
  throw new UserError(
    `Auto Scaling accepted the deletion of ${name}, but does not show it as being deleted.`,
    'Run this again: it deletes only what is still there.'
  )
}

/**
 * Deletes the fleet that a run's own deployment left behind. Other groups of the application are not read: none knows a fleet that was
 * made minutes ago, and the role of a deploy may not read them. Returns why it was kept, or the fleet that is going;
 * neither if it is gone already. Throws the service's error when it refuses.
 */
export const deleteOwnFleet = async (
  deployment: Deployment,
  own: DeploymentGroup,
  sources: FleetSources
): Promise<{ kept?: string; deleted?: CopiedFleet }> => {
  const fleet = await sources.service.copy(greenGroupOf(deployment) ?? '')
  if (fleet === undefined || fleet.isGoing) return {}
  if (fleet.madeBy !== deployment.id) return { kept: `its tag says that ${fleet.madeBy} made it` }
  const readings = await readingsOf(own, [own], sources)
  const kept = await deleteUnlessNeeded(
    fleet,
    { application: own.application, group: own.name },
    { readings, sources }
  )
  return kept === undefined ? { deleted: fleet } : { kept }
}

const deleteBundle = async (
  key: string,
  { bucket, folder, needed }: CleanupRequest,
  { store, now }: CleanupSources
): Promise<string | undefined> => {
  if (needed === undefined) return 'every bundle is kept'
  const there = (await store.bundles(key)).find((one) => one.key === key)
  if (there === undefined) return undefined
  const still = unneededBundles([there], await needed(), { bucket, folder, now: now() })
  if (still.length === 0) return 'a deployment group needs it now, or it was stored again'
  for (const one of keysOfBundle(key)) await store.remove(one)
  return undefined
}
