import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { ServiceError } from '../contract.js'
import type { Algorithm, Checksum } from './checksum.js'
import type { Piece } from './pieces.js'
import type { PublicAccessBlock } from './settings.js'

/** One version of an object, or a delete marker. */
export interface Version {
  key: string
  /** `null` in a bucket without versioning. */
  versionId: string
  deleteMarker: boolean
  /** Without quotes. */
  etag: string
  size: number
  pieces: Piece[]
  /** Epoch milliseconds. */
  modified: number
  /** Headers that are returned with the object: content type, encryption, metadata. */
  headers: Record<string, string>
  tags: [string, string][]
  checksum?: Checksum
}

export interface Part {
  number: number
  etag: string
  size: number
  pieces: Piece[]
  modified: number
  checksum?: string
}

/** An unfinished multipart upload. */
export interface Upload {
  id: string
  key: string
  started: number
  headers: Record<string, string>
  tags: [string, string][]
  algorithm?: Algorithm
  checksumType: 'FULL_OBJECT' | 'COMPOSITE'
  parts: Map<number, Part>
}

export interface Bucket {
  name: string
  region: string
  owner: string
  created: number
  versioning: '' | 'Enabled' | 'Suspended'
  publicAccessBlock?: PublicAccessBlock
  /** As the API shows them (LifecycleRule); nothing acts on them. */
  lifecycleRules?: object[]
  /** The KMS key of its default encryption, which is only shown. */
  kmsKey?: string
  /** Versions by key, newest first. */
  objects: Map<string, Version[]>
  uploads: Map<string, Upload>
}

/** All buckets of the cloud, and the folder with their bytes. */
export interface Store {
  folder: string
  buckets: Map<string, Bucket>
  /** A path for a file that does not exist yet. */
  newFile(): string
}

export const createStore = (folder: string): Store => {
  mkdirSync(folder, { recursive: true })
  let count = 0
  return { folder, buckets: new Map(), newFile: () => join(folder, String(++count)) }
}

export const createBucket = (
  store: Store,
  options: { name: string; region: string; owner: string; created: number; versioning?: Bucket['versioning'] }
): Bucket => {
  const bucket: Bucket = { versioning: 'Enabled', ...options, objects: new Map(), uploads: new Map() }
  store.buckets.set(bucket.name, bucket)
  return bucket
}

const newVersionId = (): string => randomBytes(24).toString('base64url')

/** Puts a version on top: a new one in a versioned bucket, otherwise in place of the `null` version. */
export const addVersion = (bucket: Bucket, version: Omit<Version, 'versionId'>): Version => {
  const versionId = bucket.versioning === 'Enabled' ? newVersionId() : 'null'
  const added = { ...version, versionId }
  const older = (bucket.objects.get(version.key) ?? []).filter(
    (one) => one.versionId !== 'null' || versionId !== 'null'
  )
  bucket.objects.set(version.key, [added, ...older])
  return added
}

/** The newest version, or undefined if there is none or it is a delete marker. */
export const current = (bucket: Bucket, key: string): Version | undefined => {
  const newest = bucket.objects.get(key)?.[0]
  return newest?.deleteMarker === true ? undefined : newest
}

/** A version by id (the newest by default); throws NoSuchKey or NoSuchVersion. */
export const findVersion = (bucket: Bucket, key: string, versionId?: string): Version => {
  if (versionId === undefined) {
    const version = current(bucket, key)
    if (version === undefined) throw new ServiceError('NoSuchKey', 'The specified key does not exist.', 404)
    return version
  }
  const version = bucket.objects.get(key)?.find((one) => one.versionId === versionId)
  if (version === undefined)
    throw new ServiceError('NoSuchVersion', 'The specified version does not exist.', 404)
  if (version.deleteMarker) {
    throw new ServiceError(
      'MethodNotAllowed',
      'The specified method is not allowed against this resource.',
      405
    )
  }
  return version
}

export const findBucket = (store: Store, name: string): Bucket => {
  const bucket = store.buckets.get(name)
  if (bucket === undefined) throw new ServiceError('NoSuchBucket', 'The specified bucket does not exist', 404)
  return bucket
}
