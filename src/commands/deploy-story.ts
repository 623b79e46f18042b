import { revisionAddress, type Revision } from '../domain/revision.js'
import type { Story } from '../report/story.js'
import type { World } from '../world.js'
import type { Site } from './deploy.js'
import { originOf } from './origin.js'

/** What the report of a deploy tells. */
export const storyOf = (
  {
    ending,
    revision,
    previousCommit
  }: { ending: Story['ending']; revision: Revision; previousCommit: string | undefined },
  { inputs, group, subject, world }: Site
): Story => {
  const { repository } = originOf(world.context)
  return {
    command: 'deploy',
    ending,
    region: inputs.identity.region,
    now: new Date(world.clock.now()),
    commit: inputs.commit,
    groupId: group.id,
    bundle: bundleFacts(revision),
    ...(subject === '' ? {} : { subject }),
    ...(previousCommit === undefined ? {} : { previousCommit }),
    ...(repository === undefined ? {} : { repository })
  }
}

const bundleFacts = (revision: Revision): NonNullable<Story['bundle']> => ({
  size: revision.size,
  uploadedBytes: revision.uploadedBytes,
  contentHash: revision.contentHash,
  address: revisionAddress(revision.location)
})

/** Given before the deployment starts, so that a run that ends otherwise leaves them too. */
export const revisionOutputs = (revision: Revision, { runner }: World): void => {
  runner.output('commit', revision.commit)
  runner.output('revision', revisionAddress(revision.location))
  runner.output('bundle-sha256', revision.contentHash)
  runner.output('uploaded-bytes', String(revision.uploadedBytes))
}
