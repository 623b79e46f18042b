import { roomFor } from '../domain/comment-marker.js'
import { isGitHubError } from '../domain/github.js'
import type { Plan } from '../domain/plan.js'
import type { GitHubDeployment } from '../github-port.js'
import type { PreviewInputs } from '../inputs/types.js'
import type { World } from '../ports.js'
import { runUrl } from '../report/console-link.js'
import { planComment, type PlanPage } from '../report/plan.js'
import { type PreviewPlace, type PreviewState, statusDescription } from '../report/preview.js'
import type { Zone } from '../report/times.js'
import { openPreview, setPreview } from '../steps/preview-status.js'
import { stickyComment } from '../steps/sticky-comment.js'
import { originOf } from './origin.js'

/** The pull request that a run writes to. Outside of one, nothing is written. */
export interface PullRequestPage {
  /** How the plan is written anywhere. */
  plan: PlanPage
  /** Writes the plan and how far its preview is. What GitHub refuses is one warning: no deployment depends on it. */
  show(state?: PreviewState): Promise<void>
  /** The newest commit of the pull request, if it is another than this run's. */
  newerHead(): Promise<string | undefined>
}

/** A comment for each group that a merge deploys to. */
export const commentKey = ({ application, group }: { application: string; group: string }): string =>
  `${application}/${group}`

export const openPullRequest = async (
  { comment, target, running }: Pick<PreviewInputs, 'comment' | 'target' | 'running'>,
  plan: Plan,
  { zone, world }: { zone: Zone; world: World }
): Promise<PullRequestPage> => {
  const { context, clock } = world
  const { pull, runId, attempt } = context
  const { repository } = originOf(context)
  const page = (): PlanPage => ({ now: new Date(clock.now()), zone, repository, runId })
  // The last words about a preview are still written when the job is canceled.
  const github = pull === undefined ? undefined : await world.github(world.lastMoment)
  const attempted = tries(world)
  if (pull !== undefined && github === undefined && comment)
    world.runner.info(
      'The plan is only in the summary of this job: this step has no `github-token` to comment with.'
    )
  if (pull === undefined || github === undefined || target === undefined)
    return { plan: page(), show: () => Promise.resolve(), newerHead: () => Promise.resolve(undefined) }

  const place: PreviewPlace | undefined = running && {
    ...{ application: running.inputs.application, group: running.inputs.group, head: pull.head },
    region: running.inputs.identity.region
  }
  const marker = { key: commentKey(target), head: pull.head, run: runId, attempt }
  const write = async (preview: PlanPage['preview']): Promise<void> => {
    const text = planComment(plan, { ...page(), preview }, 65_536 - roomFor(marker))
    const { did, url } = await stickyComment({ ...marker, issue: pull.number, text }, github)
    if (did === 'newer') world.runner.info(`The comment ${url} is by a newer run, and stays as it is.`)
    if (did === 'created') world.runner.info(`Comment: ${url}`)
  }
  let shown: GitHubDeployment | undefined
  const setStatus = async (state: PreviewState, at: PreviewPlace): Promise<void> => {
    shown ??= await openPreview({ pull: pull.number, head: pull.head }, github)
    await setPreview(
      shown,
      {
        state: STATES[state.kind],
        description: statusDescription(state, at),
        logUrl: runUrl(repository, runId),
        url: state.kind === 'serving' ? state.url : undefined
      },
      github
    )
  }
  return {
    plan: page(),
    show: async (state) => {
      const preview = state && place && { state, place }
      if (preview !== undefined)
        await attempted('The preview is not shown on the pull request', () =>
          setStatus(preview.state, preview.place)
        )
      if (comment) await attempted('The plan is only in the summary of this job', () => write(preview))
    },
    newerHead: async () => {
      let head: string | undefined
      await attempted('Whether the pull request has newer commits is not known', async () => {
        head = (await github.pull(pull.number))?.head
      })
      return head === pull.head ? undefined : head
    }
  }
}

const STATES = {
  queued: 'queued',
  running: 'in_progress',
  serving: 'success',
  failed: 'failure'
} as const

/** Does what nothing depends on. The same failure is told once; after the last moment, nothing can be told. */
export const tries = ({ runner, lastMoment }: World) => {
  const told = new Set<string>()
  return async (what: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work()
    } catch (error) {
      if (!isGitHubError(error) && !lastMoment.aborted) throw error
      const warning = `${what}: ${(error as Error).message}`
      if (!told.has(warning) && !lastMoment.aborted) runner.annotate('warning', warning)
      told.add(warning)
    }
  }
}
