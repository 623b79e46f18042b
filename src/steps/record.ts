import { faultOf, isDenied, wordsOf } from '../domain/fault.js'
import { type GroupRecord, parseRecord, sameRecord, writeRecord, EMPTY_RECORD } from '../domain/record.js'
import { allowIt } from '../domain/rights.js'
import type { RecordStore } from '../storage-port.js'

/** The record of a group, or why it is not known. No record is an empty one: nobody has rolled this group back yet. */
export type RecordReading = { record: GroupRecord; etag: string | undefined } | { unreadable: string }

/** Reads the record. Only a cancel throws: a run that cannot read it continues with what the deployments say. */
export const readRecord = async (store: RecordStore): Promise<RecordReading> => {
  try {
    const found = await store.read()
    if (found === undefined) return { record: EMPTY_RECORD, etag: undefined }
    return parsed(found)
  } catch (error) {
    if (faultOf(error) === 'canceled') throw error
    return { unreadable: whyNot(error) }
  }
}

/** What a reading says; one that failed says nothing. */
export const recordOf = (reading: RecordReading): GroupRecord =>
  'record' in reading ? reading.record : EMPTY_RECORD

/** Why a call on the record failed, with the permission that it lacked. */
export const whyNot = (error: unknown): string =>
  isDenied(error) ? `${wordsOf(error)}; ${allowIt(error)}` : wordsOf(error)

const parsed = ({ text, etag }: { text: string; etag: string }): RecordReading => {
  try {
    return { record: parseRecord(text), etag }
  } catch (error) {
    return { unreadable: `it is damaged: ${wordsOf(error)}` }
  }
}

/** Each attempt fails only because another run has changed the record, so that many runs would have to do so at once. */
const ATTEMPTS = 20

/**
 * Changes the record so that changes of other runs at the same time are kept: a write replaces only what was read, and
 * otherwise `change` is applied to what is there then. It must give the same result when it is applied twice, since the
 * answer to a write can get lost. Returns the new record; throws the service's error, or one about a damaged record.
 */
export const changeRecord = async (
  store: RecordStore,
  change: (record: GroupRecord) => GroupRecord
): Promise<GroupRecord> => {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const found = await store.read()
    const record = found === undefined ? EMPTY_RECORD : parseRecord(found.text)
    const changed = change(record)
    if (sameRecord(changed, record)) return record
    if (await store.write(writeRecord(changed), found?.etag)) return changed
  }
  throw new Error(`${ATTEMPTS} attempts to write it met other changes`)
}
