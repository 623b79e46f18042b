import { type Deployment, holders, isOver, type Started } from '../domain/deployment.js'
import { readDescription, withoutSeal } from '../domain/description.js'
import { factsOf } from '../domain/fault.js'
import type { DeploymentGroup } from '../domain/group.js'
import type { Order } from '../domain/order.js'
import { revisionName } from '../domain/revision.js'
import { UserError } from '../errors.js'
import {
  activeDeployments,
  create,
  type CreateOptions,
  isOurs,
  type Made,
  type StartService
} from './create.js'

export interface StartOptions extends CreateOptions {
  /** GITHUB_RUN_ID of this run; empty outside of a workflow. */
  runId: string
  /** Whether an older run is refused after a newer one. */
  checkOrder: boolean
  /** Throws when nothing may be deployed now; `last` is the group's last deployment, if nobody holds the group. */
  admit?: ((last?: Deployment) => Promise<void>) | undefined
  /** Frees the group by waiting for the holder or stopping it; throws when it gives up. */
  resolveConflict(holder: Deployment): Promise<void>
}

/** How often to retry while the service refuses another deployment without naming a holder. */
const REFUSALS = 40
const REFUSAL_PAUSE_MS = 15_000

/**
 * Revision + group → Deployment; exactly one is ever created. CreateDeployment has no idempotency token (docs/service.md,
 * reference 4.1), so a running deployment of the same revision is followed, and after a lost answer the run looks for it.
 */
export const start = async (order: Order, service: StartService, options: StartOptions): Promise<Started> => {
  for (let refusals = 0; ;) {
    options.signal.throwIfAborted()
    const [active, group] = await Promise.all([
      activeDeployments(order, service),
      service.group(order.application, order.group)
    ])
    const same = active.find((deployment) => isOurs(deployment, order))
    if (same !== undefined) return { deployment: same, attached: true }
    const holder = holders(active)[0]
    if (holder !== undefined) {
      // Checked before a wait that may last for hours: a newer run must not be overtaken after it either.
      refuseToOvertake(holder, options)
      await options.admit?.()
      await options.resolveConflict(holder)
      continue
    }
    const last =
      group.lastAttempted === undefined ? undefined : await service.deployment(group.lastAttempted.id)
    if (last !== undefined && isDoneByThisRun(last, order, options))
      return { deployment: last, attached: true }
    if (last !== undefined) refuseToOvertake(await ofARun(last, group, service), options)
    await options.admit?.(last)
    const made = await create(order, last?.id, { service, options })
    if (made.kind === 'deployment')
      return { deployment: await appeared(made.id, service, options), attached: made.attached }
    const met = await meet(made, ++refusals, { order, service, options })
    if (met !== undefined) return { deployment: met, attached: true }
  }
}

/**
 * The deployment for which `start` would have to wait once the bundle is stored; undefined if there is none, or if one of this
 * very commit is running, which would be followed. Throws if it is of a newer run. Needs no bundle, so it is asked before there is one.
 */
export const holderBeforehand = (
  deployments: readonly Deployment[],
  commit: string,
  options: Pick<StartOptions, 'runId' | 'checkOrder'>
): Deployment | undefined => {
  const active = deployments.filter(({ status }) => !isOver(status))
  const [holder] = holders(active)
  if (holder === undefined || active.some(({ revision }) => revisionName(revision) === commit))
    return undefined
  refuseToOvertake(holder, options)
  return holder
}

/** A job that is rerun after it lost its runner: its deployment succeeded in the meantime. */
const isDoneByThisRun = (last: Deployment, order: Order, { runId }: StartOptions): boolean =>
  last.status === 'Succeeded' && isOurs(last, order) && readDescription(last).runId === runId

/**
 * The last deployment that a person or a run asked for. The service's own deployments (a rollback, or an instance that
 * catches up) name no run, so the deployment that was undone, or the last successful one, counts instead.
 */
const ofARun = async (
  last: Deployment,
  group: DeploymentGroup,
  service: StartService
): Promise<Deployment> => {
  const id = last.creator === 'user' ? undefined : (last.rollback?.of ?? group.lastSuccessful?.id)
  return id === undefined ? last : service.deployment(id)
}

/** An older run never overtakes a newer one; a deployment that names no run is not part of the order. */
const refuseToOvertake = (last: Deployment, options: Pick<StartOptions, 'runId' | 'checkOrder'>): void => {
  const { runId } = readDescription(last)
  if (!options.checkOrder || options.runId === '' || runId === undefined) return
  if (BigInt(runId) <= BigInt(options.runId)) return
  throw new UserError(
    `This is run ${options.runId}, but the newer run ${runId} has already deployed to ${last.application}/${last.group} (${last.id}: ${withoutSeal(last.description)}).`,
    'Nothing was deployed. To bring an older revision back, use `command: rollback`; to deploy out of order anyway, set `skip-order-check: true`.'
  )
}

/**
 * The service refuses another deployment, though no holder was listed. Perhaps one started in between (if another run
 * deploys this very revision, it is followed), or one of a kind that locks, or the account has reached its own limit.
 */
const meet = async (
  { holder: id, words }: Extract<Made, { kind: 'held' }>,
  refusals: number,
  { order, service, options }: { order: Order; service: StartService; options: StartOptions }
): Promise<Deployment | undefined> => {
  const holder = id === undefined ? undefined : await service.deployment(id)
  const isActive = holder !== undefined && !isOver(holder.status)
  if (holder !== undefined && isOurs(holder, order) && (isActive || holder.status === 'Succeeded'))
    return holder
  if (isActive) {
    await options.resolveConflict(holder)
    return undefined
  }
  if (refusals >= REFUSALS) throw refusedForLong(words)
  if (refusals === 1)
    options.tell(
      `The service refuses another deployment right now (${words}). Retrying for up to ${(REFUSALS * REFUSAL_PAUSE_MS) / 60_000} minutes.`
    )
  await options.clock.sleep(REFUSAL_PAUSE_MS, options.signal)
  return undefined
}

const refusedForLong = (words: string): UserError =>
  new UserError(
    `The service has refused another deployment for ${(REFUSALS * REFUSAL_PAUSE_MS) / 60_000} minutes: ${words}. No deployment was created.`,
    'The account may have reached its limit (CodeDeploy quotas, "concurrent deployments"). Run again later, or ask AWS for a higher quota.'
  )

/** A deployment may not be readable right after it was created (docs/service.md, reference 4.6). */
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
