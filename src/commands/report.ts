import type { Deployment, OutcomeName } from '../domain/deployment.js'
import type { DeploymentGroup } from '../domain/group.js'
import type { World } from '../ports.js'
import { deploymentUrl } from '../report/console-link.js'
import { silentTargets } from '../report/explain.js'
import { deploymentErrorLines, skippedLines } from '../report/failure.js'
import { closing, type Closing, closingLines } from '../report/outcome.js'
import { broughtBack, type Story, targetsOf } from '../report/story.js'
import { deploySummary } from '../report/summary.js'
import { trafficNeverMoved } from '../report/traffic.js'
import type { InstanceLogs } from './instance-logs.js'

/** The step's exit code for each `status`; every error before an outcome also exits with 1. */
export const EXIT_CODES: Record<OutcomeName | 'started', number> = {
  succeeded: 0,
  started: 0,
  failed: 1,
  'rolled-back': 2,
  stopped: 3,
  'timed-out': 4
}

/** Reports the end of a deployment in log, summary and outputs, and returns the exit code. */
export const reportEnding = async (
  known: Story,
  group: DeploymentGroup,
  { service, world, logs }: { service: GroupReader; world: World; logs: InstanceLogs }
): Promise<number> => {
  const { runner, paint } = world
  const { ending } = known
  tellLines(skippedLines(silentTargets(targetsOf(ending)), paint), world)
  const story = { ...(await withReferences(known, service)), logs: await logs.ofEnding(ending) }
  tellLines(deploymentErrorLines(story, paint), world)
  tellClosing(closing(story), world)
  deploymentOutputs(story, group, world)
  await runner.summary(deploySummary(story))
  return EXIT_CODES[ending.name]
}

/** The one read that the report needs: which Auto Scaling groups the deployment group refers to now. */
export interface GroupReader {
  group(application: string, name: string): Promise<DeploymentGroup>
}

/** Needed only if the deployment left a green group behind. A failed read is ignored: advice on deleting it is optional. */
export const withReferences = async <T extends Pick<Story, 'ending' | 'referencedGroups'>>(
  story: T,
  service: GroupReader
): Promise<T> => {
  const { deployment } = story.ending
  if (deployment.style !== 'BLUE_GREEN' || !['Failed', 'Stopped'].includes(deployment.status)) return story
  try {
    const { autoScalingGroups } = await service.group(deployment.application, deployment.group)
    return { ...story, referencedGroups: autoScalingGroups }
  } catch {
    return story
  }
}

const tellLines = (lines: readonly string[], { runner }: World): void => {
  for (const line of lines) runner.info(line)
}

/** Reports the result. A failure is an annotation, so that it is the first thing a reader sees of the run. */
export const tellClosing = (end: Closing, { runner, paint }: World): void => {
  const [first = '', ...rest] = closingLines(end)
  if (end.fails) {
    runner.annotate('error', [first, ...rest].join('\n'))
    return
  }
  runner.info(paint(`✓ ${first}`, 'green'))
  const warnings = new Set(end.warnings)
  for (const line of rest) {
    if (warnings.has(line)) runner.annotate('warning', line)
    else runner.info(line)
  }
}

/** Sets the outputs of a deployment that was watched, or only started. */
export const deploymentOutputs = (story: Story, group: DeploymentGroup, { runner }: World): void => {
  const { ending, region } = story
  const { deployment } = ending
  const rollback = ending.name === 'started' ? undefined : ending.rollback
  const outputs: Record<string, string | undefined> = {
    'deployment-id': deployment.id,
    'deployment-url': deploymentUrl(region, deployment.id),
    status: ending.name,
    'green-auto-scaling-group': deployment.greenAutoScalingGroup,
    'blue-auto-scaling-group': blueOf(deployment, group),
    'rollback-deployment-id': rollback?.id,
    'live-commit': liveCommit(story)
  }
  for (const [name, value] of Object.entries(outputs)) if (value !== undefined) runner.output(name, value)
}

/** As the group was when the run began; fixed fleets may have swapped while it waited, and then it is not known. */
const blueOf = (
  { fixedGreen, greenAutoScalingGroup: green }: Deployment,
  { autoScalingGroups: [blue] }: DeploymentGroup
): string | undefined => (fixedGreen !== undefined && blue === green ? undefined : blue)

/** The commit that serves at the end, if the service's answers prove it. */
const liveCommit = ({ ending, commit, previousCommit }: Story): string | undefined => {
  if (ending.name === 'succeeded') return commit
  if (ending.name === 'rolled-back') return broughtBack({ ending, previousCommit })
  const isOldFleetWhole =
    (ending.name === 'failed' || ending.name === 'stopped') &&
    ending.rollback === undefined &&
    ending.deployment.style === 'BLUE_GREEN' &&
    trafficNeverMoved(ending) === true
  return isOldFleetWhole ? previousCommit : undefined
}
