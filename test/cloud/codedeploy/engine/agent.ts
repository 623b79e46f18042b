import type { AgentCommand, AgentResult, Machine } from '../../contract.js'
import type { RevisionLocation, TargetRecord } from '../model.js'
import { untilAborted } from '../../autoscaling/abort.js'
import type { Engine, Run } from './engine.js'

/** A lifecycle event that has not started 5 minutes after the previous one fails (docs/service.md, reference 4, quota table). */
const NOT_STARTED_MS = 5 * 60_000
/**
 * An event whose agent has vanished stays in progress for its maximum of one hour (docs/service.md, reference 4 and reference
 * 9, item 11).
 */
const EVENT_MS = 60 * 60_000
const LOOK_MS = 5_000

/** The service's own message about an agent that does not ask for work. */
const NOT_RECEIVED: AgentResult = {
  errorCode: 'UnknownError',
  scriptName: '',
  message:
    'CodeDeploy agent was not able to receive the lifecycle event. Check the CodeDeploy agent logs on your host and make sure the agent is running and can connect to the CodeDeploy server.',
  logTail: ''
}

const machineOf = (engine: Engine, target: TargetRecord): Machine | undefined => {
  const instance = engine.fleets.instance(target.instanceId)
  return instance === undefined || instance.state === 'Terminating' ? undefined : instance.machine
}

/** Waits until the target's agent takes the next event; returns the failure if it does not within 5 minutes. */
export const untilDelivered = async (
  engine: Engine,
  run: Run,
  target: TargetRecord
): Promise<AgentResult | undefined> => {
  const deadline = engine.clock.passed() + NOT_STARTED_MS
  while (machineOf(engine, target)?.agentAlive !== true) {
    if (engine.clock.passed() >= deadline) return NOT_RECEIVED
    await engine.clock.sleep(LOOK_MS, run.signal)
  }
  return undefined
}

/** Has the agent run one event. If the agent vanishes during the event, the event fails after its hour. */
export const runOnAgent = async (
  engine: Engine,
  run: Run,
  { target, event }: { target: TargetRecord; event: string }
): Promise<AgentResult> => {
  const began = engine.clock.passed()
  const machine = machineOf(engine, target)
  if (machine === undefined) return NOT_RECEIVED
  try {
    return await untilAborted(machine.run(commandFor(run, event), run.signal), run.signal)
  } catch {
    run.signal.throwIfAborted()
    await engine.clock.sleep(Math.max(0, began + EVENT_MS - engine.clock.passed()), run.signal)
    return NOT_RECEIVED
  }
}

const commandFor = ({ deployment }: Run, event: string): AgentCommand => ({
  event,
  deploymentId: deployment.id,
  deploymentGroupId: deployment.group.id,
  deploymentGroupName: deployment.group.name,
  applicationName: deployment.application,
  deploymentType: deployment.style.deploymentType,
  deploymentCreator: deployment.creator,
  revision: revisionFor(deployment.revision),
  fileExistsBehavior: deployment.fileExistsBehavior
})

// This cloud has no GitHub archives: such a bundle is fetched from a bucket that cannot exist, so that DownloadBundle fails.
const revisionFor = (location: RevisionLocation): AgentCommand['revision'] => {
  if (location.revisionType === 'GitHub') {
    const { repository, commitId } = location.gitHubLocation
    return { bucket: `github:${repository}`, key: commitId, bundleType: 'tar' }
  }
  const { bucket, key, bundleType, version, eTag } = location.s3Location
  return {
    bucket,
    key,
    bundleType,
    ...(version === undefined ? {} : { version }),
    ...(eTag === undefined ? {} : { etag: eTag })
  }
}
