import type { ServiceError } from '../contract.js'
import type { ScriptedCloud } from './cloud.js'

/** The part of GetDeployment that tests read. */
export interface DeploymentView {
  deploymentId: string
  status: string
  creator: string
  createTime: number
  startTime?: number
  completeTime?: number
  deploymentOverview?: Record<string, number>
  errorInformation?: { code: string; message: string }
  rollbackInfo: {
    rollbackDeploymentId?: string
    rollbackTriggeringDeploymentId?: string
    rollbackMessage?: string
  }
  revision: { s3Location: { key: string } }
  previousRevision?: { s3Location: { key: string } }
  targetInstances?: { autoScalingGroups: string[] }
  instanceTerminationWaitTimeStarted: boolean
  description?: string
  fileExistsBehavior: string
}

/** The part of a target that tests read. */
export interface TargetView {
  targetId: string
  status: string
  instanceLabel?: 'Blue' | 'Green'
  lifecycleEvents: {
    lifecycleEventName: string
    status: string
    startTime?: number
    endTime?: number
    diagnostics?: { errorCode: string; scriptName: string; message: string; logTail: string }
  }[]
}

/** An S3 revision with its own key. */
export const s3Revision = (key: string): Record<string, unknown> => ({
  revisionType: 'S3',
  s3Location: { bucket: 'bundles', key, bundleType: 'zip', version: '1', eTag: '"e"' }
})

/** Creates a deployment of the bundle `key` on the seeded group and returns its id. */
export const deploy = async (
  cloud: ScriptedCloud,
  key = 'v2.zip',
  more: Record<string, unknown> = {}
): Promise<string> => {
  const { applicationName, deploymentGroupName } = cloud
  const input = { applicationName, deploymentGroupName, revision: s3Revision(key), ...more }
  const { deploymentId } = await cloud.call<{ deploymentId: string }>('CreateDeployment', input)
  return deploymentId
}

/** Deploys and advances time until the deployment must be over, whatever its waits are (at most two days). */
export const deployed = async (
  cloud: ScriptedCloud,
  key: string,
  more?: Record<string, unknown>
): Promise<string> => {
  const id = await deploy(cloud, key, more)
  await cloud.pass(3 * 24 * 3600)
  return id
}

export const lookAt = async (cloud: ScriptedCloud, deploymentId: string): Promise<DeploymentView> =>
  (await cloud.call<{ deploymentInfo: DeploymentView }>('GetDeployment', { deploymentId })).deploymentInfo

/** Every target of a deployment, read through pages and batches as a client does. */
export const targetsOf = async (cloud: ScriptedCloud, deploymentId: string): Promise<TargetView[]> => {
  const ids: string[] = []
  let nextToken: string | undefined
  do {
    const page: { targetIds: string[]; nextToken?: string } = await cloud.call('ListDeploymentTargets', {
      deploymentId,
      ...(nextToken === undefined ? {} : { nextToken })
    })
    ids.push(...page.targetIds)
    nextToken = page.nextToken
  } while (nextToken !== undefined)
  const targets: TargetView[] = []
  for (let from = 0; from < ids.length; from += 25) {
    const batch = await cloud.call<{ deploymentTargets: { instanceTarget: TargetView }[] }>(
      'BatchGetDeploymentTargets',
      { deploymentId, targetIds: ids.slice(from, from + 25) }
    )
    targets.push(...batch.deploymentTargets.map((target) => target.instanceTarget))
  }
  return targets
}

const LETTERS: Record<string, string> = {
  Pending: '.',
  InProgress: '>',
  Succeeded: '+',
  Failed: 'x',
  Skipped: '-',
  Unknown: '?'
}

/**
 * One line per target, sorted: `Green InProgress ++>.......`, one character per event (`.` pending `>` running `+` succeeded
 * `x` failed `-` skipped).
 */
export const lines = (targets: readonly TargetView[]): string[] =>
  targets
    .map(({ instanceLabel, status, lifecycleEvents }) =>
      [instanceLabel ?? 'Plain', status, lifecycleEvents.map((event) => LETTERS[event.status]).join('')].join(
        ' '
      )
    )
    .sort()

/** The refusal of a call as `Code: message`; a call that succeeds is an error of the test. */
export const refusalOf = async (call: Promise<unknown>): Promise<string> => {
  try {
    await call
  } catch (reason) {
    const { code, message } = reason as ServiceError
    return `${code}: ${message}`
  }
  throw new Error('the call was answered, not refused')
}
