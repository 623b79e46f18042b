import { isOver, type Deployment } from './deployment.js'
import type { RevisionLocation } from './revision.js'

/**
 * The deployments that keep a group from taking another one. Those that an Auto Scaling group starts for one new instance
 * run beside a user's (captures §12), so they are no holders unless the service itself says so.
 */
export const holders = (deployments: readonly Deployment[]): Deployment[] =>
  deployments
    .filter((deployment) => !isOver(deployment.status) && !/^autoscaling/i.test(deployment.creator))
    .sort((one, other) => one.createdAt.getTime() - other.createdAt.getTime())

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
