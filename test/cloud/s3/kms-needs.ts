import type { Need } from '../identity/authorize.js'
import { header, type Call } from '../wire/call.js'
import { copySource } from './copy.js'
import type { Store, Upload } from './store.js'

const KEY = 'x-amz-server-side-encryption-aws-kms-key-id'

const need = (action: string, resource: string | undefined): Need[] =>
  resource === undefined ? [] : [{ action: `kms:${action}`, resource }]

/** The key of a stored object, or undefined; whether the caller may read the object is checked elsewhere. */
const keyOfObject = (store: Store, place: { bucket: string; key: string; versionId?: string }) => {
  const versions = store.buckets.get(place.bucket)?.objects.get(place.key) ?? []
  const found = versions.find(({ versionId }) => versionId === (place.versionId ?? versionId))
  return found?.deleteMarker === false ? found.headers[KEY] : undefined
}

const ofSource = (call: Call, store: Store): Need[] =>
  header(call, 'x-amz-copy-source') === undefined ? [] : need('Decrypt', keyOfObject(store, copySource(call)))

/**
 * The permissions that S3 needs from KMS on the caller's behalf (S3 user guide, "Protecting data with SSE-KMS", permissions): a
 * data key to start an object, and decryption to read one, for each further part of a multipart upload and for the source of a copy.
 */
export const kmsNeeds = (
  call: Call,
  store: Store,
  uploads: ReadonlyMap<string, Upload>,
  place: { bucket: string; key: string }
): Need[] => {
  const { operation } = call
  if (operation === 'GetObject') {
    const versionId = call.query.get('versionId')
    return need('Decrypt', keyOfObject(store, versionId === null ? place : { ...place, versionId }))
  }
  if (/^(PutObject|CopyObject|CreateMultipartUpload)$/.test(operation))
    return [...ofSource(call, store), ...need('GenerateDataKey', header(call, KEY))]
  if (/^(UploadPart|UploadPartCopy|CompleteMultipartUpload)$/.test(operation)) {
    const upload = uploads.get(call.query.get('uploadId') ?? '')
    return [...ofSource(call, store), ...need('Decrypt', upload?.headers[KEY])]
  }
  return []
}
