import type { Deployment } from '../../src/domain/deployment.js'
import type { Target } from '../../src/domain/event.js'
import type { Watched } from '../../src/steps/look.js'
import type { VirtualClock } from './clock.js'
import { deployment } from './nouns.js'

/** What the service shows about one deployment at one moment. */
export interface Snapshot {
  deployment: Deployment
  targets?: readonly Target[]
}

/** A deployment with these members and targets. */
export const shown = (
  members: Partial<Deployment>,
  targets: Target[] = []
): { deployment: Deployment; targets: Target[] } => ({ deployment: deployment(members), targets })

/** The number of calls in a look; a page of ids counts as one. */
export interface Look {
  deployment: number
  lists: number
  batches: number
}

export interface Scripted extends Watched {
  readonly looks: Look[]
}

const PAGE = 100
const BATCH = 25

/** A scripted CodeDeploy: `view` gives its current state. Every answer is a new copy, as from a network. */
export const scripted = (view: (id: string) => Snapshot): Scripted => {
  const looks: Look[] = []
  const current = (): Look => {
    const last = looks.at(-1)
    if (last === undefined) throw new Error('targets were read before the deployment')
    return last
  }
  const targetsOf = (id: string): readonly Target[] => view(id).targets ?? []
  return {
    looks,
    deployment: (id) => {
      looks.push({ deployment: 1, lists: 0, batches: 0 })
      return Promise.resolve({ ...view(id).deployment })
    },
    targetIds: (id) => {
      const ids = targetsOf(id).map((one) => one.id)
      current().lists += Math.max(1, Math.ceil(ids.length / PAGE))
      return Promise.resolve(ids)
    },
    targets: (id, ids) => {
      current().batches += Math.ceil(ids.length / BATCH)
      const wanted = new Set(ids)
      return Promise.resolve(
        targetsOf(id)
          .filter((one) => wanted.has(one.id))
          .map((one) => ({ ...one, events: [...one.events] }))
      )
    }
  }
}

/** Each look at a deployment returns its next snapshot; the last one repeats. */
export const inTurn = (snapshots: readonly Snapshot[]): Scripted => {
  let at = -1
  const shown = (): Snapshot => {
    const snapshot = snapshots[Math.max(0, Math.min(at, snapshots.length - 1))]
    if (snapshot === undefined) throw new Error('a script needs a snapshot')
    return snapshot
  }
  const service = scripted(shown)
  return {
    ...service,
    deployment: (id) => {
      at++
      return service.deployment(id)
    }
  }
}

/** The newest snapshot whose time has come, by deployment id; times are milliseconds after the clock's start. */
export const overTime = (
  clock: VirtualClock,
  scripts: Record<string, readonly (readonly [number, Snapshot])[]>
): Scripted => {
  const start = clock.now()
  return scripted((id) => {
    const script = scripts[id]
    const snapshot = script?.findLast(([at]) => clock.now() - start >= at)?.[1]
    if (snapshot === undefined) throw new Error(`the script has nothing for ${id}`)
    return snapshot
  })
}
