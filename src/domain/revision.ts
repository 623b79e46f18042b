/** The archive formats that the agent unpacks on a server. */
export type BundleType = 'zip' | 'tgz' | 'tar'

/** Where a revision lies, as CodeDeploy names it. `foreign` is what this action did not and cannot store (GitHub, other types). */
export type RevisionLocation =
  | { kind: 's3'; bucket: string; key: string; bundleType: BundleType; version?: string; etag?: string }
  | { kind: 'foreign'; text: string }

/** A bundle in S3, pinned where the bucket allows it. */
export type StoredLocation = Extract<RevisionLocation, { kind: 's3' }>

/** One commit's bundle, stored and pinned: the noun on which deploy and rollback become one path. */
export interface Revision {
  commit: string
  /** First line of the commit message, when it is known. */
  subject?: string
  location: StoredLocation
  /** SHA-256 (hex) over the tree: paths, modes, link targets and contents; not over the archive's bytes. */
  contentHash: string
  /** Bytes that went over the wire for it in this run; 0 when it was there already or was copied by S3 itself. */
  uploadedBytes: number
  /** Bytes of the archive. */
  size: number
}

/** `s3://bucket/key?versionId=…`: where a bundle lies, with its version where the bucket keeps versions. */
export const revisionAddress = ({ bucket, key, version }: StoredLocation): string =>
  `s3://${bucket}/${key}${version === undefined ? '' : `?versionId=${version}`}`

const KEY = /^(?<commit>[0-9a-f]{40})-(?<hash>[0-9a-f]{12})\.(?<type>zip|tgz|tar)$/

/** Normalizes a prefix: no slash at its ends. An empty prefix stays empty. */
export const trimPrefix = (prefix: string): string => prefix.replace(/^\/+|\/+$/g, '')

/** The folder of one application's revisions: `<prefix>/<application>/`. */
export const revisionFolder = (prefix: string, application: string): string =>
  [trimPrefix(prefix), application].filter((part) => part !== '').join('/') + '/'

/** `<prefix>/<application>/<commit>-<first 12 of the content hash>.<type>`; the same revision always has the same key. */
export const revisionKey = (
  place: { prefix: string; application: string },
  revision: { commit: string; contentHash: string; bundleType: BundleType }
): string =>
  `${revisionFolder(place.prefix, place.application)}${revision.commit}-${revision.contentHash.slice(0, 12)}.${revision.bundleType}`

/** Reads commit and hash back from a key; undefined for a key that this action did not make. */
export const parseRevisionKey = (
  key: string
): { commit: string; hash: string; bundleType: BundleType } | undefined => {
  const found = KEY.exec(key.slice(key.lastIndexOf('/') + 1))?.groups
  return found === undefined
    ? undefined
    : { commit: found['commit'] ?? '', hash: found['hash'] ?? '', bundleType: found['type'] as BundleType }
}

/** The commit of a revision that this action stored, else what the service calls the revision. */
export const revisionName = (revision: RevisionLocation | undefined): string | undefined =>
  revision === undefined
    ? undefined
    : revision.kind === 's3'
      ? (parseRevisionKey(revision.key)?.commit ?? `s3://${revision.bucket}/${revision.key}`)
      : revision.text

const bare = (etag: string | undefined): string => (etag ?? '').replace(/"/g, '')

/** Whether two locations are one stored bundle. A pin that only one of them has does not tell them apart. */
export const sameRevision = (
  one: RevisionLocation | undefined,
  other: RevisionLocation | undefined
): boolean => {
  if (one?.kind === 'foreign' && other?.kind === 'foreign') return one.text === other.text
  if (one?.kind !== 's3' || other?.kind !== 's3') return false
  const versionsAgree =
    one.version === undefined || other.version === undefined || one.version === other.version
  const tagsAgree = bare(one.etag) === '' || bare(other.etag) === '' || bare(one.etag) === bare(other.etag)
  return one.bucket === other.bucket && one.key === other.key && versionsAgree && tagsAgree
}
