import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import type { ObjectStore } from '../contract.js'
import type { Piece } from './pieces.js'
import { findBucket, findVersion, type Store, type Version } from './store.js'

const appendPiece = (target: number, piece: Piece): void => {
  const source = openSync(piece.path, 'r')
  const buffer = Buffer.alloc(Math.min(1 << 20, Math.max(1, piece.size)))
  for (let done = 0; done < piece.size;) {
    const read = readSync(source, buffer, 0, Math.min(buffer.length, piece.size - done), piece.offset + done)
    writeSync(target, buffer, 0, read)
    done += read
  }
  closeSync(source)
}

/** Joins a version's pieces into one file, once, because machines unpack files. */
const wholeFile = (store: Store, version: Version): string => {
  const [only] = version.pieces
  if (version.pieces.length === 1 && only?.offset === 0 && only.size === version.size) return only.path
  const path = store.newFile()
  const target = openSync(path, 'w')
  for (const piece of version.pieces) appendPiece(target, piece)
  closeSync(target)
  version.pieces = [{ path, offset: 0, size: version.size }]
  return path
}

/** The store as machines and CodeDeploy use it, without the network. */
export const objectStore = (store: Store): ObjectStore => {
  const file = (bucket: string, key: string, version?: string): string =>
    wholeFile(store, findVersion(findBucket(store, bucket), key, version))
  return {
    head: (name, key, versionId) => {
      const versions = store.buckets.get(name)?.objects.get(key) ?? []
      const version =
        versionId === undefined ? versions[0] : versions.find((one) => one.versionId === versionId)
      if (version === undefined || version.deleteMarker) return undefined
      const { etag, size } = version
      return version.versionId === 'null' ? { etag, size } : { etag, size, versionId: version.versionId }
    },
    file
  }
}
