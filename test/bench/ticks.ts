import { watch } from '../../src/steps/watch.js'
import { START, virtualClock } from '../fakes/clock.js'
import { deployment, green, GREEN_EVENTS, ID } from '../fakes/nouns.js'
import { type Look, scripted } from '../fakes/scripted.js'
import { watching } from '../fakes/watching.js'
import { median } from './measure.js'

/** The cost of watching a fleet of one size. */
export interface Ticks {
  instances: number
  /** API calls in one poll, every five seconds: median and maximum. */
  calls: { median: number; most: number }
  /** Milliseconds of our own work in one poll: median and maximum. */
  workMs: { median: number; most: number }
  /** Seconds from an event's end at the service to our report of it: median and maximum. */
  lagSeconds: { median: number; most: number }
}

const FLEETS = [10, 100, 1000]
const EVENT_MS = 20_000
const STAGGER_MS = 700

/** When event `at` of instance `index` ends. Each instance starts a little later than the one before, as in a real group. */
const endsAt = (index: number, at: number): number => START + (index % 30) * STAGGER_MS + (at + 1) * EVENT_MS

/** Watches fleets of three sizes through a deployment. The clock is virtual, so only our own work takes time. */
export const ticks = async (): Promise<Ticks[]> => {
  const all: Ticks[] = []
  for (const instances of FLEETS) all.push(await ticksOf(instances))
  return all
}

const ticksOf = async (instances: number): Promise<Ticks> => {
  const clock = virtualClock()
  const indexes = Array.from({ length: instances }, (_, index) => index)
  const service = timed(
    scripted(() => {
      const targets = indexes.map((index) => {
        const done = GREEN_EVENTS.filter((_, at) => endsAt(index, at) <= clock.now()).length
        return green(`i-${index}`, done, done < GREEN_EVENTS.length ? 'InProgress' : undefined)
      })
      const isOver = targets.every(({ status }) => status === 'Succeeded')
      return { deployment: deployment({ status: isOver ? 'Succeeded' : 'InProgress' }), targets }
    })
  )
  const lags: number[] = []
  const options = watching({
    clock: { ...clock, sleep: (ms, signal) => (service.lookEnds(), clock.sleep(ms, signal)) },
    tell: (news) => {
      if (news.kind !== 'change' || news.change.event.status !== 'Succeeded') return
      const { target, event } = news.change
      const at = GREEN_EVENTS.findIndex((name) => name === event.name)
      lags.push((clock.now() - endsAt(Number(target.id.slice(2)), at)) / 1000)
    }
  })
  await watch(ID, service, options)
  return {
    instances,
    calls: spread(service.looks.map(callsOf)),
    workMs: spread(service.workMs),
    lagSeconds: spread(lags)
  }
}

const callsOf = ({ deployment, lists, batches }: Look): number => deployment + lists + batches

const spread = (values: readonly number[]): { median: number; most: number } => ({
  median: median(values),
  most: values.reduce((most, value) => Math.max(most, value), 0)
})

/** Measures the time of each poll, without the time that the script takes to answer. */
const timed = (service: ReturnType<typeof scripted>) => {
  const workMs: number[] = []
  let beganAt = 0
  let answering = 0
  const answered = <T>(ask: () => Promise<T>): Promise<T> => {
    const askedAt = performance.now()
    const answer = ask()
    answering += performance.now() - askedAt
    return answer
  }
  return {
    looks: service.looks,
    workMs,
    lookEnds: () => {
      workMs.push(performance.now() - beganAt - answering)
    },
    deployment: (id: string) => {
      beganAt = performance.now()
      answering = 0
      return answered(() => service.deployment(id))
    },
    targetIds: (id: string) => answered(() => service.targetIds(id)),
    targets: (id: string, ids: readonly string[]) => answered(() => service.targets(id, ids))
  }
}
