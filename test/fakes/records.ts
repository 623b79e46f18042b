import type { RecordStore } from '../../src/storage-port.js'

/** A record store in memory, whose ETag is the number of the write. */
export interface MemoryRecords extends RecordStore {
  text: string | undefined
  writes: number
  /** What another run writes. */
  put: (text: string) => void
  /** Called before each write with its number, as a place for what other runs do in between. */
  beforeWrite: (write: number) => void
  /** Rejects reads or writes with this error. */
  failing: { read?: Error; write?: Error }
}

export const memoryRecords = (text?: string): MemoryRecords => {
  let version = text === undefined ? 0 : 1
  const store: MemoryRecords = {
    address: 's3://bundles/codedeploy/shop/groups/web.json',
    text,
    writes: 0,
    beforeWrite: () => undefined,
    failing: {},
    put: (next) => {
      store.text = next
      version += 1
    },
    read: () =>
      store.failing.read !== undefined
        ? Promise.reject(store.failing.read)
        : Promise.resolve(store.text === undefined ? undefined : { text: store.text, etag: String(version) }),
    write: (next, former) => {
      store.beforeWrite(++store.writes)
      if (store.failing.write !== undefined) return Promise.reject(store.failing.write)
      if (former !== (store.text === undefined ? undefined : String(version))) return Promise.resolve(false)
      store.put(next)
      return Promise.resolve(true)
    }
  }
  return store
}
