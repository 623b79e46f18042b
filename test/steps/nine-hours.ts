import { watch } from '../../src/steps/watch.js'
import { START, virtualClock } from '../fakes/clock.js'
import { deployment, green, ID } from '../fakes/nouns.js'
import { scripted } from '../fakes/scripted.js'
import { watching } from '../fakes/watching.js'

// A process of its own (`node --expose-gc`), so that nothing of a test runner counts as memory.

const HOURS = 9
const heapMb = (): number => {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed / 2 ** 20
}

const clock = virtualClock()
const fleet = Array.from({ length: 1_000 }, (_, index) => green(`i-${index}`, 3, 'InProgress'))
const service = scripted(() => ({ deployment: deployment(), targets: fleet }))
let before = 0
let looks = 0
let news = 0
clock.at(START + 10 * 60_000, () => {
  before = heapMb()
})
await watch(
  ID,
  {
    ...service,
    deployment: (id) => {
      // What the fakes note for other tests is not the memory that is measured.
      service.looks.length = 0
      clock.slept.length = 0
      looks++
      return service.deployment(id)
    }
  },
  {
    ...watching({ clock, deadline: START + HOURS * 3_600_000 }),
    tell: () => {
      news++
    }
  }
)
console.log(
  JSON.stringify({ before, grown: heapMb() - before, looks, news, hours: (clock.now() - START) / 3_600_000 })
)
