import type { PullEvent } from '../domain/pull-request.js'
import type { PreviewInputs } from '../inputs/types.js'
import type { World } from '../ports.js'
import { runUrl } from '../report/console-link.js'
import { endedComment } from '../report/preview.js'
import { endPreview } from '../steps/preview-status.js'
import { hasSticky, stickyComment } from '../steps/sticky-comment.js'
import { originOf } from './origin.js'
import { commentKey, tries } from './pull-request.js'

/** The pull request is closed: its preview is no longer shown as running, and its comment says so. */
export const endPreviewOf = async (
  { number, head, merged }: PullEvent,
  { comment, target, running }: PreviewInputs,
  world: World
): Promise<number> => {
  const { runner, context } = world
  const github = await world.github()
  if (github === undefined) {
    runner.info('This step has no `github-token`, so nothing is changed on the pull request.')
    return 0
  }
  const attempted = tries(world)
  await attempted('The preview is still shown as running', async () => {
    const ended = await endPreview(
      number,
      {
        description: merged ? 'The pull request was merged.' : 'The pull request was closed.',
        logUrl: runUrl(originOf(context).repository, context.runId)
      },
      github
    )
    runner.info(
      ended === 0 ? 'No preview of this pull request was running.' : 'The preview is shown as ended.'
    )
  })
  if (comment && target !== undefined)
    await attempted('The comment still shows the preview', async () => {
      const key = commentKey(target)
      if (!(await hasSticky(number, key, github))) return
      const group = running && `${running.inputs.application}/${running.inputs.group}`
      const { runId: run, attempt } = context
      await stickyComment(
        { issue: number, key, head, run, attempt, text: endedComment({ merged, head }, group) },
        github
      )
    })
  return 0
}
