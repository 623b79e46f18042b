import {
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  type LifecycleRule as SdkRule,
  type S3Client
} from '@aws-sdk/client-s3'
import type { CheckReads } from '../check-port.js'
import type { CheckedBucket, LifecycleRule } from '../domain/check/facts.js'
import { factsOf } from '../domain/fault.js'
import type { Call } from './client-config.js'

/** The header with which S3 names a bucket's region, also when it refuses the call (S3 API: HeadBucket). */
const REGION_HEADER = 'x-amz-bucket-region'

const regionOf = (error: unknown): string | undefined =>
  (error as { $response?: { headers?: Record<string, string> } }).$response?.headers?.[REGION_HEADER]

/** What `check` reads of the bucket. */
export const ofBucket = (
  client: S3Client,
  call: Call,
  owner: string | undefined
): Pick<CheckReads, 'bucket' | 'isVersioned' | 'blocksPublicAccess' | 'lifecycle' | 'encryptionKey'> => {
  const place = (bucket: string) => ({ Bucket: bucket, ExpectedBucketOwner: owner })
  return {
    bucket: async (name): Promise<CheckedBucket> => {
      try {
        const { BucketRegion: region } = await call('HeadBucket', (options) =>
          client.send(new HeadBucketCommand(place(name)), options)
        )
        return { exists: true, region }
      } catch (error) {
        const { httpStatus } = factsOf(error)
        if (httpStatus === 404) return { exists: false }
        if (httpStatus === 301) return { exists: true, region: regionOf(error) ?? 'another region' }
        throw error
      }
    },
    isVersioned: async (bucket) => {
      const { Status } = await call('GetBucketVersioning', (options) =>
        client.send(new GetBucketVersioningCommand(place(bucket)), options)
      )
      return Status === 'Enabled'
    },
    blocksPublicAccess: async (bucket) => {
      try {
        const { PublicAccessBlockConfiguration: block } = await call('GetPublicAccessBlock', (options) =>
          client.send(new GetPublicAccessBlockCommand(place(bucket)), options)
        )
        return [
          block?.BlockPublicAcls,
          block?.IgnorePublicAcls,
          block?.BlockPublicPolicy,
          block?.RestrictPublicBuckets
        ].every((on) => on === true)
      } catch (error) {
        if (factsOf(error).name === 'NoSuchPublicAccessBlockConfiguration') return false
        throw error
      }
    },
    lifecycle: async (bucket) => {
      try {
        const { Rules = [] } = await call('GetBucketLifecycleConfiguration', (options) =>
          client.send(new GetBucketLifecycleConfigurationCommand(place(bucket)), options)
        )
        return Rules.filter(({ Status }) => Status === 'Enabled').map(toRule)
      } catch (error) {
        if (factsOf(error).name === 'NoSuchLifecycleConfiguration') return []
        throw error
      }
    },
    encryptionKey: async (bucket) => {
      try {
        const { ServerSideEncryptionConfiguration: { Rules: [rule] = [] } = {} } = await call(
          'GetBucketEncryption',
          (options) => client.send(new GetBucketEncryptionCommand(place(bucket)), options)
        )
        const { SSEAlgorithm = '', KMSMasterKeyID: key } = rule?.ApplyServerSideEncryptionByDefault ?? {}
        return SSEAlgorithm.startsWith('aws:kms') ? (key ?? 'aws/s3') : undefined
      } catch (error) {
        if (factsOf(error).name === 'ServerSideEncryptionConfigurationNotFoundError') return undefined
        throw error
      }
    }
  }
}

/** Storage classes that an object must be restored from (S3 user guide, "Restoring an archived object"). */
const ARCHIVES: readonly (string | undefined)[] = ['GLACIER', 'DEEP_ARCHIVE']

/** A filter has one condition, or several in `And` (S3 API: LifecycleRuleFilter); `Prefix` beside it is the older form. */
const toRule = ({
  ID = '',
  Filter: filter = {},
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- rules that were made in the older form still have it
  Prefix,
  Expiration,
  Transitions = []
}: SdkRule): LifecycleRule => {
  const { And: all, Prefix: one, ...others } = filter
  const { Prefix: first, ...rest } = all ?? {}
  return {
    id: ID,
    prefix: first ?? one ?? Prefix ?? '',
    isNarrower: [...Object.values(others), ...Object.values(rest)].some((value) => value !== undefined),
    expiresAfterDays: Expiration?.Days ?? (Expiration?.Date === undefined ? undefined : 0),
    archives: Transitions.flatMap(({ StorageClass }) =>
      ARCHIVES.includes(StorageClass) ? (StorageClass ?? []) : []
    )
  }
}
