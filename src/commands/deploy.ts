import type { FolderCount } from '../bundle/folder.js'
import { startHashing } from '../bundle/hash-folder.js'
import { openPool } from '../bundle/pool.js'
import { treeOf } from '../domain/admission.js'
import type { Deployment } from '../domain/deployment.js'
import { describeByUser, describeDeploy } from '../domain/description.js'
import type { Identity } from '../domain/identity.js'
import { type Live, liveName } from '../domain/live.js'
import { type Revision, revisionAddress } from '../domain/revision.js'
import type { DeployInputs } from '../inputs/types.js'
import { journal } from '../journal.js'
import type { World } from '../ports.js'
import type { ManifestStore, RecordStore } from '../storage-port.js'
import { type Story, targetsOf } from '../report/story.js'
import type { Admit } from '../steps/admission.js'
import { readLive } from '../steps/live.js'
import { type Bundled, startBundling } from './bundling.js'
import { copiedGroup } from './copied-group.js'
import { type EnteredGroup, enterGroup, enterGroupAs } from './connect.js'
import { deadlineFor, refuseInVain } from './deploy-deadline.js'
import { deleteLeftOver } from './delete-left-over.js'
import { checkGreen, greenChooser } from './green-fleet.js'
import { type InstanceLogs, instanceLogs } from './instance-logs.js'
import { tellLive } from './live.js'
import { openManifests, storeManifest } from './manifest.js'
import { originOf, scriptFiles } from './origin.js'
import { warnOfOrphans } from './orphans.js'
import { reportEnding } from './report.js'
import { admissionOf, forgetUndone, openRecord, releaseHold } from './record.js'
import { type Assignment, type Ended, type RunEnding, endingOf, runDeployment } from './run-deployment.js'
import { openSource, refuseMistakes } from './source.js'
import { storeRevision } from './store-revision.js'

/** Source → Revision → Deployment → Outcome. Everything that can be checked here is checked before AWS is called. */
export const runDeploy = async (inputs: DeployInputs, world: World): Promise<number> => {
  // First, so that a thread is ready when the source is listed.
  const pool = openPool()
  try {
    const hashing = startHashing({ pool, signal: world.canceled })
    // Called only for a tree that takes a while to list.
    const found = (state: FolderCount): void => {
      world.keepHeapSmall()
      hashing.grow(state)
    }
    const source = await openSource({ ...inputs, found }, world)
    const bundling = startBundling(source, { hashing, pool, level: inputs.compressionLevel, world })
    try {
      await refuseMistakes(source, world)
      const { code } = await deployBundle({ source, bundling }, inputs, world)
      return code
    } finally {
      await source.close()
    }
  } finally {
    await pool.close()
  }
}

/** What a run works on, once it is identified. */
export interface DeployContext extends EnteredGroup, Bundled {
  inputs: DeployInputs
  world: World
  /** What visitors see before this run. */
  live: Live
  subject: string
  record: RecordStore
  manifests: ManifestStore
  admit: Admit
}

/** How a bundle's deploy differs from that of a run of its own. */
interface DeployOptions {
  /** The identity of a run that has one already. */
  identity?: Identity
  /** Called once the deployment exists. */
  started?: (deployment: Deployment) => Promise<void>
  /** Asked about each end: whether the revision is deployed once more instead of reporting it. */
  again?: ((ending: Story['ending']) => Promise<boolean>) | undefined
}

/** Stores a bundle, deploys it and reports the end; returns the exit code, and what was reported. */
export const deployBundle = async (
  bundled: Bundled,
  inputs: DeployInputs,
  world: World,
  { identity, started, again = () => Promise.resolve(false) }: DeployOptions = {}
): Promise<{ code: number; story: Story }> => {
  const context = await enterDeploy(bundled, inputs, world, identity)
  const revision = await storeSource(context)
  // Beside the deployment, which does not need it.
  const manifest = storeManifest(bundled, revision, { store: context.manifests, world })
  // The threads end while the calls to AWS run.
  void context.bundling.close()
  revisionOutputs(revision, world)
  let deployed = await deployRevision(revision, context, started)
  while (await again(endingOf(deployed.ending))) deployed = await deployRevision(revision, context, started)
  const { ending, replaced, logs, copied } = deployed
  const previousCommit = liveName(replaced ?? context.live)
  world.runner.output('previous-commit', previousCommit ?? '')
  const story = storyOf({ ending: endingOf(ending), revision, previousCommit, copied }, context)
  await manifest
  const code = await reportEnding(story, context.group, { service: context.services.steady, world, logs })
  await deleteLeftOver(story, context)
  await warnOfOrphans(revision, story, context)
  if (inputs.redeployUndone && hasSucceeded(ending)) await forgetUndone(revision, context)
  return { code, story }
}

