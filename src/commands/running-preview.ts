import { short } from '../domain/commit.js'
import type { Identity } from '../domain/identity.js'
import { explained } from '../domain/refusal.js'
import type { RunningPreview } from '../inputs/types.js'
import type { World } from '../ports.js'
import { failureBlocks } from '../report/failure.js'
import { closing } from '../report/outcome.js'
import { type PreviewState, statusDescription } from '../report/preview.js'
import type { Bundled } from './bundling.js'
import { deployBundle } from './deploy.js'
import { formerPreview } from './former-preview.js'
import type { PullRequestPage } from './pull-request.js'

/** A bundle that the agent would refuse is not deployed. The pull request says so, and what still runs instead. */
export const refusedPreview = async (
  mistakes: number,
  running: RunningPreview,
  { page, identity, world }: { page: PullRequestPage; identity: Identity; world: World }
): Promise<void> => {
  const former = await formerPreview(page, running, { identity, world })
  const state = { kind: 'refused', mistakes, former } as const
  world.runner.info(`${statusDescription(state, running.inputs)}.`)
  await page.show(state)
}

/** Deploys the tree to the group that is kept for previews, and keeps the pull request informed. Returns the exit code. */
export const runningPreview = async (
  bundled: Bundled,
  running: RunningPreview,
  { page, identity, world }: { page: PullRequestPage; identity: Identity; world: World }
): Promise<number> => {
  const { inputs, url } = running
  const former = () => formerPreview(page, running, { identity, world })
  const newer = await page.newerHead()
  if (newer !== undefined) {
    world.runner.info(
      `The pull request has newer commits (${short(newer)}), so this run deploys no preview; the run of those commits does.`
    )
    return 0
  }
  await page.show({ kind: 'queued' })
  let deployment: string | undefined
  try {
    const { code, story } = await deployBundle(bundled, inputs, world, {
      identity,
      started: async ({ id }) => {
        deployment = id
        await page.show({ kind: 'running', deployment: id })
      }
    })
    const { id } = story.ending.deployment
    if (code === 0) await page.show({ kind: 'serving', deployment: id, url })
    else
      await page.show({
        ...{ kind: 'failed', deployment: id, headline: closing(story).headline },
        ...{ blocks: failureBlocks(story), former: await former() }
      })
    return code
  } catch (error) {
    await page.show({ ...failed(explained(error), deployment), former: await former() })
    throw error
  }
}

const failed = (error: unknown, deployment: string | undefined): PreviewState & { kind: 'failed' } => ({
  kind: 'failed',
  deployment,
  headline: error instanceof Error ? error.message : String(error),
  blocks: []
})
