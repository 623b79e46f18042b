import type { CodeDeploy, TargetHealth } from '../../src/ports.js'
import { codeDeploy } from '../../src/edge/codedeploy.js'
import { ServiceError, type AgentCommand, type Switches } from '../cloud/contract.js'
import { scriptedCloud, type ScriptedCloud } from '../cloud/scripted/cloud.js'
import { deploy } from '../cloud/scripted/look.js'
import { scriptFailed, type ScriptedPlace } from '../cloud/scripted/script.js'
import type { SeedOptions } from '../cloud/codedeploy/seed.js'
import { exception, wiredClient } from '../fakes/wire.js'

/** How a made-up past goes on: one thing that happens to a group. */
export type Happening =
  | { kind: 'deploy'; digit: string; failsAt?: string; rollbackFails?: boolean }
  | { kind: 'stop'; rollback: boolean }
  | { kind: 'pass'; seconds: number }
  | { kind: 'instance-dies' }
  | { kind: 'scale-out' }

/** A group in the local cloud, to which things happen. */
export interface Past {
  cloud: ScriptedCloud
  service: CodeDeploy
  /** What the load balancer says. */
  health: TargetHealth
  happen(happening: Happening): Promise<void>
  /** The keys of the bundles on the instances that the load balancer sends requests, each once; `''` for a seeded instance. */
  served(): string[]
  /** Whether an instance is in service whose last installation failed, or a deployment is at work. */
  isOpen(): boolean
  close(): Promise<void>
}

/** A key as this action makes it, for a commit of one digit. */
export const keyOf = (digit: string): string => `codedeploy/web/${digit.repeat(40)}-0123456789ab.zip`

interface Installed {
  key: string
  isWhole: boolean
}

/** Opens a group with a fleet of two that nothing was deployed to. */
export const openPast = async (switches: Partial<Switches>, seed: SeedOptions): Promise<Past> => {
  const installed = new Map<string, Installed>()
  const plan = { failsAt: '', rollbackFails: false }
  const cloud = await scriptedCloud({
    switches,
    seed,
    script: {
      bootSeconds: 5,
      eventSeconds: 10,
      event: (command, place) => playEvent(command, place, { plan, installed })
    }
  })
  const { targetGroups } = cloud.planes.inspect
  const healthy = (): string[] =>
    targetGroups
      .all()
      .flatMap((group) => targetGroups.health(group))
      .flatMap(({ machineId, state }) => (state === 'healthy' ? [machineId] : []))
  /** In a group without a load balancer, every instance serves. */
  const serving = (): string[] =>
    seed.trafficControl === false
      ? cloud.planes.inspect.fleets.inService(cloud.autoScalingGroupName).map(({ id }) => id)
      : healthy()
  return {
    cloud,
    service: codeDeploy(clientOf(cloud), { clock: cloud.clock, patienceMs: 0 }),
    health: () =>
      Promise.resolve(
        targetGroups
          .all()
          .flatMap((group) => targetGroups.health(group))
          .map(({ machineId, state }) => ({ id: machineId, state }))
      ),
    happen: (happening) => happen(cloud, happening, plan),
    served: () => [...new Set(serving().map((id) => installed.get(id)?.key ?? ''))],
    isOpen: () =>
      serving().some((id) => installed.get(id)?.isWhole === false) ||
      cloud.planes.inspect.deployments().some(({ phase }) => !/^(over|termination-wait)$/.test(phase)),
    close: () => cloud.planes.stop()
  }
}

const playEvent = (
  { event, revision, deploymentCreator }: AgentCommand,
  { instanceId }: ScriptedPlace,
  {
    plan,
    installed
  }: { plan: { failsAt: string; rollbackFails: boolean }; installed: Map<string, Installed> }
): { failure: ReturnType<typeof scriptFailed> } | undefined => {
  const fails =
    deploymentCreator === 'user'
      ? event === plan.failsAt
      : deploymentCreator === 'codeDeployRollback' && plan.rollbackFails && /^(Before|After)/.test(event)
  const former = installed.get(instanceId)
  if (event === 'Install') installed.set(instanceId, { key: revision.key, isWhole: false })
  else if (event === 'ApplicationStop' && former !== undefined)
    installed.set(instanceId, { ...former, isWhole: false })
  if (event === 'ValidateService' && !fails) installed.set(instanceId, { key: revision.key, isWhole: true })
  return fails ? { failure: scriptFailed(event, 'scripts/fails.sh') } : undefined
}

const happen = async (
  cloud: ScriptedCloud,
  happening: Happening,
  plan: { failsAt: string; rollbackFails: boolean }
): Promise<void> => {
  const { inspect } = cloud.planes
  const { fleets } = inspect
  const deployments = () => inspect.deployments()
  switch (happening.kind) {
    case 'deploy':
      if (deployments().some(({ status }) => !/^(Succeeded|Failed|Stopped)$/.test(status))) return
      plan.failsAt = happening.failsAt ?? ''
      plan.rollbackFails = happening.rollbackFails ?? false
      await deploy(cloud, keyOf(happening.digit))
      return
    case 'stop': {
      const running = deployments().find(({ status }) => status === 'InProgress')
      if (running === undefined) return
      await cloud
        .call('StopDeployment', { deploymentId: running.id, autoRollbackEnabled: happening.rollback })
        .catch(() => undefined)
      await cloud.pass(5)
      return
    }
    case 'pass':
      await cloud.pass(happening.seconds)
      return
    case 'instance-dies': {
      const [victim] = fleets.inService(currentGroup(cloud))
      if (victim !== undefined) fleets.terminate(victim.id, false)
      await cloud.pass(1)
      return
    }
    case 'scale-out': {
      const group = currentGroup(cloud)
      fleets.resize(group, { desired: Math.min(4, fleets.inService(group).length + 1) })
      await cloud.pass(1)
    }
  }
}

/** The Auto Scaling group that the deployment group refers to. */
const currentGroup = ({ planes, deploymentGroupName }: ScriptedCloud): string => {
  const names = planes.inspect.fleets.all().map(({ name }) => name)
  const last = planes.inspect
    .deployments()
    .map(({ group }) => group)
    .find(({ name }) => name === deploymentGroupName)
  return last?.autoScalingGroups[0] ?? names[0] ?? ''
}

/** A real client whose requests end in the control plane, as JSON. */
const clientOf = (cloud: ScriptedCloud) =>
  wiredClient(async ({ operation, body }) => {
    try {
      return { json: await cloud.call(operation, body) }
    } catch (error) {
      if (error instanceof ServiceError) return exception(error.code, error.message, error.status)
      throw error
    }
  }).client
