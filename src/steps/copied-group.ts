import { copyLosses } from '../domain/copy-losses.js'
import type { CopyLoss, FleetSettings } from '../domain/fleet-settings.js'
import type { ScalingGroups } from '../copy-port.js'
import type { Polling } from '../ports.js'
import { within } from './within.js'

/** The longest that anybody waits for the settings of a group, in milliseconds. */
export const COPY_WITHIN_MS = 15_000

/**
 * What came of comparing the two groups: nothing where blue is gone, or was not copied. An absent `error` means that Auto Scaling
 * did not answer in time.
 */
export type CopyCheck =
  | { kind: 'compared'; green: string; losses: readonly CopyLoss[] }
  | { kind: 'unread'; error?: unknown }
  | { kind: 'nothing' }

/** What was read of blue, which may be gone when green can be read. */
export type BlueReading = { kind: 'read'; blue: FleetSettings } | Exclude<CopyCheck, { kind: 'compared' }>

/** How long a reading may take: never beyond the deadline of the run. */
export type ReadingTime = Pick<Polling, 'clock' | 'signal' | 'deadline'>

type Connect = (signal: AbortSignal) => Promise<ScalingGroups>

/** Reads the group of the blue instances. Never rejects. */
export const readBlue = (
  instanceIds: readonly string[],
  connect: Connect,
  time: ReadingTime
): Promise<BlueReading> =>
  reading(time, async (signal) => {
    const service = await connect(signal)
    const name = await service.groupOf(instanceIds)
    const blue = name === undefined ? undefined : await service.settings(name)
    return blue === undefined ? { kind: 'nothing' } : { kind: 'read', blue }
  })

/** Reads green and compares it with what was read of blue. Never rejects. */
export const compareGreen = async (
  green: string,
  blue: BlueReading,
  connect: Connect,
  time: ReadingTime
): Promise<CopyCheck> => {
  if (blue.kind !== 'read') return blue
  if (blue.blue.name === green) return { kind: 'nothing' }
  return reading<CopyCheck>(time, async (signal) => {
    const settings = await (await connect(signal)).settings(green)
    if (settings === undefined) return { kind: 'nothing' }
    return { kind: 'compared', green, losses: copyLosses(blue.blue, settings) }
  })
}

const reading = async <T>(
  { clock, signal, deadline }: ReadingTime,
  work: (signal: AbortSignal) => Promise<T>
): Promise<T | { kind: 'unread'; error?: unknown }> => {
  const ms = Math.min(COPY_WITHIN_MS, deadline - clock.now())
  if (ms <= 0) return { kind: 'unread' }
  try {
    return (await within(ms, { clock, signal }, work)) ?? { kind: 'unread' }
  } catch (error) {
    return { kind: 'unread', error }
  }
}
