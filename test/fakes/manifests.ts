import type { ManifestStore } from '../../src/storage-port.js'

/** Manifests in memory, by their keys. */
export interface MemoryManifests extends ManifestStore {
  texts: Map<string, string>
  /** Rejects reads or writes with this error. */
  failing: { read?: Error; write?: Error }
}

export const memoryManifests = (texts: Readonly<Record<string, string>> = {}): MemoryManifests => {
  const store: MemoryManifests = {
    texts: new Map(Object.entries(texts)),
    failing: {},
    address: (key) => `s3://bundles/${key}`,
    read: (key) =>
      store.failing.read === undefined
        ? Promise.resolve(store.texts.get(key))
        : Promise.reject(store.failing.read),
    write: (key, text) => {
      if (store.failing.write !== undefined) return Promise.reject(store.failing.write)
      if (!store.texts.has(key)) store.texts.set(key, text)
      return Promise.resolve()
    }
  }
  return store
}
