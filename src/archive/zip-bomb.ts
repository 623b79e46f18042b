import { refuseBomb } from './bounds.js'
import { LimitError } from './defects.js'
import type { ZipRecord } from './zip-directory.js'

/** Refuses a zip by its directory alone, before anything is unpacked. */
export const refuseBombs = (records: readonly ZipRecord[], archive: number): void => {
  refuseBomb(
    records.reduce((sum, { size }) => sum + size, 0),
    archive
  )
  refuseOverlaps(records)
}

const LOCAL_HEADER = 30

/** Many entries that share the same bytes: no program writes that, and unzip refuses it ("possible zip bomb"). */
const refuseOverlaps = (records: readonly ZipRecord[]): void => {
  const sorted = [...records].sort((one, other) => one.offset - other.offset)
  const shared = sorted.filter(({ offset, rawName, packed }, index) => {
    const next = sorted[index + 1]
    return next !== undefined && offset + LOCAL_HEADER + rawName.length + packed > next.offset
  })
  if (shared.length > 0)
    throw new LimitError(
      `${shared.length} of its entries overlap others, which unzip takes for a zip bomb. Zip the files with another program`
    )
}
