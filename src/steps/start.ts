import { UserError } from '../errors.js'
import { factsOf, faultOf } from '../domain/fault.js'
import type { Deployment } from '../domain/deployment.js'
import type { DeploymentGroup } from '../domain/group.js'
import type { Order } from '../domain/order.js'
import { readDescription } from '../domain/description.js'
import { holders, sameRevision } from '../domain/holder.js'

/** What starting a deployment needs of CodeDeploy. */
export interface StartService {
  group(application: string, name: string): Promise<DeploymentGroup>
  deployment(id: string): Promise<Deployment>
  deploymentIds(filter: { application: string; group: string; active: boolean }): Promise<string[]>
  deployments(ids: readonly string[]): Promise<Deployment[]>
  create(order: Order): Promise<string>
}

export interface StartOptions {
  clock: { now(): number; sleep(ms: number, signal?: AbortSignal): Promise<void> }
  signal: AbortSignal
  /** GITHUB_RUN_ID of this run; empty outside of a workflow. */
  runId: string
  /** Whether an older run is refused after a newer one. */
  checkOrder: boolean
  /** Makes the group free, or throws: waits for the holder, stops it, or gives up. */
  makeWay(holder: Deployment): Promise<void>
  tell(sentence: string): void
}

export interface Started {
  deployment: Deployment
  /** True when the deployment was there already and is only followed. */
  attached: boolean
}

/** How often, and how far apart, a deployment of a lost answer is looked for before it counts as never made. */
const LOST_LOOKS = 3
const LOST_PAUSE_MS = 2_000

/** So many times an order is sent whose answers all got lost, or which was throttled. */
const CREATE_ATTEMPTS = 8
const THROTTLE_PAUSE_MS = 1_000

/**
 * Revision + group → Deployment; exactly one is ever made. CreateDeployment has no idempotency token (reference §4.1), so a
 * running deployment of the same revision is followed instead of a second one made, and after a lost answer it is looked for.
 */
export const start = async (order: Order, service: StartService, options: StartOptions): Promise<Started> => {
  for (;;) {
    options.signal.throwIfAborted()
    const active = await activeDeployments(order, service)
    const same = active.find((deployment) => isOurs(deployment, order))
    if (same !== undefined) return { deployment: same, attached: true }
    const holder = holders(active)[0]
    if (holder !== undefined) {
      await options.makeWay(holder)
      continue
    }
    const group = await service.group(order.application, order.group)
    const last =
      group.lastAttempted === undefined ? undefined : await service.deployment(group.lastAttempted.id)
    if (last !== undefined && isDoneByThisRun(last, order, options))
      return { deployment: last, attached: true }
    if (last !== undefined) refuseToOvertake(last, options)
    const made = await create(order, last?.id, { service, options })
    if (made.kind === 'deployment')
      return { deployment: await appeared(made.id, service, options), attached: made.attached }
    await makeWayForUnseen(made.holder, service, options)
  }
}

/** The same bundle, deployed by a person or a run: not the service's own rollback or an instance's catching up. */
const isOurs = (deployment: Deployment, order: Order): boolean =>
  deployment.creator === 'user' && sameRevision(deployment.revision, order.location)

const activeDeployments = async (order: Order, service: StartService): Promise<Deployment[]> => {
  const ids = await service.deploymentIds({
    application: order.application,
    group: order.group,
    active: true
  })
  return ids.length === 0 ? [] : service.deployments(ids)
}

/** A job that is run again after its runner was lost finds what it did: the deployment succeeded in the meantime. */
const isDoneByThisRun = (last: Deployment, order: Order, { runId }: StartOptions): boolean =>
  last.status === 'Succeeded' &&
  isOurs(last, order) &&
  runId !== '' &&
  readDescription(last.description).runId === runId

/** An older run never overtakes a newer one; a deployment that does not say its run is no part of the order. */
const refuseToOvertake = (last: Deployment, options: StartOptions): void => {
  const { runId } = readDescription(last.description)
  if (!options.checkOrder || options.runId === '' || runId === undefined) return
  if (BigInt(runId) <= BigInt(options.runId)) return
  throw new UserError(
    `This is run ${options.runId}, but the newer run ${runId} has deployed to ${last.application}/${last.group} already (${last.id}: ${last.description}).`,
    'Nothing was deployed. To bring an older revision back, use `command: rollback`; to deploy out of order all the same, set `skip-order-check: true`.'
  )
}

type Made =
  { kind: 'deployment'; id: string; attached: boolean } | { kind: 'held'; holder: string | undefined }

const create = async (
  order: Order,
  lastBefore: string | undefined,
  { service, options }: { service: StartService; options: StartOptions }
): Promise<Made> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return { kind: 'deployment', id: await service.create(order), attached: false }
    } catch (error) {
      if (factsOf(error).name === 'DeploymentLimitExceededException') return held(error)
      const fault = faultOf(error)
      if (fault === 'final' || fault === 'canceled' || attempt >= CREATE_ATTEMPTS) throw error
      if (fault === 'unknown-fate') {
        options.tell(
          `CreateDeployment gave no answer (${factsOf(error).message}). Looking whether it was done all the same.`
        )
        const id = await lostDeployment(order, lastBefore, { service, options })
        if (id !== undefined) return { kind: 'deployment', id, attached: true }
      }
      // Not aborted by a cancel: whether a deployment exists must be known before the run may end.
      await options.clock.sleep(THROTTLE_PAUSE_MS * 2 ** Math.min(attempt, 4))
    }
  }
}

/** The group's last attempted deployment is another than before, and it is of our revision: the work was done. */
const lostDeployment = async (
  order: Order,
  lastBefore: string | undefined,
  { service, options }: { service: StartService; options: StartOptions }
): Promise<string | undefined> => {
  for (let look = 0; look < LOST_LOOKS; look++) {
    await options.clock.sleep(LOST_PAUSE_MS)
    const { lastAttempted } = await service.group(order.application, order.group)
    const candidates = new Set((await activeDeployments(order, service)).map((deployment) => deployment.id))
    if (lastAttempted !== undefined) candidates.add(lastAttempted.id)
    candidates.delete(lastBefore ?? '')
    const found = (await service.deployments([...candidates])).find((deployment) => isOurs(deployment, order))
    if (found !== undefined) return found.id
  }
  return undefined
}

/** The only place where an id is read from a sentence: the service has no field for it (reference §4.6). */
const held = (error: unknown): Made => ({
  kind: 'held',
  holder: /'(d-[A-Z0-9]+)'/.exec(factsOf(error).message)?.[1]
})

/** The service says that the group is held, though no holder was listed: it started in between, or is of a kind that locks. */
const makeWayForUnseen = async (
  holder: string | undefined,
  service: StartService,
  options: StartOptions
): Promise<void> => {
  if (holder === undefined) {
    options.tell(
      'The service refuses one more deployment at this moment (group or account limit). Asking again.'
    )
    await options.clock.sleep(15_000, options.signal)
    return
  }
  const deployment = await service.deployment(holder)
  if (holders([deployment]).length > 0 || deployment.creator !== 'user') await options.makeWay(deployment)
}

/** A deployment may not be readable in the first moment after it was made (reference §4.6). */
const appeared = async (id: string, service: StartService, { clock }: StartOptions): Promise<Deployment> => {
  for (let look = 0; ; look++) {
    try {
      return await service.deployment(id)
    } catch (error) {
      if (factsOf(error).name !== 'DeploymentDoesNotExistException' || look >= 5) throw error
      await clock.sleep(1_000)
    }
  }
}
