import type { Deployment } from './deployment.js'
import type { LifecycleEvent, Target } from './event.js'
import { allHaveMoved, eventOf, hasBegun } from './phase.js'

/** A deployment with those of its targets that were read. */
export interface Attempt {
  deployment: Deployment
  targets: readonly Target[]
}

/** One instance in the state in which deployments left it. */
export interface ServedInstance {
  id: string
  /** The last blue/green deployment whose green fleet it was in; `before <id>` is the fleet that this deployment found. */
  fleet: string
  /** Whether it takes requests. `maybe` while that changes, or if the change failed. */
  traffic: 'in' | 'out' | 'maybe'
  /** The last deployment that installed on it; unknown for what was there before the oldest deployment read. */
  installedBy?: Deployment
  /** False when that installation failed, was stopped, or is still running. */
  intact: boolean
  /** The last deployment of a person, a run or a rollback that installed on it or gave it the traffic. */
  placedBy?: Deployment
}

/** Which instances serve after a deployment, according to all deployments up to it. */
export interface Serving {
  instances: ReadonlyMap<string, ServedInstance>
  /** The fleet that the group refers to; undefined if the service's answers leave it open. */
  current: string | undefined
}

export const NOTHING_SERVES: Serving = { instances: new Map(), current: undefined }

/** The instances that take requests, or may take them. */
export const servingInstances = ({ instances }: Serving): ServedInstance[] =>
  [...instances.values()].filter(({ traffic }) => traffic !== 'out')

/** The states after each deployment, by its id, and the last one. */
export interface Course {
  after: ReadonlyMap<string, Serving>
  end: Serving
}

/**
 * Follows the instances through the deployments of a group, oldest first. Only the targets count: the `revision` of a rollback
 * by the service may differ from that of the fleet that got the traffic back (docs/service.md).
 */
export const followInstances = (attempts: readonly Attempt[]): Course => {
  const after = new Map<string, Serving>()
  let end = NOTHING_SERVES
  for (const attempt of attempts) {
    end = apply(attempt, end, after)
    after.set(attempt.deployment.id, end)
  }
  return { after, end }
}

const apply = (attempt: Attempt, before: Serving, after: ReadonlyMap<string, Serving>): Serving => {
  const { deployment, targets } = attempt
  if (targets.length === 0) return withoutTargets(deployment, before, after)
  const instances = new Map([...before.instances].map(([id, instance]) => [id, { ...instance }]))
  const fleets = fleetsOf(attempt, before)
  for (const target of targets) {
    const known = instances.get(target.id) ?? newcomer(target, attempt, { fleets, before })
    const turns = target.fleet === 'green' && !isTrafficBack(deployment)
    instances.set(target.id, touched(turns ? { ...known, fleet: fleets.green } : known, target, attempt))
  }
  for (const id of goneAfter(attempt, fleets, instances)) {
    const instance = instances.get(id)
    if (instance !== undefined) instances.set(id, { ...instance, traffic: 'out' })
  }
  return { instances, current: currentAfter(attempt, fleets, before) }
}

/**
 * A success still shows what serves when its targets can no longer be read: its own new fleet and nothing else. A rollback by
 * the service restores what served before the deployment that it undoes.
 */
const withoutTargets = (
  deployment: Deployment,
  before: Serving,
  after: ReadonlyMap<string, Serving>
): Serving => {
  const { id, status, rollback } = deployment
  if (status !== 'Succeeded' || isForOneInstance(deployment)) return before
  if (isTrafficBack(deployment)) return stateBefore(rollback?.of, after) ?? NOTHING_SERVES
  const instances = new Map(
    [...before.instances].map(([key, one]) => [key, { ...one, traffic: 'out' as const }])
  )
  const all: ServedInstance = {
    id: allOf(id),
    fleet: id,
    traffic: 'in',
    installedBy: deployment,
    intact: true,
    placedBy: deployment
  }
  return { instances: new Map<string, ServedInstance>([...instances, [all.id, all]]), current: id }
}

/** Stands for the instances of a fleet that no answer names any longer. */
const allOf = (fleet: string): string => `all of ${fleet}`

/** What served before a deployment; undefined when that deployment was not followed. */
export const stateBefore = (
  id: string | undefined,
  after: ReadonlyMap<string, Serving>
): Serving | undefined => {
  const ids = [...after.keys()]
  const at = ids.indexOf(id ?? '')
  return at < 0 ? undefined : at === 0 ? NOTHING_SERVES : after.get(ids[at - 1] ?? '')
}

/** The service's own rollback while blue is still running: it moves the traffic and installs nothing (docs/service.md, reference 1.5). */
export const isTrafficBack = ({ creator, style }: Deployment): boolean =>
  creator === 'codeDeployRollback' && style === 'BLUE_GREEN'

/** Whether it installs only on one new instance beside other deployments, or on instances that were left behind (docs/service.md). */
export const isForOneInstance = ({ creator }: Pick<Deployment, 'creator'>): boolean =>
  /^(autoscaling|CodeDeployAutoUpdate)/i.test(creator)

interface Fleets {
  green: string
  blue: string
}

