import { maxKeys, parameters, written } from './list-request.js'
import { byBytes, quoted, xml, type S3Operation } from './request.js'
import type { Version } from './store.js'

const listed = (version: Version, latest: boolean, write: (key: string) => string): object => ({
  Key: write(version.key),
  VersionId: version.versionId,
  IsLatest: latest,
  LastModified: new Date(version.modified),
  ...(version.deleteMarker
    ? {}
    : { ETag: quoted(version.etag), Size: version.size, StorageClass: 'STANDARD' })
})

export const listVersions: S3Operation = (request) => {
  const { bucket } = request
  const { query } = request.call
  const write = written(request)
  const prefix = parameters(request).prefix
  const all = [...bucket.objects.keys()]
    .filter((key) => key.startsWith(prefix))
    .sort(byBytes)
    .flatMap((key) =>
      (bucket.objects.get(key) ?? []).map((version, index) => ({ version, latest: index === 0 }))
    )
  const from = startOfVersions(
    all.map(({ version }) => version),
    query.get('key-marker'),
    query.get('version-id-marker')
  )
  const shown = all.slice(from, from + maxKeys(request, 'max-keys'))
  const last = shown.at(-1)?.version
  const truncated = last !== undefined && from + shown.length < all.length
  const of = (markers: boolean): object[] =>
    shown
      .filter(({ version }) => version.deleteMarker === markers)
      .map(({ version, latest }) => listed(version, latest, write))
  return xml('ListVersionsResult', {
    Name: bucket.name,
    Prefix: write(prefix),
    KeyMarker: query.get('key-marker') ?? '',
    MaxKeys: Number(query.get('max-keys') ?? '1000'),
    IsTruncated: truncated,
    EncodingType: query.get('encoding-type') ?? undefined,
    ...(truncated ? { NextKeyMarker: write(last.key), NextVersionIdMarker: last.versionId } : {}),
    Version: of(false),
    DeleteMarker: of(true)
  })
}

const startOfVersions = (all: readonly Version[], key: string | null, versionId: string | null): number => {
  if (key === null) return 0
  const exact = all.findIndex((one) => one.key === key && one.versionId === versionId)
  if (exact >= 0) return exact + 1
  const after = all.findIndex((one) => byBytes(one.key, key) > 0)
  return after < 0 ? all.length : after
}
