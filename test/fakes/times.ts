import { type Times, type Zone, zoneOf } from '../../src/report/times.js'

export const UTC: Zone = zoneOf('UTC')

/** What a run that shows times in this zone is given at that moment. */
export const timesAt = (now: Date, zone = 'UTC'): Times => ({ now, zone: zoneOf(zone) })
