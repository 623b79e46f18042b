import type { AgentResult } from '../../contract.js'
import type { TargetGroup } from '../../loadbalancing/target-groups.js'
import type { Deployment, TargetRecord } from '../model.js'
import { untilAborted } from '../../autoscaling/abort.js'
import type { Engine, Run } from './engine.js'

const DONE: AgentResult = { errorCode: 'Success', scriptName: '', message: 'Succeeded', logTail: '' }
const FIRST_LOOK_MS = 1_000
const LONGEST_LOOK_MS = 15_000

/** The sentence that CodeDeploy appends to its own failures (docs/service.md, captures 9, wording of 2018). */
const ACTIVITY =
  'for activityId="5" of activityType={Name: ExecuteCentralizedCommandOnInstanceActivity.runCentralizedCommand,Version: 1.00}'

const failed = (message: string): AgentResult => ({
  errorCode: 'UnknownError',
  scriptName: '',
  message: `${message} ${ACTIVITY}`,
  logTail: `com.amazonaws.services.simpleworkflow.flow.ActivityTaskFailedException: ${message} ${ACTIVITY}`
})

const NO_BALANCER = failed('The specified load balancer does not exist.')

// The message of a role without permissions (docs/service.md, captures 9); that of a broken one is not known.
const refusedByRole = (engine: Engine, { deployment: { id, group } }: Run): AgentResult | undefined =>
  engine.state.brokenRoles.has(group.serviceRoleArn)
    ? failed(`Role does not have correct permissions. role ${group.serviceRoleArn} sessionName ${id}.`)
    : undefined

// Undefined if a load balancer does not exist, which is always so for classic ones (elbInfoList) (docs/service.md, captures 9).
const balancersOf = (engine: Engine, deployment: Deployment): TargetGroup[] | undefined => {
  if (deployment.style.deploymentOption === 'WITHOUT_TRAFFIC_CONTROL') return []
  if ((deployment.loadBalancer?.elbInfoList ?? []).length > 0) return undefined
  const names = (deployment.loadBalancer?.targetGroupInfoList ?? []).map((info) => info.name)
  const groups = names.map((name) => engine.targetGroups.byName(name))
  return groups.every((group) => group !== undefined) ? groups : undefined
}

/** Registers the instance, one instance per call, and waits until every target group reports it as healthy. */
export const allowTraffic = async (engine: Engine, run: Run, target: TargetRecord): Promise<AgentResult> => {
  run.deployment.trafficBegan = true
  const refusal = refusedByRole(engine, run)
  if (refusal !== undefined) return refusal
  const groups = balancersOf(engine, run.deployment)
  if (groups === undefined) return NO_BALANCER
  const instance = engine.fleets.instance(target.instanceId)
  if (instance === undefined) return failed(`The instance ${target.instanceId} does not exist.`)
  for (const group of groups) {
    engine.journal.note('elasticloadbalancing', 'RegisterTargets', {
      targetGroup: group.name,
      targets: [instance.id]
    })
    engine.targetGroups.register(group, instance.machine)
  }
  for (const group of groups) {
    const sick = await untilHealthy(engine, run, { group, id: instance.id })
    if (sick !== undefined) return sick
  }
  return DONE
}

const untilHealthy = async (
  engine: Engine,
  run: Run,
  { group, id }: { group: TargetGroup; id: string }
): Promise<AgentResult | undefined> => {
  const deadline = engine.clock.passed() + engine.healthTimeoutMs
  for (let pause = FIRST_LOOK_MS; ; pause = Math.min(pause * 2, LONGEST_LOOK_MS)) {
    const health = engine.targetGroups.healthOf(group, id)
    if (health?.state === 'healthy') return undefined
    if (engine.clock.passed() >= deadline) {
      const reason = health?.reason === undefined ? '' : ` (${health.reason})`
      return failed(
        `The instance ${id} is still ${health?.state ?? 'unused'}${reason} in the target group ${group.name} after ${engine.healthTimeoutMs / 60_000} minutes.`
      )
    }
    await engine.clock.sleep(pause, run.signal)
  }
}

/** Deregisters the instance and waits for its connections, at most for the target group's deregistration delay. */
export const blockTraffic = async (engine: Engine, run: Run, target: TargetRecord): Promise<AgentResult> => {
  const refusal = refusedByRole(engine, run)
  if (refusal !== undefined) return refusal
  const groups = balancersOf(engine, run.deployment)
  if (groups === undefined) return NO_BALANCER
  const drained = groups.map((group) => {
    engine.journal.note('elasticloadbalancing', 'DeregisterTargets', {
      targetGroup: group.name,
      targets: [target.instanceId]
    })
    return engine.targetGroups.deregister(group, target.instanceId)
  })
  await untilAborted(Promise.all(drained), run.signal)
  return DONE
}
