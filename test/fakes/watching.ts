import type { News } from '../../src/domain/event-changes.js'
import type { WatchOptions } from '../../src/steps/watch.js'
import { noSignal, virtualClock, type VirtualClock } from './clock.js'

const HOUR_MS = 3_600_000

/** The options of a watch, which record everything that it reports. */
export const watching = (
  members: Partial<Omit<WatchOptions, 'clock'>> & { clock?: VirtualClock } = {}
): WatchOptions & { clock: VirtualClock; news: News[]; told(): string[] } => {
  const clock = members.clock ?? virtualClock()
  const news: News[] = []
  return {
    signal: noSignal(),
    deadline: clock.now() + 24 * HOUR_MS,
    pollMs: 5_000,
    until: 'complete',
    tell: (one) => {
      news.push(one)
    },
    news,
    told: () => news.flatMap((one) => (one.kind === 'change' ? [changeLine(one)] : [])),
    ...members,
    clock
  }
}

const changeLine = ({ change }: Extract<News, { kind: 'change' }>): string =>
  `${change.target.id} ${change.event.name} ${change.event.status}`
