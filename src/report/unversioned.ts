import type { StoredLocation } from '../domain/revision.js'

/**
 * What to know about a bundle without a version; undefined for one that has a version. In a bucket whose versioning is suspended,
 * the version is `null` (S3 user guide: versioning).
 */
export const unversioned = ({ bucket, key, version }: StoredLocation): string | undefined =>
  version !== undefined && version !== 'null'
    ? undefined
    : `s3://${bucket}/${key} has no version, so once it is overwritten or deleted, nobody can roll back to it. Turn versioning on: \`aws s3api put-bucket-versioning --bucket ${bucket} --versioning-configuration Status=Enabled\`.`
