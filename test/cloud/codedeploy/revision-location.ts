import { structure, text, type Input } from './input.js'
import type { RevisionLocation, S3Location } from './model.js'
import { refuse } from './refusal.js'

const BUNDLES = ['zip', 'tgz', 'tar'] as const
const COMMIT = /^[0-9a-f]{40}$/

/** Reads a RevisionLocation for the Server platform: S3 or GitHub (docs/service.md, reference 4.3). */
export const readRevision = (revision: Input | undefined): RevisionLocation => {
  if (revision === undefined) return refuse('RevisionRequiredException', 'A revision is required.')
  switch (text(revision, 'revisionType')) {
    case 'S3':
      return { revisionType: 'S3', s3Location: readS3(structure(revision, 's3Location') ?? {}) }
    case 'GitHub':
      return {
        revisionType: 'GitHub',
        gitHubLocation: readGitHub(structure(revision, 'gitHubLocation') ?? {})
      }
    default:
      return refuse(
        'InvalidRevisionException',
        `The revisionType ${JSON.stringify(revision['revisionType'])} is not one for EC2: S3 or GitHub.`
      )
  }
}

const readS3 = (location: Input): S3Location => {
  const [bucket, key, type] = ['bucket', 'key', 'bundleType'].map((member) => text(location, member))
  if (bucket === undefined || key === undefined) {
    return refuse('InvalidRevisionException', 'An S3 revision needs a bucket and a key.')
  }
  const bundleType = BUNDLES.find((one) => one === type)
  if (bundleType === undefined)
    return refuse('InvalidRevisionException', 'BundleType must be either tar, tgz or zip')
  const [version, eTag] = [text(location, 'version'), text(location, 'eTag')]
  return {
    bucket,
    key,
    bundleType,
    ...(version === undefined ? {} : { version }),
    ...(eTag === undefined ? {} : { eTag })
  }
}

const readGitHub = (location: Input): { repository: string; commitId: string } => {
  const [repository, commitId] = [text(location, 'repository') ?? '', text(location, 'commitId') ?? '']
  if (!repository.includes('/') || !COMMIT.test(commitId)) {
    refuse(
      'InvalidRevisionException',
      'A GitHub revision needs a repository (owner/name) and a full commit id.'
    )
  }
  return { repository, commitId }
}

/** One text per location, to compare and as a key. */
export const revisionKey = (location: RevisionLocation): string => {
  if (location.revisionType === 'GitHub')
    return `github:${location.gitHubLocation.repository}@${location.gitHubLocation.commitId}`
  const { bucket, key, bundleType, version, eTag } = location.s3Location
  return ['s3', bucket, key, bundleType, version ?? '', eTag ?? ''].join('|')
}
