import type { CheckReads } from '../check-port.js'
import { type CheckFinding, judged } from '../domain/check/finding.js'
import { encryptionFindings, lifecycleFindings } from '../domain/check/lifecycle.js'
import { bucketFindings, publicAccessFindings, versioningFindings } from '../domain/check/surroundings.js'
import { settle } from './check-reads.js'

/** Where bundles are stored; nothing is checked without a bucket. */
export interface BundlePlace {
  application: string
  bucket: string
  prefix: string
  region: string
}

export const checkBucket = async (
  { bucket, region, prefix, application }: BundlePlace,
  reads: CheckReads
): Promise<CheckFinding[]> => {
  if (bucket === '') return []
  const found = await settle(reads.bucket(bucket))
  const findings = judged('Bucket', 'HeadBucket', found, (value) => bucketFindings(bucket, value, region))
  if (
    'value' in found &&
    (!found.value.exists || (found.value.region !== undefined && found.value.region !== region))
  )
    return findings
  const [versioned, blocked, rules, key] = await Promise.all([
    settle(reads.isVersioned(bucket)),
    settle(reads.blocksPublicAccess(bucket)),
    settle(reads.lifecycle(bucket)),
    settle(reads.encryptionKey(bucket))
  ])
  return [
    ...findings,
    ...judged('Versioning', 'GetBucketVersioning', versioned, (on) => versioningFindings(bucket, on)),
    ...judged('Public access', 'GetPublicAccessBlock', blocked, (on) => publicAccessFindings(bucket, on)),
    ...judged('Lifecycle rules', 'GetBucketLifecycleConfiguration', rules, (found) =>
      lifecycleFindings(bucket, `${prefix}/${application}/`, found)
    ),
    ...judged('Encryption', 'GetBucketEncryption', key, (found) => encryptionFindings(bucket, found))
  ]
}
