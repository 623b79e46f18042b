import { deadlineOf } from '../domain/deadline.js'
import { describeByUser, describeDeploy } from '../domain/description.js'
import { unfit } from '../domain/fitness.js'
import type { DeploymentGroup } from '../domain/group.js'
import type { Revision } from '../domain/revision.js'
import type { DeployInputs } from '../inputs/types.js'
import { journal } from '../journal.js'
import { revisionName, type Story } from '../report/story.js'
import type { World } from '../world.js'
import { identifyRun } from './identity.js'
import { originOf } from './origin.js'
import { reportEnding } from './report.js'
import { endingOf, runDeployment, type Services } from './run-deployment.js'
import { openSource, refuseMistakes, type Source } from './source.js'
import { storeRevision } from './store-revision.js'

/** Source → Revision → Deployment → Outcome. What can be judged here is judged before AWS is called at all. */
export const runDeploy = async (inputs: DeployInputs, world: World): Promise<number> => {
  const source = await openSource(inputs, world)
  try {
    refuseMistakes(source, world)
    return await deploySource(source, inputs, world)
  } finally {
    await source.close()
  }
}

const deploySource = async (source: Source, inputs: DeployInputs, world: World): Promise<number> => {
  const { region } = inputs.identity
  const { clock, runner, context } = world
  const identity = await identifyRun(inputs.identity, world)
  const services: Services = {
    cancelable: await world.codeDeploy(region, identity, world.canceled),
    steady: await world.codeDeploy(region, identity)
  }
  const { group, live, previousCommit } = await readGroup(inputs, services)
  const subject =
    context.commit === inputs.commit && context.subject !== ''
      ? context.subject
      : await world.commitSubject(inputs.commit)
  const store = await world.objects(
    { region, bucket: inputs.bucket, expectedOwner: inputs.expectedBucketOwner },
    identity
  )
  const revision = await storeRevision({ inputs, source, live, subject }, store, world)
  revisionOutputs(revision, previousCommit, world)

  const { run, repository } = originOf(context)
  const description =
    inputs.description === undefined
      ? describeDeploy(inputs.commit, subject, run)
      : describeByUser(inputs.description, run)
  const log = journal({
    runner,
    paint: world.paint,
    now: () => clock.now(),
    region,
    group,
    ...(source.folder === undefined ? {} : { source: source.folder })
  })
  const ending = endingOf(
    await runDeployment(
      {
        inputs,
        group,
        location: revision.location,
        description,
        checkOrder: !inputs.skipOrderCheck,
        deadline: deadlineOf(clock.now(), world.startedAt, {
          ...inputs,
          waits: group.waits,
          hosted: context.hosted
        })
      },
      services,
      { world, journal: log }
    )
  )
  log.close()
  const story: Story = {
    command: 'deploy',
    ending,
    region,
    now: new Date(clock.now()),
    commit: inputs.commit,
    groupId: group.id,
    bundle: bundleFacts(revision),
    ...(subject === '' ? {} : { subject }),
    ...(previousCommit === undefined ? {} : { previousCommit }),
    ...(repository === undefined ? {} : { repository })
  }
  return reportEnding(story, group, { service: services.steady, world })
}

/** The group, and what it runs now: the revision of its last deployment that succeeded. */
const readGroup = async (
  { application, group: name }: DeployInputs,
  { cancelable }: Services
): Promise<{
  group: DeploymentGroup
  live: Revision['location'] | undefined
  previousCommit: string | undefined
}> => {
  const group = await cancelable.group(application, name)
  const objection = unfit(group)
  if (objection !== undefined) throw objection
  const last =
    group.lastSuccessful === undefined ? undefined : await cancelable.deployment(group.lastSuccessful.id)
  return {
    group,
    live: last?.revision?.kind === 's3' ? last.revision : undefined,
    previousCommit: revisionName(last?.revision)
  }
}

const addressOf = ({ location: { bucket, key, version } }: Revision): string =>
  `s3://${bucket}/${key}${version === undefined ? '' : `?versionId=${version}`}`

const bundleFacts = (revision: Revision): NonNullable<Story['bundle']> => ({
  size: revision.size,
  uploadedBytes: revision.uploadedBytes,
  contentHash: revision.contentHash,
  address: addressOf(revision)
})

const revisionOutputs = (revision: Revision, previousCommit: string | undefined, { runner }: World): void => {
  runner.output('commit', revision.commit)
  runner.output('previous-commit', previousCommit ?? '')
  runner.output('revision', addressOf(revision))
  runner.output('bundle-sha256', revision.contentHash)
  runner.output('uploaded-bytes', String(revision.uploadedBytes))
}
