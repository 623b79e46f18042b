import { type Deployment, isOver } from './deployment.js'
import type { Health } from './health.js'
import { manifestKey } from './manifest.js'
import { parseRevisionKey, type RevisionLocation } from './revision.js'

/** An Auto Scaling group that CodeDeploy made for a deployment, as Auto Scaling shows it. */
export interface CopiedFleet {
  name: string
  /** The value of the tag CodeDeployProvisioningDeploymentId: the newest deployment that made it (docs/service.md, captures 7). */
  madeBy: string
  createdAt: Date
  /** Instance ids. */
  instances: string[]
  /** Whether Auto Scaling is deleting it already. */
  isGoing: boolean
}

/** An upload in parts that was begun and neither completed nor aborted. */
export interface UnfinishedUpload {
  key: string
  id: string
  startedAt: Date
}

/** An object below the folder of the bundles. */
export interface BundleObject {
  key: string
  /** Bytes. */
  size: number
  storedAt: Date
}

/** The deployment group whose fleets are looked at. */
export interface CleanupPlace {
  application: string
  group: string
}

/** What the services said about the deployment that made a fleet, and about what could still need the fleet. */
export interface FleetFindings {
  /** Undefined if CodeDeploy does not know it, or does not show it to this role. */
  deployment: Deployment | undefined
  /** The deployment that rolls it back; undefined if there is none, or if it could not be read. */
  rollback: Deployment | undefined
  /** The group's deployments that have not ended. */
  active: readonly Deployment[]
  /** Every Auto Scaling group that a deployment group of the application names. */
  named: ReadonlySet<string>
  /** What is registered in the application's target groups; undefined if that is not known. */
  registered: readonly Health[] | undefined
}

/** Whether the fleet carries the name and the tag of a copy that a deployment of this group made; nothing else is ever looked at. */
export const isCopyFor = ({ name, madeBy }: CopiedFleet, { group }: CleanupPlace): boolean =>
  /^d-[A-Z0-9]+$/.test(madeBy) && name === `CodeDeploy_${group}_${madeBy}`

/**
 * Why a fleet is kept; undefined if it was left behind by a deployment that failed, was stopped or was rolled back, and nothing
 * needs it. What is not known is a reason to keep it.
 */
export const whyKept = (
  fleet: CopiedFleet,
  place: CleanupPlace,
  findings: FleetFindings
): string | undefined => {
  if (!isCopyFor(fleet, place)) return 'its name and its tag are not those of a copy for this group'
  if (fleet.isGoing) return 'Auto Scaling is deleting it already'
  return (
    ofDeployment(fleet, place, findings.deployment) ??
    ofOthers(findings) ??
    (findings.named.has(fleet.name) ? 'a deployment group refers to it' : undefined) ??
    ofTraffic(fleet, findings.registered)
  )
}

const ofDeployment = (
  { madeBy }: CopiedFleet,
  { application, group }: CleanupPlace,
  deployment: Deployment | undefined
): string | undefined => {
  if (deployment?.id !== madeBy) return `what became of ${madeBy} is not known`
  if (deployment.application !== application || deployment.group !== group)
    return `${madeBy} is a deployment of ${deployment.application}/${deployment.group}`
  if (deployment.style !== 'BLUE_GREEN' || deployment.fixedGreen !== undefined)
    return `${madeBy} did not copy a fleet`
  if (!isOver(deployment.status)) return `${madeBy} has not ended`
  return deployment.status === 'Succeeded' ? `${madeBy} succeeded` : undefined
}

/** A rollback that is still running may need the fleet to move the traffic away from it. */
const ofOthers = ({ deployment, rollback, active }: FleetFindings): string | undefined => {
  const by = deployment?.rollback?.by
  if (by !== undefined && (rollback?.id !== by || !isOver(rollback.status)))
    return `its rollback ${by} has not ended, as far as is known`
  const other = active.find(({ id, rollback: of }) => id === deployment?.id || of?.of === deployment?.id)
  return other === undefined ? undefined : `${other.id} has not ended`
}

/** The only states in which a registered instance gets no requests while others are healthy (ELB API: TargetHealth). */
const OUT_OF_SERVICE = new Set(['unhealthy', 'unused'])

/** A load balancer without a healthy target sends requests to all of them, so then an unhealthy one serves too. */
const ofTraffic = (
  { instances }: CopiedFleet,
  registered: readonly Health[] | undefined
): string | undefined => {
  if (registered === undefined) return 'it is not known which instances serve'
  if (registered.some(({ id }) => !id.startsWith('i-')))
    return 'a target group registers addresses, so it is not known which instances serve'
  const own = registered.filter(({ id, state }) => instances.includes(id) && state !== 'unused')
  const serving = own.filter(({ state }) => !OUT_OF_SERVICE.has(state))
  if (serving.length > 0) return `${serving.map(({ id }) => id).join(', ')} may be getting requests`
  const isHealthyElsewhere = registered.some(({ state }) => state === 'healthy' || state === 'unavailable')
  return own.length === 0 || isHealthyElsewhere
    ? undefined
    : 'no target is healthy, so the load balancer sends requests to its instances too'
}

/** What is younger is left alone: a run may still be working on it. */
export const YOUNGEST_MS = 24 * 60 * 60 * 1000

const isOld = (since: Date, now: number): boolean => now - since.getTime() > YOUNGEST_MS

/** Whether a key is that of a bundle which this action stored directly in this folder. */
export const isBundleKey = (key: string, folder: string): boolean =>
  key.startsWith(folder) && !key.slice(folder.length).includes('/') && parseRevisionKey(key) !== undefined

/** The uploads of bundles that nobody completes any more. `now` is in epoch milliseconds. */
export const staleUploads = (
  uploads: readonly UnfinishedUpload[],
  folder: string,
  now: number
): UnfinishedUpload[] =>
  uploads.filter(({ key, startedAt }) => isBundleKey(key, folder) && isOld(startedAt, now))

/** Where the bundles are: their bucket, and the folder of the application with a slash at its end. */
export interface BundleFolder {
  bucket: string
  folder: string
}

/** The bundles that nothing needs. A revision is compared by its key, so every version of a needed key is kept. */
export const unneededBundles = (
  bundles: readonly BundleObject[],
  needed: readonly RevisionLocation[],
  { bucket, folder, now }: BundleFolder & { now: number }
): BundleObject[] => {
  const keys = new Set(needed.flatMap((one) => (one.kind === 's3' && one.bucket === bucket ? one.key : [])))
  return bundles.filter(
    ({ key, storedAt }) => isBundleKey(key, folder) && isOld(storedAt, now) && !keys.has(key)
  )
}

/** What is deleted for a bundle, in this order: a run that ends in between leaves the bundle, which the next one finds. */
export const keysOfBundle = (key: string): string[] => [manifestKey(key), key].flatMap((one) => one ?? [])

/** Instances times the hours since the fleet was made, rounded up. */
export const instanceHours = ({ instances, createdAt }: CopiedFleet, now: number): number =>
  Math.ceil((instances.length * Math.max(0, now - createdAt.getTime())) / 3_600_000)

/** Something that nothing needs. */
export type LeftOver =
  | { kind: 'fleet'; fleet: CopiedFleet; deployment: Deployment }
  | { kind: 'upload'; upload: UnfinishedUpload }
  | { kind: 'bundle'; bundle: BundleObject }
