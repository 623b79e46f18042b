import type { ReleaseInputs } from '../inputs/types.js'
import type { World } from '../ports.js'
import { zoneOf } from '../report/times.js'
import { identifyRun } from './connect.js'
import { openRecord, releaseHold } from './record.js'

/** Ends the hold that a rollback put on a group, so that it can be deployed to again. */
export const runRelease = async (inputs: ReleaseInputs, world: World): Promise<number> => {
  const zone = zoneOf(inputs.timeZone)
  const record = await identifyRun({ ...inputs.identity, zone }, world, (identity) =>
    openRecord(inputs, identity, world)
  )
  await releaseHold(record, { group: `${inputs.application}/${inputs.group}`, zone }, world)
  return 0
}
