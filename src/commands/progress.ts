import { roughly } from '../report/duration.js'
import { bytesText } from '../report/size.js'
import type { World } from '../world.js'

/** Long work says how far it is about this often. */
const EVERY_MS = 5_000

/**
 * Tells a line every few seconds: how far, how fast, how long still. `done` counts bytes of `whole.bytes`. Work that is
 * over sooner says nothing.
 */
export const progressTeller = (
  { clock, runner }: Pick<World, 'clock' | 'runner'>,
  whole: { files: number; bytes: number }
): ((state: string, done: number) => void) => {
  const startedAt = clock.now()
  let toldAt = startedAt
  return (state, done) => {
    const now = clock.now()
    if (now - toldAt < EVERY_MS) return
    toldAt = now
    const perMs = done / Math.max(1, now - startedAt)
    const left = perMs > 0 ? (whole.bytes - done) / perMs : 0
    runner.info(`${state} (${bytesText(perMs * 1000)}/s, ${roughly(Math.max(0, left))} left)`)
  }
}
