import { factsOf } from '../domain/fault.js'
import { asDocumented, missingRights, rightsOf } from '../domain/rights.js'
import { UserError } from '../errors.js'
import type { NewObject, ObjectPlace, ObjectStore } from '../storage-port.js'

/** What the message about a refusal names. */
interface Refused extends ObjectPlace {
  operation: string
  /** Permissions that the operation needs, as a policy writes them. */
  permissions: readonly string[]
  region: string
  kmsKeyId?: string | undefined
}

/** An object with this key already exists (If-None-Match: *). */
export const isTaken = (error: unknown): boolean => factsOf(error).httpStatus === 412

/** Another run is storing the same key at this moment; S3 wants the whole upload to start over. */
export const isConflict = (error: unknown): boolean =>
  factsOf(error).name === 'ConditionalRequestConflict' || factsOf(error).httpStatus === 409

/** The upload was already completed or aborted, or S3 lost a part that it had confirmed: it must start over. */
export const isUploadGone = (error: unknown): boolean =>
  ['NoSuchUpload', 'InvalidPart'].includes(factsOf(error).name)

const KMS = /kms|kmS/i

/** Turns a refusal by S3 into a UserError that says what it refused and what to do. Returns any other error unchanged. */
export const explain = (error: unknown, refused: Refused): unknown => {
  const { name, message, httpStatus } = factsOf(error)
  const { bucket, operation, region } = refused
  const say = (what: string, hint: string): UserError =>
    new UserError(`S3 refused ${operation} in the bucket ${bucket}: ${what}`, hint, { cause: error })
  if (name === 'PermanentRedirect' || name === 'AuthorizationHeaderMalformed' || httpStatus === 301)
    return say(
      `it is not in the region ${region}${regionIn(error)}.`,
      'Set `s3-bucket` to a bucket in the region of the instances: CodeDeploy only takes revisions from that region.'
    )
  if (name === 'NoSuchBucket')
    return say(
      'there is no such bucket.',
      'Correct `s3-bucket`, or create the bucket with versioning in the region of the instances.'
    )
  if (name.startsWith('KMS.') || (httpStatus === 400 && KMS.test(`${name} ${message}`)))
    return say(
      `${name}: ${message}`,
      `Check that the key ${refused.kmsKeyId ?? 'of the bucket'} exists in ${region}, is enabled, and lets this role use it.`
    )
  if (httpStatus === 403) return denied(error, refused)
  return error
}

const KMS_RIGHTS = ['kms:GenerateDataKey', 'kms:Decrypt']

const denied = (error: unknown, refused: Refused): UserError => {
  const { bucket, key, operation, permissions, kmsKeyId } = refused
  const { name, message, rolePolicy } = factsOf(error)
  const needsKey = KMS.test(message) || kmsKeyId !== undefined
  const missing = missingRights(error, [...permissions, ...(needsKey ? KMS_RIGHTS : [])])
  return new UserError(
    `S3 refused ${operation} of ${key} in the bucket ${bucket}: ${name} ${message}`.trimEnd(),
    [
      `Check that \`s3-bucket\` is right, and in this account and region: a role that may only use one bucket is refused for any other in the same way. If it is right, allow the role ${asDocumented(missing, rolePolicy)}.`,
      'S3 gives the same answer for a wrong `expected-bucket-owner` and for a bucket policy that denies access.'
    ].join(' '),
    { cause: error }
  )
}

/** S3 puts the right region into a header, which the SDK keeps with the error. */
const regionIn = (error: unknown): string => {
  const { $response, Region } = error as {
    $response?: { headers?: Record<string, string> }
    Region?: string
  }
  const region = $response?.headers?.['x-amz-bucket-region'] ?? Region
  return region === undefined ? '' : ` but in ${region}`
}

/** The same store, with refusals explained. */
export const explaining = (store: ObjectStore, region: string): ObjectStore => {
  const explained = async <T>(what: Omit<Refused, 'region'>, call: () => Promise<T>): Promise<T> => {
    try {
      return await call()
    } catch (error) {
      throw explain(error, { ...what, region })
    }
  }
  const named = (operation: string, place: ObjectPlace) => ({
    ...place,
    operation,
    permissions: rightsOf(operation)
  })
  const made = (operation: string, object: NewObject) => {
    const tagging = Object.keys(object.tags).length > 0 ? ['s3:PutObjectTagging'] : []
    return { ...object, operation, permissions: [...rightsOf(operation), ...tagging] }
  }
  return {
    head: (place) => explained(named('HeadObject', place), () => store.head(place)),
    put: (object, body) => explained(made('PutObject', object), () => store.put(object, body)),
    begin: (object) => explained(made('CreateMultipartUpload', object), () => store.begin(object)),
    part: (upload, number, body) =>
      explained(named('UploadPart', upload), () => store.part(upload, number, body)),
    finish: (upload, parts, whole) =>
      explained(named('CompleteMultipartUpload', upload), () => store.finish(upload, parts, whole)),
    abort: (upload) => explained(named('AbortMultipartUpload', upload), () => store.abort(upload)),
    copy: (object, from) => store.copy(object, from),
    copyPart: (upload, number, from, range) => store.copyPart(upload, number, from, range),
    finishCopy: (upload, parts) => store.finishCopy(upload, parts)
  }
}