/** Blue is the fleet of its known instances, otherwise the one that the group referred to. */
const fleetsOf = ({ deployment, targets }: Attempt, before: Serving): Fleets => {
  const known = targets.flatMap((target) =>
    target.fleet === 'blue' ? (before.instances.get(target.id)?.fleet ?? []) : []
  )
  return { green: deployment.id, blue: known[0] ?? before.current ?? `before ${deployment.id}` }
}

/** An instance that is to leave the load balancer serves until then; a newly launched one does not. */
const newcomer = (
  target: Target,
  { deployment }: Attempt,
  { fleets: { green, blue }, before }: { fleets: Fleets; before: Serving }
): ServedInstance => {
  const served = target.fleet !== 'green' && eventOf(target, 'BlockTraffic') !== undefined
  const fleet = target.fleet === 'green' ? green : blue
  const whole = before.instances.get(allOf(fleet))
  return {
    ...whole,
    id: target.id,
    fleet,
    traffic: served && !isForOneInstance(deployment) ? 'in' : 'out',
    intact: true
  }
}

const begun = (event: LifecycleEvent | undefined): boolean => event !== undefined && hasBegun(event.status)

const touched = (known: ServedInstance, target: Target, attempt: Attempt): ServedInstance => {
  const { deployment } = attempt
  const traffic = trafficAfter(target, attempt) ?? known.traffic
  const installs = installation(target)
  const given = traffic !== 'out' && begun(eventOf(target, 'AllowTraffic'))
  const places = !isForOneInstance(deployment) && (installs !== undefined || given)
  return {
    ...known,
    traffic,
    ...(installs === undefined ? {} : { intact: installs === 'intact' }),
    ...(installs === undefined || deployment.restart === true ? {} : { installedBy: deployment }),
    ...(places || (known.placedBy === undefined && installs !== undefined) ? { placedBy: deployment } : {})
  }
}

/** Events that stop, change or start what runs on an instance; earlier ones only move traffic and download. */
const TOUCHING = /^(ApplicationStop|BeforeInstall|Install|AfterInstall|ApplicationStart|ValidateService)$/

/** What this deployment did to the files and processes of an instance; undefined when it touched neither. */
const installation = (target: Target): 'intact' | 'broken' | undefined => {
  const install = eventOf(target, 'Install')
  if (target.fleet === 'in-place') {
    if (!target.events.some((event) => TOUCHING.test(event.name) && begun(event))) return undefined
    const isDone = target.status === 'Succeeded' || eventOf(target, 'ValidateService')?.status === 'Succeeded'
    return isDone ? 'intact' : 'broken'
  }
  if (!begun(install)) return undefined
  return install?.status === 'Succeeded' ? 'intact' : 'broken'
}

const trafficAfter = (target: Target, { deployment }: Attempt): ServedInstance['traffic'] | undefined => {
  const [allow, block] = [eventOf(target, 'AllowTraffic'), eventOf(target, 'BlockTraffic')]
  // An in-place instance behind a load balancer leaves it first and comes back last.
  if (begun(allow)) return allow?.status === 'Succeeded' ? 'in' : 'maybe'
  if (begun(block)) return block?.status === 'Succeeded' ? 'out' : 'maybe'
  if (target.fleet !== 'in-place' || allow !== undefined) return undefined
  // Nothing moves traffic here, so what is installed serves. Auto Scaling terminates a new instance if its installation fails.
  return isForOneInstance(deployment) && target.status === 'Failed' ? 'out' : 'in'
}

/**
 * Instances that can't be in service, though no event took them out: those that Auto Scaling terminated before their whole fleet
 * was replaced, and, in place, those that a complete deployment no longer found.
 */
const goneAfter = (
  attempt: Attempt,
  { blue }: Fleets,
  instances: ReadonlyMap<string, ServedInstance>
): string[] => {
  const { deployment, targets } = attempt
  if (isForOneInstance(deployment)) return []
  const reached = new Set(targets.map(({ id }) => id))
  const others = [...instances.values()].filter(({ id }) => !reached.has(id))
  if (deployment.style === 'IN_PLACE')
    return deployment.status === 'Succeeded' ? others.map(({ id }) => id) : []
  if (!hasMovedAll(attempt)) return []
  const blocked = targets.filter((target) => eventOf(target, 'BlockTraffic') !== undefined)
  const left = new Set(blocked.map(({ id }) => instances.get(id)?.fleet))
  if (left.size === 0) left.add(deployment.rollback?.of ?? blue)
  return others.filter(({ fleet }) => left.has(fleet)).map(({ id }) => id)
}

const hasMovedAll = ({ deployment, targets }: Attempt): boolean =>
  deployment.status === 'Succeeded' || allHaveMoved(targets)

/**
 * The fleet that the group refers to. After a success, that is the one that serves. Two things are not known about the service
 * (docs/service.md): which fleet it is after a stop in the termination wait, and when it changes during a deployment.
 */
const currentAfter = (attempt: Attempt, fleets: Fleets, before: Serving): string | undefined => {
  const { deployment } = attempt
  if (isForOneInstance(deployment) || deployment.style === 'IN_PLACE') return before.current ?? fleets.blue
  if (isTrafficBack(deployment)) return deployment.status === 'Succeeded' ? fleets.blue : undefined
  if (deployment.status === 'Succeeded') return fleets.green
  return hasMovedAll(attempt) ? undefined : before.current
}
