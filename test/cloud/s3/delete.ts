import { empty, items, readXml, xml, type S3Operation, type S3Request } from './request.js'
import { addVersion } from './store.js'

interface Removal {
  versionId?: string
  marker?: boolean
}

const remove = (request: S3Request, key: string, versionId: string | undefined): Removal => {
  const { bucket } = request
  const versions = bucket.objects.get(key) ?? []
  if (versionId !== undefined) {
    const gone = versions.find((one) => one.versionId === versionId)
    const left = versions.filter((one) => one !== gone)
    if (left.length === 0) bucket.objects.delete(key)
    else bucket.objects.set(key, left)
    return gone === undefined ? { versionId } : { versionId, marker: gone.deleteMarker }
  }
  if (bucket.versioning === '') {
    bucket.objects.delete(key)
    return {}
  }
  const marker = {
    key,
    deleteMarker: true,
    etag: '',
    size: 0,
    pieces: [],
    modified: request.now,
    headers: {},
    tags: []
  }
  return { versionId: addVersion(bucket, marker).versionId, marker: true }
}

const deleteObject: S3Operation = (request) => {
  const removal = remove(request, request.key, request.call.query.get('versionId') ?? undefined)
  return empty(204, {
    ...(removal.versionId === undefined ? {} : { 'x-amz-version-id': removal.versionId }),
    ...(removal.marker === true ? { 'x-amz-delete-marker': 'true' } : {})
  })
}

const deleteObjects: S3Operation = async (request) => {
  const body = await readXml(request.call, 'Delete')
  const Deleted = items(body['Object']).map((one) => {
    const removal = remove(request, one['Key'] ?? '', one['VersionId'])
    const made = removal.marker === true && one['VersionId'] === undefined
    return {
      Key: one['Key'],
      VersionId: one['VersionId'],
      ...(made ? { DeleteMarker: true, DeleteMarkerVersionId: removal.versionId } : {})
    }
  })
  return xml('DeleteResult', body['Quiet'] === 'true' ? {} : { Deleted })
}

export const deleteOperations: Record<string, S3Operation> = {
  DeleteObject: deleteObject,
  DeleteObjects: deleteObjects
}
