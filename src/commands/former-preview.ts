import { short } from '../domain/commit.js'
import { type Deployment, isOver } from '../domain/deployment.js'
import { wordsOf } from '../domain/fault.js'
import type { Identity } from '../domain/identity.js'
import { type Live, liveName } from '../domain/live.js'
import { revisionName } from '../domain/revision.js'
import type { RunningPreview } from '../inputs/types.js'
import type { World } from '../ports.js'
import type { FormerPreview } from '../report/preview.js'
import { readLive } from '../steps/live.js'
import { liveSources } from './connect.js'
import type { PullRequestPage } from './pull-request.js'

/**
 * The earlier commit of the pull request that still runs after a push that does not, as CodeDeploy says. Earlier ones that
 * GitHub calls running although they are not are retired. A failure to read is a line in the log: the run has failed anyway.
 */
export const formerPreview = async (
  page: PullRequestPage,
  { inputs, url }: RunningPreview,
  { identity, world }: { identity: Identity; world: World }
): Promise<FormerPreview | undefined> => {
  const called = await page.calledRunning()
  const [newest] = called
  if (newest === undefined) return undefined
  try {
    const { live, successor } = await readGroup(inputs, page.head, { identity, world })
    const name = successor === undefined && live.kind === 'commit' ? liveName(live) : undefined
    const former = called.find(({ sha }) => sha === name)
    const gone = called.filter((one) => one !== former)
    await page.retire(gone, whyGone(live, successor))
    return former === undefined || live.kind !== 'commit'
      ? undefined
      : { commit: former.sha, deployment: live.deployment.id, url }
  } catch (error) {
    world.runner.info(`Whether ${short(newest.sha)} still runs is not known: ${wordsOf(error)}`)
    return undefined
  }
}

/** What runs, and the deployment of the head that is about to replace it. A cancel does not end these reads. */
const readGroup = async (
  { application, group: name, identity: { region } }: RunningPreview['inputs'],
  head: string,
  { identity, world }: { identity: Identity; world: World }
): Promise<{ live: Live; successor: Deployment | undefined }> => {
  const signal = world.lastMoment
  const service = await world.codeDeploy(region, identity, signal)
  const sources = await liveSources(service, { region, identity, signal }, world)
  const { live, attempts } = await readLive(await service.group(application, name), sources)
  const successor = attempts.find(
    ({ deployment: { status, revision } }) => !isOver(status) && revisionName(revision) === head
  )
  return { live, successor: successor?.deployment }
}

const whyGone = (live: Live, successor: Deployment | undefined): string => {
  if (successor !== undefined) return `Is being replaced by ${successor.id}.`
  const name = live.kind === 'commit' ? liveName(live) : undefined
  return name === undefined ? 'Not known to run any longer.' : `Another commit runs now: ${short(name)}.`
}