const hasSucceeded = (ending: RunEnding): boolean =>
  ending.kind === 'outcome' && ending.outcome.name === 'succeeded'

const enterDeploy = async (
  bundled: Bundled,
  inputs: DeployInputs,
  world: World,
  identity: Identity | undefined
): Promise<DeployContext> => {
  const entering = identity === undefined ? enterGroup(inputs, world) : enterGroupAs(identity, inputs, world)
  const [entered, subject] = await Promise.all([entering, subjectOf(inputs, world)])
  const record = await openRecord(inputs, entered.identity, world)
  if (inputs.releaseHold)
    await releaseHold(record, { group: `${inputs.application}/${inputs.group}`, zone: entered.zone }, world)
  const admit = admissionOf(inputs, { ...entered, record }, world)
  // Before anything is stored; the tree is not known yet.
  const [reading] = await Promise.all([readLive(entered.group, entered.services.live), admit(undefined)])
  const { live } = reading
  tellLive(live, world)
  await checkGreen(inputs, reading, entered, world)
  refuseInVain(reading, inputs, { ...entered, world })
  const manifests = await openManifests(inputs, entered.identity, world)
  return { ...bundled, inputs, world, live, subject, record, manifests, admit, ...entered }
}

/** From the event if it is about this commit, otherwise from GitHub. */
const subjectOf = async ({ commit }: DeployInputs, { context, commitSubject }: World): Promise<string> =>
  context.commit === commit && context.subject !== '' ? context.subject : commitSubject(commit)

const storeSource = async (context: DeployContext): Promise<Revision> => {
  const { inputs, world, identity } = context
  const place = {
    region: inputs.identity.region,
    bucket: inputs.bucket,
    expectedOwner: inputs.expectedBucketOwner
  }
  const live = context.live.kind === 'commit' ? context.live.deployment.revision : undefined
  return storeRevision(
    { ...context, live: live?.kind === 's3' ? live : undefined },
    await world.objects(place, identity),
    world
  )
}

const deployRevision = async (
  { location }: Revision,
  { inputs, identity, source, world, services, group, zone, subject, admit }: DeployContext,
  started: DeployOptions['started']
): Promise<Ended & { logs: InstanceLogs; copied: Story['copied'] }> => {
  const { clock, context, runner, paint } = world
  const { run } = originOf(context)
  const description =
    inputs.description === undefined
      ? describeDeploy(inputs.commit, subject, { location, run })
      : describeByUser(inputs.description, { location, run })
  const now = (): number => clock.now()
  const { region } = inputs.identity
  const log = journal({ runner, paint, now, zone, region, group, source: source.folder })
  const logs = instanceLogs(log, { inputs, identity, group, world })
  const deadline = deadlineFor(inputs, group, world)
  const copy = copiedGroup(logs.journal, { inputs, identity, group, world, deadline })
  const assignment: Assignment = {
    ...{ inputs, group, zone, location, description, deadline, started },
    hooks: async () => (await source.inspect()).hooks,
    green: greenChooser(inputs, { group, services }, world),
    checkOrder: !inputs.skipOrderCheck,
    admit: (last) => admit(treeOf(location), last)
  }
  const ended = await runDeployment(assignment, services, { world, journal: copy.journal })
  const copied = await copy.result()
  log.close()
  return { ...ended, logs, copied }
}

/** What the report of a deploy shows. */
export const storyOf = (
  {
    ending,
    revision,
    previousCommit,
    copied
  }: Pick<Story, 'ending' | 'copied'> & { revision: Revision; previousCommit: string | undefined },
  { inputs, source, group, zone, subject, world }: DeployContext
): Story => {
  const { repository } = originOf(world.context)
  return {
    command: 'deploy',
    ending,
    region: inputs.identity.region,
    now: new Date(world.clock.now()),
    zone,
    commit: inputs.commit,
    groupId: group.id,
    deletesLeftOver: inputs.deleteLeftOver && !world.canceled.aborted,
    scripts: scriptFiles(targetsOf(ending), source.folder, { commit: inputs.commit, context: world.context }),
    bundle: bundleFacts(revision),
    subject: subject === '' ? undefined : subject,
    previousCommit,
    copied,
    repository
  }
}

const bundleFacts = (revision: Revision): NonNullable<Story['bundle']> => ({
  size: revision.size,
  uploadedBytes: revision.uploadedBytes,
  contentHash: revision.contentHash,
  address: revisionAddress(revision.location)
})

/** Set before the deployment starts, so that they exist however the run ends. */
export const revisionOutputs = (revision: Revision, { runner }: World): void => {
  runner.output('commit', revision.commit)
  runner.output('revision', revisionAddress(revision.location))
  runner.output('bundle-sha256', revision.contentHash)
  runner.output('uploaded-bytes', String(revision.uploadedBytes))
}
