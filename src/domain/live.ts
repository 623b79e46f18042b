import type { Deployment } from './deployment.js'
import { revisionName, sameRevision } from './revision.js'
import { servingInstances, type Serving, type ServedInstance } from './serving.js'

/** Instances that serve one revision. */
export interface LivePart {
  /** The newest deployment that installed this revision on them; undefined if none is known, or if it did not finish. */
  deployment?: Deployment | undefined
  /** Instance ids. */
  instances: string[]
}

/** Where the answer comes from: the load balancer's health checks, or what the deployments say about their instances. */
export interface Evidence {
  from: 'load-balancer' | 'deployments'
  /** Why the load balancer was not asked, or did not answer. */
  note?: string | undefined
}

/**
 * What visitors see: `commit` when every serving instance runs the same known revision, `mixed` when they run more than one,
 * `unknown` when it can't be proven.
 */
export type Live =
  | { kind: 'commit'; deployment: Deployment; instances: string[]; evidence: Evidence }
  | { kind: 'mixed'; parts: LivePart[]; evidence: Evidence }
  | {
      kind: 'unknown'
      reason: string
      evidence: Evidence
      /** The service has no deployment of this group, not even one that failed. */
      neverDeployed?: true
    }

/** What is live when only the deployments can be asked. */
export const liveByDeployments = (serving: Serving, note?: string): Live => {
  const evidence: Evidence = { from: 'deployments', note }
  const served = servingInstances(serving)
  if (served.length === 0)
    return {
      kind: 'unknown',
      reason: 'no deployment of this group has put a revision into service',
      evidence
    }
  return judged(served, evidence)
}

/** What is live when the load balancer says which instances are healthy. */
export const liveByHealth = (healthy: readonly string[], { instances }: Serving): Live => {
  const evidence: Evidence = { from: 'load-balancer' }
  if (healthy.length === 0)
    return { kind: 'unknown', reason: 'the load balancer reports no healthy instance', evidence }
  const unseen = (id: string): ServedInstance => ({ id, fleet: '', traffic: 'in', intact: true })
  return judged(
    healthy.map((id) => instances.get(id) ?? unseen(id)),
    evidence
  )
}

const judged = (served: readonly ServedInstance[], evidence: Evidence): Live => {
  const parts = partsOf(served)
  const [first, second] = parts.filter(({ deployment }) => deployment !== undefined)
  if (second !== undefined) return { kind: 'mixed', parts, evidence }
  const open = served.filter(({ installedBy, intact }) => installedBy === undefined || !intact)
  if (first?.deployment === undefined || open.length > 0)
    return { kind: 'unknown', reason: reasonOf(open), evidence }
  return { kind: 'commit', deployment: first.deployment, instances: first.instances, evidence }
}

const partsOf = (served: readonly ServedInstance[]): LivePart[] => {
  const parts: LivePart[] = []
  for (const { id, installedBy, intact } of served) {
    const deployment = intact ? installedBy : undefined
    const part = parts.find((one) => isSamePart(one.deployment, deployment))
    if (part === undefined) parts.push({ deployment, instances: [id] })
    else {
      part.instances.push(id)
      if (deployment !== undefined && isNewer(deployment, part.deployment)) part.deployment = deployment
    }
  }
  return parts
}

const isSamePart = (one: Deployment | undefined, other: Deployment | undefined): boolean =>
  one === undefined || other === undefined
    ? one === other
    : one.id === other.id || sameRevision(one.revision, other.revision)

const isNewer = (one: Deployment, other: Deployment | undefined): boolean =>
  other === undefined || one.createdAt.getTime() > other.createdAt.getTime()

const NAMED = 5

const reasonOf = (open: readonly ServedInstance[]): string => {
  const names = open.slice(0, NAMED).map(({ id }) => id)
  const rest = open.length > NAMED ? ` and ${open.length - NAMED} more` : ''
  const { installedBy, placedBy } = open.find((one) => one.installedBy !== undefined) ?? {}
  const touchedBy = placedBy?.restart === true ? placedBy : installedBy
  return touchedBy === undefined
    ? `no deployment that was read installed what is running on ${names.join(', ')}${rest}`
    : `${touchedBy.id} did not finish on ${names.join(', ')}${rest}`
}

/** The live commit, or the service's name for the revision; undefined when several are live or none is known. */
export const liveName = (live: Live): string | undefined =>
  live.kind === 'commit' ? revisionName(live.deployment.revision) : undefined
