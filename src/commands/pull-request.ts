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
import { calledRunning, openPreview, retirePreviews, setPreview } from '../steps/preview-status.js'
import { stickyComment } from '../steps/sticky-comment.js'
import { originOf } from './origin.js'

/** The pull request that a run writes to. Outside of one, nothing is written. */
export interface PullRequestPage {
  /** How the plan is written anywhere. */
  plan: PlanPage
  /** The commit of the pull request that this run is about; empty outside of one. */
  head: string
  /** Writes the plan and how far its preview is. What GitHub refuses is one warning: no deployment depends on it. */
  show(state?: PreviewState): Promise<void>
  /** The newest commit of the pull request, if it is another than this run's. */
  newerHead(): Promise<string | undefined>
  /** Whether the pull request is closed by now; false if GitHub does not say. */
  isClosed(): Promise<boolean>
  /** Earlier commits that GitHub calls running, newest first; none if GitHub does not say. */
  calledRunning(): Promise<GitHubDeployment[]>
  /** Has GitHub say of them that they no longer run, and why. */
  retire(previews: readonly GitHubDeployment[], why: string): Promise<void>
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
    return { plan: page(), head: pull?.head ?? '', ...NOTHING_SHOWN }

  const place: PreviewPlace | undefined = running && {
    ...{ application: running.inputs.application, group: running.inputs.group, head: pull.head },
    ...{ region: running.inputs.identity.region, isOwn: running.environment !== undefined }
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
    const group = `${at.application}/${at.group}`
    shown ??= await openPreview({ pull: pull.number, head: pull.head, group }, github)
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
    head: pull.head,
    show: async (state) => {
      const preview = state && place && { state, place }
      if (preview !== undefined) await attempted(NOT_SHOWN, () => setStatus(preview.state, preview.place))
      if (comment) await attempted('The plan is only in the summary of this job', () => write(preview))
    },
    newerHead: async () => {
      let head: string | undefined
      await attempted('Whether the pull request has newer commits is not known', async () => {
        head = (await github.pull(pull.number))?.head
      })
      return head === pull.head ? undefined : head
    },
    isClosed: async () => {
      let isClosed = false
      await attempted('Whether the pull request was closed meanwhile is not known', async () => {
        isClosed = (await github.pull(pull.number))?.state === 'closed'
      })
      return isClosed
    },
    calledRunning: async () => {
      let called: GitHubDeployment[] = []
      await attempted(NOT_SHOWN, async () => {
        called = await calledRunning({ pull: pull.number, head: pull.head }, github)
      })
      return called
    },
    retire: (previews, why) => attempted(NOT_SHOWN, () => retirePreviews(previews, why, github))
  }
}

/** Without a pull request or a token. */
const NOTHING_SHOWN = {
  show: () => Promise.resolve(),
  newerHead: () => Promise.resolve(undefined),
  isClosed: () => Promise.resolve(false),
  calledRunning: () => Promise.resolve([]),
  retire: () => Promise.resolve()
}

const NOT_SHOWN = 'The preview is not shown on the pull request'

const STATES = {
  queued: 'queued',
  running: 'in_progress',
  serving: 'success',
  failed: 'failure',
  refused: 'failure'
} as const

/** Does what nothing depends on. What fails again and again is told once; after the last moment, nothing can be told. */
export const tries = ({ runner, lastMoment }: World) => {
  const told = new Set<string>()
  return async (what: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work()
    } catch (error) {
      if (!isGitHubError(error) && !lastMoment.aborted) throw error
      if (!told.has(what) && !lastMoment.aborted)
        runner.annotate('warning', `${what}: ${(error as Error).message}`)
      told.add(what)
    }
  }
}
