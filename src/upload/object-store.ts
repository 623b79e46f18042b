/** Where an object lies. */
export interface ObjectPlace {
  bucket: string
  key: string
}

/** An object that is to be stored, with all that is said of it. */
export interface NewObject extends ObjectPlace {
  contentType: string
  /** Names in lower case, values in ASCII (S3 keeps nothing else unchanged). */
  metadata: Record<string, string>
  tags: Record<string, string>
  kmsKeyId?: string | undefined
}

/** What S3 says of an object that is there. */
export interface StoredObject {
  size: number
  etag: string
  versionId?: string
  metadata: Record<string, string>
}

/** What pins an object that was stored just now. */
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

/** A part that S3 has; the CRC-32 is as S3 says it, in base64. */
export interface Part {
  number: number
  etag: string
  crc32?: string
}

/** Inclusive bounds of a range of bytes. */
export type Range = readonly [first: number, last: number]

/**
 * S3, as storing a bundle needs it. Every call repeats itself over what passes (throttling, lost connections, 5xx) and
 * throws the service's error otherwise. Nothing here ever overwrites: put, finish and copy are refused with status 412
 * when the key is taken.
 */
export interface ObjectStore {
  /** Undefined when there is no such object. */
  head(place: ObjectPlace & { version?: string | undefined }): Promise<StoredObject | undefined>
  put(object: NewObject, body: Body): Promise<Stored>
  begin(object: NewObject): Promise<Upload>
  part(upload: Upload, number: number, body: Body): Promise<Part>
  /** `whole` is the object out of its parts; S3 compares both with what it has. */
  finish(upload: Upload, parts: readonly Part[], whole: { size: number; crc: number }): Promise<Stored>
  /** Deletes the parts; done even when the job is canceled. An upload that is gone already is fine. */
  abort(upload: Upload): Promise<void>
  copy(object: NewObject, from: ObjectPlace & Stored): Promise<Stored>
  copyPart(upload: Upload, number: number, from: ObjectPlace & Stored, range: Range): Promise<Part>
  /** Closes a copy that was made in parts, of which this side knows no checksum. */
  finishCopy(upload: Upload, parts: readonly Part[]): Promise<Stored>
}
