import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from '@jest/globals'
import { watch } from '../../src/steps/watch.js'
import { START, virtualClock } from '../fakes/clock.js'
import { deployment, green } from '../fakes/nouns.js'
import { scripted } from '../fakes/scripted.js'
import { watching } from '../fakes/watching.js'

setFlagsFromString('--expose_gc')
const collectGarbage = runInNewContext('gc') as () => void

const heapMb = (): number => {
  collectGarbage()
  return process.memoryUsage().heapUsed / 2 ** 20
}

test('nine hours of polling a thousand instances need no more memory than the first minutes', async () => {
  const clock = virtualClock()
  const hours = 9
  const fleet = Array.from({ length: 1_000 }, (_, index) => green(`i-${index}`, 3, 'InProgress'))
  const service = scripted(() => ({ deployment: deployment(), targets: fleet }))
  let before = 0
  clock.at(START + 10 * 60_000, () => {
    service.looks.length = 1
    before = heapMb()
  })
  let news = 0
  await watch('d-AAAAAAAAA', service, {
    ...watching({ clock, deadline: START + hours * 3_600_000 }),
    tell: () => {
      news++
    }
  })
  const looks = service.looks.length
  service.looks.length = 0
  clock.slept.length = 0
  expect(clock.now() - START).toBe(hours * 3_600_000)
  expect(looks).toBeGreaterThan(1_900)
  expect(news).toBeGreaterThanOrEqual(4_000)
  expect(before).toBeGreaterThan(0)
  expect(heapMb() - before).toBeLessThan(30)
})
