import { watch } from '../../src/steps/watch.js'
import { START, virtualClock } from '../fakes/clock.js'
import { deployment, green, GREEN_EVENTS, ID } from '../fakes/nouns.js'
import { type Look, scripted } from '../fakes/scripted.js'
import { watching } from '../fakes/watching.js'
import { median } from './measure.js'

/** What it takes to watch a fleet of one size. */
export interface Ticks {
  instances: number
  /** API calls of one look at the deployment, which is taken every five seconds: median and most. */
  calls: { median: number; most: number }
  /** Milliseconds of our own work in one look: median and most. */
  workMs: { median: number; most: number }
  /** Seconds between an event's end at the service and our word of it: median and most. */
  lagSeconds: { median: number; most: number }
}

const FLEETS = [10, 100, 1000]
const EVENT_MS = 20_000
const STAGGER_MS = 700

/** The event `at` of the instance `index` ends then; neighbors begin a little later, as the instances of a real group do. */
const endsAt = (index: number, at: number): number => START + (index % 30) * STAGGER_MS + (at + 1) * EVENT_MS

/** Watches fleets of three sizes through a deployment on a clock that is handed in, so it takes no time but that of our work. */
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

/** Takes the time of each look, without what the script itself needs to answer. */
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
