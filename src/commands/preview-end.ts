import { counted } from '../domain/counted.js'
import type { PullEvent } from '../domain/pull-request.js'
import type { Over } from '../domain/preview/lifetime.js'
import type { GitHub, PullRequest } from '../github-port.js'
import type { PreviewInputs, RunningPreview } from '../inputs/types.js'
import type { World } from '../ports.js'
import { runUrl } from '../report/console-link.js'
import { endedComment, saysEnded } from '../report/preview.js'
import { overSentence } from '../report/preview-environment.js'
import { zoneOf } from '../report/times.js'
import { endPreview, previewedPulls } from '../steps/preview-status.js'
import { stickyComment, stickyKeys } from '../steps/sticky-comment.js'
import { identifyRun } from './connect.js'
import { originOf } from './origin.js'
import { endEnvironment } from './preview-environment.js'
import { commentKey, tries } from './pull-request.js'

/**
 * The pull request is closed: its environment is taken down, if it has one of its own, it is no longer shown as running, and its comment says so. In
 * the run of a fork nothing on AWS can be read or changed, and there is nothing.
 */
export const endPreviewOf = async (
  pull: PullEvent,
  { comment, target, running }: PreviewInputs,
  world: World
): Promise<number> => {
  const environment = world.context.fromFork ? undefined : running?.environment
  if (running !== undefined && environment !== undefined) await endOwn(running, environment, world)
  const github = await world.github()
  if (github === undefined) {
    world.runner.info('This step has no `github-token`, so nothing is changed on the pull request.')
    return 0
  }
  const group = running && `${running.inputs.application}/${running.inputs.group}`
  const own = environment !== undefined
  const ending = { github, world, group, own, why: pull.merged ? MERGED : CLOSED }
  const ended = await endStatus(pull, ending)
  if (comment && target !== undefined) await endComments(pull, ending, { key: commentKey(target) })
  if (ended !== undefined)
    world.runner.info(
      ended === 0 ? 'No preview of this pull request was running.' : 'The preview is shown as ended.'
    )
  return 0
}

const CLOSED = 'The pull request was closed.'
const MERGED = 'The pull request was merged.'

/** Takes the environment of a run's own pull request down. */
export const endOwn = async (
  { inputs }: RunningPreview,
  environment: NonNullable<RunningPreview['environment']>,
  world: World
): Promise<void> => {
  const { identity: asked, timeZone } = inputs
  const { region } = asked
  const had = await identifyRun({ ...asked, zone: zoneOf(timeZone) }, world, (identity) =>
    endEnvironment(environment.number, environment, { identity, region, world })
  )
  if (!had) world.runner.info('This pull request has no environment.')
}

type Ended = Pick<PullEvent, 'number' | 'head'>

interface Ending {
  github: GitHub
  world: World
  /** Where the preview ran, if that is known. */
  group?: string | undefined
  /** Whether it had an environment of its own. */
  own: boolean
  /** A sentence. */
  why: string
}

/** How many deployments were still shown; undefined if GitHub did not let them be ended, which is a warning. */
const endStatus = async ({ number }: Ended, { github, world, why }: Ending): Promise<number | undefined> => {
  let ended: number | undefined
  await tries(world)(`The preview of #${number} is still shown as running`, async () => {
    const logUrl = runUrl(originOf(world.context).repository, world.context.runId)
    ended = await endPreview(number, { description: why.replaceAll('`', ''), logUrl }, github)
  })
  return ended
}

/** The comments with this key, or those that pass the check. Returns how many. */
const endComments = async (
  { number, head }: Ended,
  { github, world, group, own, why }: Ending,
  { key, check }: { key?: string; check?: (body: string) => boolean }
): Promise<number> => {
  const { runId: run, attempt } = world.context
  let ended = 0
  await tries(world)(`The comment on #${number} still shows the preview`, async () => {
    const keys = await stickyKeys(number, github, check)
    for (const one of keys.filter((known) => key === undefined || known === key)) {
      const text = endedComment({ why, head }, own ? 'own' : group)
      await stickyComment({ key: one, head, run, attempt, issue: number, text }, github)
      ended++
    }
  })
  return ended
}

/** Shows the preview of a pull request as ended, by its status and its comments. Returns how many there were. */
export const endShownPreview = async (
  pull: Ended,
  { over, github, world, own }: { over: Over | undefined; github: GitHub; world: World; own: boolean }
): Promise<number> => {
  const ending = { github, world, own, why: overSentence(over) }
  const statuses = (await endStatus(pull, ending)) ?? 0
  // Every clean-up meets the same closed ones again.
  const comments = await endComments(pull, ending, { check: (body) => !saysEnded(body) })
  return statuses + comments
}

/** Ends what GitHub still shows of previews of closed pull requests. Ends nothing of an open one. Throws a GitHubError if the lists cannot be read. */
export const endLeftPreviews = async (
  github: GitHub,
  { dryRun, world }: { dryRun: boolean; world: World }
): Promise<void> => {
  const [previewed, open] = await Promise.all([previewedPulls(github), github.openPulls()])
  const left = previewed.filter((number) => !open.some((pull) => pull.number === number))
  const lately = `${counted(previewed.length, 'pull request')} had a preview lately; ${left.length} of them closed`
  if (dryRun) {
    world.runner.info(`${lately}. With \`dry-run: false\`, those that are still shown as running are ended.`)
    return
  }
  let count = 0
  for (const number of left) {
    const pull: PullRequest | undefined = await github.pull(number)
    // A pull request that was reopened meanwhile is not one that is left.
    if (pull?.state === 'open') continue
    const shown = { over: undefined, github, world, own: false }
    if ((await endShownPreview({ number, head: pull?.head ?? '' }, shown)) > 0) count++
  }
  world.runner.info(`${lately}, ${count} of which were still shown as running and are ended now.`)
}
