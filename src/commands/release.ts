import type { ReleaseInputs } from '../inputs/types.js'
import type { World } from '../ports.js'
import { identifyRun } from './connect.js'
import { openRecord, releaseHold } from './record.js'

/** Ends the hold that a rollback put on a group, so that it can be deployed to again. */
export const runRelease = async (inputs: ReleaseInputs, world: World): Promise<number> => {
  const record = await identifyRun(inputs.identity, world, (identity) => openRecord(inputs, identity, world))
  await releaseHold(record, `${inputs.application}/${inputs.group}`, world)
  return 0
}
