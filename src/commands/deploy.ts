import type { Found } from '../bundle/folder.js'
import { startHashing } from '../bundle/hash-folder.js'
import { openPool } from '../bundle/open-pool.js'
import { deadlineOf } from '../domain/deadline.js'
import { describeByUser, describeDeploy } from '../domain/description.js'
import { liveName, type Live } from '../domain/live.js'
import type { Revision } from '../domain/revision.js'
import type { DeployInputs } from '../inputs/types.js'
import { journal } from '../journal.js'
import { forLog } from '../report/escape.js'
import { liveLine } from '../report/live.js'
import { readLive } from '../steps/live.js'
import type { World } from '../world.js'
import { startBundling, type Bundled } from './bundling.js'
import { enterGroup, type EnteredGroup } from './group.js'
import { revisionOutputs, storyOf } from './deploy-story.js'
import { originOf } from './origin.js'
import { reportEnding } from './report.js'
import { endingOf, runDeployment, type Ending } from './run-deployment.js'
import { openSource, refuseMistakes } from './source.js'
import { storeRevision } from './store-revision.js'
import { warnOfOthers } from './others.js'

/** Source → Revision → Deployment → Outcome. What can be judged here is judged before AWS is called at all. */
export const runDeploy = async (inputs: DeployInputs, world: World): Promise<number> => {
  // First of all, so that a thread is ready when the source is listed.
  const pool = openPool()
  try {
    const hashing = startHashing({ pool, signal: world.canceled })
    // Told only of a tree that takes a while to list.
    const found = (state: Found): void => {
      world.keepHeapSmall()
      hashing.grow(state)
    }
    const source = await openSource({ ...inputs, found }, world)
    const bundling = startBundling(source, { hashing, pool, level: inputs.compressionLevel, world })
    try {
      await refuseMistakes(source, world)
      return await deploySource({ source, bundling }, inputs, world)
    } finally {
      await source.close()
    }
  } finally {
    await pool.close()
  }
}

/** Where a run works, once it is known who it is. */
export interface Site extends EnteredGroup, Bundled {
  inputs: DeployInputs
  world: World
  /** What the visitors see before this run. */
  live: Live
  subject: string
}

const deploySource = async (bundled: Bundled, inputs: DeployInputs, world: World): Promise<number> => {
  const site = await enterSite(bundled, inputs, world)
  const revision = await storeSource(site)
  // The threads end while AWS is asked.
  void site.bundling.close()
  revisionOutputs(revision, world)
  const { ending, replaced } = await deployRevision(revision, site)
  const previousCommit = liveName(replaced ?? site.live)
  world.runner.output('previous-commit', previousCommit ?? '')
  const story = storyOf({ ending: endingOf(ending), revision, previousCommit }, site)
  const code = await reportEnding(story, site.group, { service: site.services.steady, world })
  await warnOfOthers(revision, story, site)
  return code
}

const enterSite = async (bundled: Bundled, inputs: DeployInputs, world: World): Promise<Site> => {
  const [entered, subject] = await Promise.all([enterGroup(inputs, world), subjectOf(inputs, world)])
  const { live } = await readLive(entered.group, entered.services.live)
  world.runner.info(forLog(liveLine(live)))
  return { ...bundled, inputs, world, live, subject, ...entered }
}

/** From the event when it is about this commit, else from GitHub. */
const subjectOf = async ({ commit }: DeployInputs, { context, commitSubject }: World): Promise<string> =>
  context.commit === commit && context.subject !== '' ? context.subject : commitSubject(commit)

const storeSource = async (site: Site): Promise<Revision> => {
  const { inputs, world, identity } = site
  const place = {
    region: inputs.identity.region,
    bucket: inputs.bucket,
    expectedOwner: inputs.expectedBucketOwner
  }
  const live = site.live.kind === 'commit' ? site.live.deployment.revision : undefined
  return storeRevision(
    { ...site, live: live?.kind === 's3' ? live : undefined },
    await world.objects(place, identity),
    world
  )
}

const deployRevision = async (
  { location }: Revision,
  { inputs, source, world, services, group, subject }: Site
): Promise<{ ending: Ending; replaced?: Live | undefined }> => {
  const { clock, context, runner, paint, startedAt } = world
  const { run } = originOf(context)
  const description =
    inputs.description === undefined
      ? describeDeploy(inputs.commit, subject, { location, run })
      : describeByUser(inputs.description, { location, run })
  const log = journal({
    runner,
    paint,
    now: () => clock.now(),
    region: inputs.identity.region,
    group,
    ...(source.folder === undefined ? {} : { source: source.folder })
  })
  const deadline = deadlineOf(clock.now(), startedAt, {
    ...inputs,
    waits: group.waits,
    hosted: context.hosted
  })
  const assignment = { inputs, group, location, description, checkOrder: !inputs.skipOrderCheck, deadline }
  const ended = await runDeployment(assignment, services, { world, journal: log })
  log.close()
  return ended
}
