import type { Attempt } from '../../src/domain/serving.js'
import type { HistoryService } from '../../src/steps/history.js'

/** The deployments of one group as the service lists them, and what was asked of it. */
export interface FakeHistory {
  service: HistoryService
  /** The times (epoch milliseconds) since which deployments were listed; undefined for a list without a limit. */
  readonly since: (number | undefined)[]
  /** The ids of the deployments that were read. */
  readonly read: string[]
  /** The ids of the deployments whose targets were listed. */
  readonly listed: string[]
}

/** Lists ids in no order, as the service does (docs/service.md, captures 8). */
export const historyOf = (attempts: readonly Attempt[]): FakeHistory => {
  const since: (number | undefined)[] = []
  const read: string[] = []
  const listed: string[] = []
  const deployments = attempts.map(({ deployment }) => deployment)
  const targetsOf = (id: string) => attempts.find(({ deployment }) => deployment.id === id)?.targets ?? []
  return {
    since,
    read,
    listed,
    service: {
      deploymentIds: (filter) => {
        since.push(filter.since)
        return Promise.resolve(
          deployments
            .filter(({ createdAt }) => createdAt.getTime() >= (filter.since ?? 0))
            .filter(({ status }) => filter.statuses?.includes(status) ?? true)
            .map(({ id }) => id)
            .sort()
        )
      },
      deployments: (ids) => {
        read.push(...ids)
        return Promise.resolve(deployments.filter(({ id }) => ids.includes(id)))
      },
      targetIds: (id) => {
        listed.push(id)
        return Promise.resolve(targetsOf(id).map((target) => target.id))
      },
      targets: (id, ids) => Promise.resolve(targetsOf(id).filter((target) => ids.includes(target.id)))
    }
  }
}
