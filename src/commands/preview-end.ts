import type { PullEvent } from '../domain/pull-request.js'
import { counted } from '../domain/counted.js'
import { UserError } from '../errors.js'
import type { GitHub, PullRequest } from '../github-port.js'
import type { PreviewInputs } from '../inputs/types.js'
import type { World } from '../ports.js'
import { runUrl } from '../report/console-link.js'
import { endedComment, saysEnded } from '../report/preview.js'
import { endPreview, previewedPulls } from '../steps/preview-status.js'
import { stickyComment, stickyKeys } from '../steps/sticky-comment.js'
import { originOf } from './origin.js'
import { commentKey, tries } from './pull-request.js'

/** The pull request is closed: its preview is no longer shown as running, and its comment says so. */
export const endPreviewOf = async (
  pull: PullEvent,
  { comment, target, running }: PreviewInputs,
  world: World
): Promise<number> => {
  const github = await world.github()
  if (github === undefined) {
    world.runner.info('This step has no `github-token`, so nothing is changed on the pull request.')
    return 0
  }
  const ending = { github, world, group: running && `${running.inputs.application}/${running.inputs.group}` }
  const ended = await endStatus(pull, ending)
  if (comment && target !== undefined) await endComments(pull, ending, { key: commentKey(target) })
  if (ended !== undefined)
    world.runner.info(
      ended === 0 ? 'No preview of this pull request was running.' : 'The preview is shown as ended.'
    )
  return 0
}

type Ended = Pick<PullEvent, 'number' | 'head' | 'merged'>

interface Ending {
  github: GitHub
  world: World
  /** Where the preview ran, if that is known. */
  group?: string | undefined
}

/** How many deployments were still shown; undefined if GitHub did not let them be ended, which is a warning. */
const endStatus = async (
  { number, merged }: Ended,
  { github, world }: Ending
): Promise<number | undefined> => {
  let ended: number | undefined
  await tries(world)(`The preview of #${number} is still shown as running`, async () => {
    const description = merged ? 'The pull request was merged.' : 'The pull request was closed.'
    const logUrl = runUrl(originOf(world.context).repository, world.context.runId)
    ended = await endPreview(number, { description, logUrl }, github)
  })
  return ended
}

/** The comments with this key, or those that pass the check. Returns how many. */
const endComments = async (
  pull: Ended,
  { github, world, group }: Ending,
  { key, check }: { key?: string; check?: (body: string) => boolean }
): Promise<number> => {
  const { number, head } = pull
  const { runId: run, attempt } = world.context
  let ended = 0
  await tries(world)(`The comment on #${number} still shows the preview`, async () => {
    const keys = await stickyKeys(number, github, check)
    for (const one of keys.filter((known) => key === undefined || known === key)) {
      const text = endedComment(pull, group)
      await stickyComment({ key: one, head, run, attempt, issue: number, text }, github)
      ended++
    }
  })
  return ended
}

/**
 * Ends the previews of pull requests that are closed: GitHub starts no run when a pull request with a conflict is closed
 * (docs/service.md, GitHub). Ends nothing of an open one. Throws a GitHubError if the lists cannot be read.
 */
export const runPreviewCleanup = async (world: World): Promise<number> => {
  const github = await world.github()
  if (github === undefined)
    throw new UserError(
      'This step has no `github-token`, so it cannot see which previews there are.',
      'Leave the input `github-token` out: its default is the token of the job.'
    )
  const [previewed, open] = await Promise.all([previewedPulls(github), github.openPulls()])
  const left = previewed.filter((number) => !open.some((pull) => pull.number === number))
  let count = 0
  for (const number of left) {
    const pull = await github.pull(number)
    // A pull request that was reopened meanwhile is not one that is left.
    if (pull?.state !== 'open' && (await endLeft(number, pull, { github, world }))) count++
  }
  world.runner.info(
    `${counted(previewed.length, 'pull request')} had a preview lately; ${left.length} of them closed, ${count} of which were still shown as running and are ended now.`
  )
  return 0
}

/** Whether it was still shown, by its status or, after another pull request took its turn, only by its comment. */
const endLeft = async (number: number, pull: PullRequest | undefined, ending: Ending): Promise<boolean> => {
  const left = { number, head: pull?.head ?? '', merged: false }
  const statuses = (await endStatus(left, ending)) ?? 0
  // Every clean-up meets the same closed ones again.
  const comments = await endComments(left, ending, { check: (body) => !saysEnded(body) })
  return statuses + comments > 0
}
