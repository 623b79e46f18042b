import type { FreezeWindow } from '../domain/freeze.js'
import type { Signed } from '../domain/record.js'
import type { Zone } from './times.js'

/** `kim in run 123 at 2026-11-27 18:40 (UTC): "checkout is broken"`: who, when and why. It is read alone, so it names the zone. */
export const signature = ({ at, by, run, reason }: Signed, zone: Zone): string =>
  `${by}${run === undefined ? '' : ` in run ${run}`} at ${zone.dayAndClock(new Date(at))} (${zone.name})${reason === undefined ? '' : `: "${reason}"`}`

/** `until 2026-05-17 00:00 (Asia/Seoul): Spring festival` */
export const frozenUntil = ({ until, reason }: FreezeWindow, zone: Zone): string =>
  `until ${zone.dayAndClock(new Date(until))} (${zone.name})${reason === '' ? '' : `: ${reason}`}`
