import { isOver, type Deployment } from '../../src/domain/deployment.js'
import type { Order } from '../../src/domain/order.js'
import type { StartService } from '../../src/steps/create.js'
import { deployment, group, refusal } from './nouns.js'
import type { VirtualClock } from './clock.js'

/** What happens to one CreateDeployment call: it is refused, or carried out with its answer lost. */
export type Fate = Error | { lost: Error; listedAfterMs?: number }

export interface GroupWorld extends StartService {
  /** Every deployment ever created, oldest first. */
  readonly all: Deployment[]
  creates: number
  set(id: string, members: Partial<Deployment>): void
}

/** A deployment group that, like the service, accepts one deployment at a time, in whatever order the calls arrive. */
export const groupWorld = (
  clock: VirtualClock,
  given: {
    deployments?: Deployment[]
    fates?: readonly (Fate | undefined)[]
    hidden?: readonly string[]
  } = {}
): GroupWorld => {
  const all = [...(given.deployments ?? [])]
  const listedAt = new Map<string, number>()
  const hidden = new Set(given.hidden ?? [])
  const seen = (one: Deployment): boolean => clock.now() >= (listedAt.get(one.id) ?? 0)
  const find = (id: string): Deployment => {
    const found = all.find((one) => one.id === id)
    if (found === undefined) throw refusal('DeploymentDoesNotExistException')
    return { ...found }
  }
  const make = (order: Order): Deployment => {
    const holder = all.find((one) => !isOver(one.status))
    if (holder !== undefined)
      throw refusal(
        'DeploymentLimitExceededException',
        `The Deployment Group '${order.group}' already has an active Deployment '${holder.id}'`
      )
    const made = deployment({
      id: `d-MADE${String(all.length).padStart(5, '0')}`,
      description: order.description,
      revision: order.location,
      createdAt: new Date(clock.now()),
      status: 'Created'
    })
    all.push(made)
    return made
  }
  const world: GroupWorld = {
    all,
    creates: 0,
    set: (id, members) => {
      all.splice(
        all.findIndex((one) => one.id === id),
        1,
        { ...find(id), ...members }
      )
    },
    group: () => {
      const last = all.filter(seen).at(-1)
      const good = all.findLast((one) => one.status === 'Succeeded')
      return Promise.resolve(
        group({
          ...(last === undefined ? {} : { lastAttempted: { id: last.id } }),
          ...(good === undefined ? {} : { lastSuccessful: { id: good.id } })
        })
      )
    },
    deployment: (id) => Promise.resolve().then(() => find(id)),
    deploymentIds: ({ application, group, statuses }) =>
      Promise.resolve(
        all
          .filter((one) => one.application === application && one.group === group)
          .filter((one) => statuses?.includes(one.status) !== false)
          .filter((one) => seen(one) && !hidden.has(one.id))
          .map(({ id }) => id)
      ),
    deployments: (ids) => Promise.resolve(ids.map(find)),
    create: async (order) => {
      const fate = given.fates?.[world.creates]
      world.creates++
      await Promise.resolve()
      if (fate instanceof Error) throw fate
      const made = make(order)
      if (fate === undefined) return made.id
      listedAt.set(made.id, clock.now() + (fate.listedAfterMs ?? 0))
      throw fate.lost
    }
  }
  return world
}
