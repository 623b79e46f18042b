/** The archive formats that the agent unpacks on a server. */
export type BundleType = 'zip' | 'tgz' | 'tar'

/** Where a revision is stored, as CodeDeploy names it. `foreign` is one that this action cannot store (GitHub, other types). */
export type RevisionLocation =
  | {
      kind: 's3'
      bucket: string
      key: string
      bundleType: BundleType
      version?: string | undefined
      etag?: string | undefined
    }
  | { kind: 'foreign'; text: string }

/** A bundle in S3, pinned where the bucket allows it. */
export type StoredLocation = Extract<RevisionLocation, { kind: 's3' }>

/** One commit's bundle, stored and pinned: from here on, deploy and rollback share one path. */
export interface Revision {
  commit: string
  location: StoredLocation
  /** SHA-256 (hex) over the tree: paths, modes, link targets and contents; not over the archive's bytes. */
  contentHash: string
  /** Bytes uploaded for it in this run; 0 when it was already stored or S3 copied it. */
  uploadedBytes: number
  /** Bytes of the archive. */
  size: number
}

/** `s3://bucket/key?versionId=…`: where a bundle is stored, with its version if the bucket keeps versions. */
export const revisionAddress = ({ bucket, key, version }: StoredLocation): string =>
  `s3://${bucket}/${key}${version === undefined ? '' : `?versionId=${version}`}`

const KEY = /^(?<commit>[0-9a-f]{40})-(?<hash>[0-9a-f]{12})\.(?<type>zip|tgz|tar)$/

/** Removes slashes at both ends of a prefix. An empty prefix stays empty. */
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

/** Reads commit and hash back from a key; undefined for a key that this action did not create. */
export const parseRevisionKey = (
  key: string
): { commit: string; hash: string; bundleType: BundleType } | undefined => {
  const found = KEY.exec(key.slice(key.lastIndexOf('/') + 1))?.groups
  return found === undefined
    ? undefined
    : { commit: found['commit'] ?? '', hash: found['hash'] ?? '', bundleType: found['type'] as BundleType }
}

/** The commit of a revision that this action stored, otherwise the service's name for it. */
export const revisionName = (revision: RevisionLocation | undefined): string | undefined =>
  revision === undefined
    ? undefined
    : revision.kind === 's3'
      ? (parseRevisionKey(revision.key)?.commit ?? `s3://${revision.bucket}/${revision.key}`)
      : revision.text

const bare = (etag: string | undefined): string => (etag ?? '').replace(/"/g, '')

/** Whether two locations are the same stored bundle. A pin that only one of them has makes no difference. */
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
