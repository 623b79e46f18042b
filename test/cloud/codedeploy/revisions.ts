import { applicationOf } from './find.js'
import { descriptionOf, structure, text, type Input } from './input.js'
import type { Application, Revision, RevisionLocation } from './model.js'
import { pageOf } from './paging.js'
import { seconds, type Operations, type Plane } from './plane.js'
import { refuse } from './refusal.js'
import { readRevision, revisionKey } from './revision-location.js'

/** Registers a revision, or updates the description of a known one. */
export const register = (
  application: Application,
  location: RevisionLocation,
  about: { now: number; description?: string | undefined }
): Revision => {
  const known = application.revisions.get(revisionKey(location))
  const revision = known ?? { location, registeredAt: about.now }
  if (about.description !== undefined) revision.description = about.description
  application.revisions.set(revisionKey(location), revision)
  return revision
}

const isTargetOf = (application: Application, { location }: Revision): string[] =>
  [...application.groups.values()]
    .filter(
      (group) =>
        group.targetRevision !== undefined && revisionKey(group.targetRevision) === revisionKey(location)
    )
    .map((group) => group.name)

const information = (application: Application, revision: Revision): object => ({
  ...(revision.description === undefined ? {} : { description: revision.description }),
  deploymentGroups: isTargetOf(application, revision),
  ...(revision.firstUsedAt === undefined ? {} : { firstUsedTime: seconds(revision.firstUsedAt) }),
  ...(revision.lastUsedAt === undefined ? {} : { lastUsedTime: seconds(revision.lastUsedAt) }),
  registerTime: seconds(revision.registeredAt)
})

const known = (application: Application, location: RevisionLocation): Revision =>
  application.revisions.get(revisionKey(location)) ??
  refuse('RevisionDoesNotExistException', 'The named revision does not exist with the user or AWS account.')

const times: Record<string, (revision: Revision) => number> = {
  registerTime: (revision) => revision.registeredAt,
  firstUsedTime: (revision) => revision.firstUsedAt ?? 0,
  lastUsedTime: (revision) => revision.lastUsedAt ?? 0
}

const listed = (plane: Plane, input: Input): object => {
  const application = applicationOf(plane.engine.state, input)
  const [bucket, prefix] = [text(input, 's3Bucket'), text(input, 's3KeyPrefix')]
  if (prefix !== undefined && bucket === undefined) {
    refuse('BucketNameFilterRequiredException', 'A bucket name is required, but was not provided.')
  }
  const deployed = text(input, 'deployed') ?? 'ignore'
  if (!['include', 'exclude', 'ignore'].includes(deployed)) {
    refuse('InvalidDeployedStateFilterException', `The deployed state filter '${deployed}' is invalid.`)
  }
  const found = [...application.revisions.values()].filter((revision) => {
    const { location } = revision
    const s3 = location.revisionType === 'S3' ? location.s3Location : undefined
    if (bucket !== undefined && s3?.bucket !== bucket) return false
    if (prefix !== undefined && s3?.key.startsWith(prefix) !== true) return false
    return deployed === 'ignore' || (deployed === 'include') === isTargetOf(application, revision).length > 0
  })
  const question = { input, operation: 'ListApplicationRevisions', pageSize: plane.pageSize }
  const page = pageOf(found, question, (revision) => revisionKey(revision.location))
  return {
    revisions: sorted(page.items, input).map((revision) => revision.location),
    ...(page.nextToken === undefined ? {} : { nextToken: page.nextToken })
  }
}

// Only within a page: what the service does across pages is not known.
const sorted = (revisions: Revision[], input: Input): Revision[] => {
  const [by, order] = [text(input, 'sortBy'), text(input, 'sortOrder') ?? 'ascending']
  if (!['ascending', 'descending'].includes(order))
    refuse('InvalidSortOrderException', `The sort order '${order}' is invalid.`)
  if (by === undefined) return revisions
  const time = times[by] ?? refuse('InvalidSortByException', `The column name '${by}' to sort by is invalid.`)
  const sign = order === 'ascending' ? 1 : -1
  return [...revisions].sort((a, b) => sign * (time(a) - time(b)))
}

const batch = ({ engine }: Plane, input: Input): object => {
  const application = applicationOf(engine.state, input)
  const revisions = (Array.isArray(input['revisions']) ? input['revisions'] : []) as Input[]
  if (revisions.length === 0) refuse('RevisionRequiredException', 'At least one revision is required.')
  if (revisions.length > 25)
    refuse('BatchLimitExceededException', `Maximum number of revisions is 25, received ${revisions.length}.`)
  return {
    applicationName: application.name,
    errorMessage: '',
    revisions: revisions.map((location) => {
      const revision = known(application, readRevision(location))
      return { revisionLocation: revision.location, genericRevisionInfo: information(application, revision) }
    })
  }
}

/** Revisions of an application (docs/service.md, reference 4.4). */
export const revisionOperations: Operations = {
  RegisterApplicationRevision: ({ engine }, input) => {
    const application = applicationOf(engine.state, input)
    const location = readRevision(structure(input, 'revision'))
    register(application, location, { now: engine.clock.now(), description: descriptionOf(input) })
    return undefined
  },
  GetApplicationRevision: ({ engine }, input) => {
    const application = applicationOf(engine.state, input)
    const revision = known(application, readRevision(structure(input, 'revision')))
    return {
      applicationName: application.name,
      revision: revision.location,
      revisionInfo: information(application, revision)
    }
  },
  ListApplicationRevisions: listed,
  BatchGetApplicationRevisions: batch
}
