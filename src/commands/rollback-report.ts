import type { Deployment } from '../domain/deployment.js'
import type { World } from '../ports.js'
import { deploymentUrl } from '../report/console-link.js'
import type { LeftoverGroup } from '../report/orphans.js'
import { type Doubt, rollbackClosing, type RollbackWay } from '../report/rollback.js'
import type { Story } from '../report/story.js'
import { rollbackSummary } from '../report/summary.js'
import type { RollbackTarget } from '../steps/locate.js'
import { deploymentOutputs, tellClosing } from './report.js'
import type { RollbackContext } from './rollback-context.js'

/** A target's name for people: its commit, or its S3 address when it was not stored under a commit. */
export const nameOf = ({ commit, location }: RollbackTarget): string =>
  commit ?? `s3://${location.bucket}/${location.key}`

/** Reports a rollback whose target is live in log, summary and outputs; returns 0 unless other revisions serve as well. */
export const conclude = async (
  way: RollbackWay,
  deployment: Deployment,
  {
    target,
    context,
    story,
    left,
    doubt
  }: {
    target: RollbackTarget
    context: RollbackContext
    story?: Story
    left?: LeftoverGroup | undefined
    doubt?: Doubt | undefined
  }
): Promise<number> => {
  const { world, inputs } = context
  const { region } = inputs.identity
  const done = {
    way,
    commit: nameOf(target),
    application: inputs.application,
    group: inputs.group,
    tookMs: world.clock.now() - world.startedAt,
    leftover: left && { group: left, region },
    doubt
  }
  const end = rollbackClosing(done)
  tellClosing(end, world)
  if (story !== undefined) deploymentOutputs(story, context.group, world)
  const live = end.fails && target.commit !== undefined ? '' : target.commit
  rollbackOutputs({ way, deployment, region, status: end.fails ? 'failed' : 'succeeded', live }, world)
  await world.runner.summary(rollbackSummary(done, story))
  return end.fails ? 1 : 0
}

const rollbackOutputs = (
  end: { way: RollbackWay; deployment: Deployment; region: string; status: string; live: string | undefined },
  { runner }: World
): void => {
  const { id } = end.deployment
  runner.output('status', end.status)
  runner.output('rollback-way', end.way === 'never-left' ? 'fast' : end.way)
  runner.output('deployment-id', id)
  runner.output('deployment-url', deploymentUrl(end.region, id) ?? '')
  if (end.way === 'fast') runner.output('rollback-deployment-id', id)
  if (end.live !== undefined) runner.output('live-commit', end.live)
}
