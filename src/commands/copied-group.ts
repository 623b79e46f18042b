import { type Deployment, greenGroupOf } from '../domain/deployment.js'
import type { Target } from '../domain/event.js'
import type { News } from '../domain/event-changes.js'
import type { DeploymentGroup } from '../domain/group.js'
import type { Identity } from '../domain/identity.js'
import { fleet } from '../domain/phase.js'
import type { DeploymentInputs } from '../inputs/types.js'
import type { Journal } from '../journal.js'
import type { ScalingGroups } from '../copy-port.js'
import type { World } from '../ports.js'
import { type Compared, lossLines, lossTitle, lossWarning, uncheckedLine } from '../report/copied-group.js'
import { type BlueReading, compareGreen, type CopyCheck, readBlue } from '../steps/copied-group.js'

/** The comparison of a copied Auto Scaling group with its source. */
export interface CopiedGroup {
  /** Hears when the traffic moves: blue is read then, and green once it has moved, both beside the watching. */
  journal: Journal
  /** What was found, which is in the log by then; undefined if nothing was compared. */
  result: () => Promise<Compared | undefined>
}

interface CopyContext {
  inputs: DeploymentInputs
  identity: Identity
  group: DeploymentGroup
  world: World
  /** Epoch milliseconds. */
  deadline: number
}

/** Only a group whose deployments copy an Auto Scaling group loses anything; for another, nothing is asked or said. */
export const copiedGroup = (
  journal: Journal,
  { inputs, identity, group, world, deadline }: CopyContext
): CopiedGroup => {
  let own: string | undefined
  let blue: Promise<BlueReading> | undefined
  let check: Promise<CopyCheck> | undefined
  const { clock, canceled, runner } = world
  const time = { clock, signal: canceled, deadline }
  const connect = (signal: AbortSignal): Promise<ScalingGroups> =>
    world.scalingGroups(inputs.identity.region, identity, signal)

  const compare = async (green: string): Promise<CopyCheck> => {
    const found = await compareGreen(green, (await blue) ?? { kind: 'nothing' }, connect, time)
    if (canceled.aborted) return found
    if (found.kind === 'unread') {
      journal.close()
      runner.once(uncheckedLine(found.error))
    }
    if (found.kind === 'compared' && found.losses.length > 0) {
      journal.close()
      runner.annotate('warning', lossWarning(found))
      runner.group(lossTitle(found))
      for (const line of lossLines(found, inputs.identity.region)) runner.info(line)
      runner.endGroup()
    }
    return found
  }
  const hear = ({ id, ...deployment }: Deployment, targets: readonly Target[], hasMoved: boolean): void => {
    if (id !== own || check !== undefined) return
    const ids = fleet(targets, 'blue').map((target) => target.id)
    if (blue === undefined && ids.length > 0) blue = readBlue(ids, connect, time)
    const green = greenGroupOf({ id, ...deployment })
    if (hasMoved && green !== undefined) check = compare(green)
  }
  const isCopied = group.style === 'BLUE_GREEN' && group.provisioning !== 'DISCOVER_EXISTING'
  return {
    journal: isCopied
      ? {
          ...journal,
          started: (started) => {
            own = started.deployment.id
            journal.started(started)
          },
          tell: (news) => {
            journal.tell(news)
            const moving = movingTraffic(news)
            if (moving !== undefined) hear(moving.deployment, moving.targets, moving.hasMoved)
          }
        }
      : journal,
    result: async () => {
      const found = await check
      return found?.kind === 'compared' ? found : undefined
    }
  }
}

/** News that the traffic moves, or has moved; undefined for other news. */
const movingTraffic = (
  news: News
): { deployment: Deployment; targets: readonly Target[]; hasMoved: boolean } | undefined => {
  if (news.kind !== 'phase' && news.kind !== 'traffic') return undefined
  const { deployment, targets } = news
  if (news.kind === 'traffic') return { deployment, targets, hasMoved: false }
  if (news.phase === 'traffic') return { deployment, targets, hasMoved: false }
  const isDone = news.phase === 'over' && deployment.status === 'Succeeded'
  return isDone || news.phase === 'termination-wait' ? { deployment, targets, hasMoved: true } : undefined
}
