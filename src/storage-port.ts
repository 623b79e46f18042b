import type { StoredLocation } from './domain/revision.js'

/** Where an object is stored. */
export interface ObjectPlace {
  bucket: string
  key: string
}

/** An object to store, with its metadata. */
export interface NewObject extends ObjectPlace {
  contentType: string
  /** Names in lower case, values in ASCII (S3 keeps nothing else unchanged). */
  metadata: Record<string, string>
  tags: Record<string, string>
  kmsKeyId?: string | undefined
}

/** What S3 says about a stored object. */
export interface StoredObject {
  size: number
  etag: string
  versionId?: string | undefined
  metadata: Record<string, string>
}

/** What pins an object that was just stored. */
export type Stored = Pick<StoredObject, 'etag' | 'versionId'>

/** Bytes to send, with the checksum that S3 compares them with. */
export interface Body {
  pieces: readonly Uint8Array[]
  size: number
  crc: number
}

export interface Upload extends ObjectPlace {
  id: string
}

/** A part that S3 has; its CRC-32 is in base64, as S3 returns it. */
export interface Part {
  number: number
  etag: string
  crc32?: string | undefined
}

/** Inclusive bounds of a byte range. */
export type Range = readonly [first: number, last: number]

/**
 * S3 for storing a bundle. Every call retries temporary failures (throttling, lost connections, 5xx) and otherwise throws the
 * service's error. Nothing here ever overwrites: put, finish and copy are refused with status 412 when the key exists.
 */
export interface ObjectStore {
  /** Undefined when there is no such object. */
  head(place: ObjectPlace & { version?: string | undefined }): Promise<StoredObject | undefined>
  put(object: NewObject, body: Body): Promise<Stored>
  begin(object: NewObject): Promise<Upload>
  part(upload: Upload, number: number, body: Body): Promise<Part>
  /** `whole` describes the assembled object; S3 compares both values with what it has. */
  finish(upload: Upload, parts: readonly Part[], whole: { size: number; crc: number }): Promise<Stored>
  /** Deletes the parts, even when the job is canceled. It is fine if the upload no longer exists. */
  abort(upload: Upload): Promise<void>
  copy(object: NewObject, from: ObjectPlace & Stored): Promise<Stored>
  copyPart(upload: Upload, number: number, from: ObjectPlace & Stored, range: Range): Promise<Part>
  /** Completes a copy made in parts, without checksums, which are not known here. */
  finishCopy(upload: Upload, parts: readonly Part[]): Promise<Stored>
}

/** Where the bundles of a run are stored. */
export interface BucketPlace {
  region: string
  bucket: string
  expectedOwner?: string | undefined
}

/** One key of the bucket. */
export interface StoredBundle {
  key: string
  lastModified: Date
}

/** What looking up a bundle needs of S3. */
export interface BundleStore {
  /** The bundles whose keys start with `prefix`, with the time they were stored; page by page, until `isEnough` is true. */
  list(prefix: string, isEnough?: (found: readonly StoredBundle[]) => boolean): Promise<StoredBundle[]>
  /** Version and ETag of the current object (or of the given version); undefined when it does not exist. */
  pin(location: StoredLocation): Promise<{ version?: string; etag: string } | undefined>
}

/** Where the manifests of bundles are stored (domain/manifest.ts), and the key that encrypts them, as it does the bundles. */
export interface ManifestPlace extends BucketPlace {
  kmsKeyId?: string | undefined
}

export interface ManifestStore {
  /** `s3://bucket/key`, for messages. */
  address(key: string): string
  /** Undefined when there is none. Throws the service's error, and an Error for one that is too large or cannot be unpacked. `signal` ends it. */
  read(key: string, signal?: AbortSignal): Promise<string | undefined>
  /** Never overwrites; it is fine if there is one already, since the same key always has the same entries. */
  write(key: string, text: string): Promise<void>
}

/** One small text that several runs may change at the same time. */
export interface RecordStore {
  /** `s3://bucket/key`, for messages. */
  address: string
  /** Undefined when there is none. Throws the service's error, and an Error when the text is larger than any that was written. */
  read(): Promise<{ text: string; etag: string } | undefined>
  /** Replaces exactly what was read (`former` is its ETag, undefined when there was nothing); false when it has changed since. */
  write(text: string, former: string | undefined): Promise<boolean>
}
