import { untilAborted } from './abort.js'
import { dataOf, SEEDED } from '../ec2/templates.js'
import { encodedMessage } from '../identity/encoded-message.js'
import { changed, type FleetState, type HookAnswer, isNewGroup, troubleOf } from './fleet-state.js'
import type { Activity, AutoScalingGroup, Instance } from './model.js'

/** How long a group waits after a failed launch, so that a revision that never starts does not cause endless launches. */
export const REST_AFTER_FAILURE_MS = 60_000

type Terminate = (instance: Instance, why: string) => void

/** A launch hook that nobody completes holds an instance for this long by default (API: PutLifecycleHook). */
const HOOK_MS = 60 * 60_000

/** Auto Scaling's sentence about a launch template that does not exist. */
export const noSuchTemplate = (value: string, by: 'ID' | 'name' = 'ID'): string =>
  `You must use a valid fully-formed launch template. The specified launch template, with template ${by} ${value}, does not exist.`

/** Why this group can launch nothing, in the words of Auto Scaling's activities; undefined if it can. */
export const refusedLaunch = (state: FleetState, group: AutoScalingGroup): string | undefined => {
  const { id = '' } = group.launchTemplate ?? {}
  const [zone = '', other = ''] = group.availabilityZones
  if (state.templates.gone.has(id)) return noSuchTemplate(id)
  switch (troubleOf(state, group)) {
    case 'no-capacity':
      return `We currently do not have sufficient t3.micro capacity in the Availability Zone you requested (${zone}). Our system will be working on provisioning additional capacity. You can currently get t3.micro capacity by not specifying an Availability Zone in your request or choosing ${other}.`
    case 'no-image':
      return `The image id '[ami-0123456789abcdef0]' does not exist.`
    case 'not-allowed':
      return `You are not authorized to perform this operation. Encoded authorization failure message: ${encodedMessage(
        {
          principal: `arn:aws:sts::${state.accountId}:assumed-role/CodeDeployServiceRole/CodeDeploy`,
          action: 'iam:PassRole',
          resource: `arn:aws:iam::${state.accountId}:role/ExampleInstanceRole`
        }
      )}.`
    default:
      return undefined
  }
}

/** Notes that a group could not launch an instance, as its activities show it; it tries again later. */
export const noteFailedLaunch = (state: FleetState, group: AutoScalingGroup, why: string): void => {
  const now = state.clock.now()
  group.activities.unshift({
    id: state.ids.uuid(),
    description: `Launching a new EC2 instance.  Status Reason: ${why} Launching EC2 instance failed.`,
    message: `${why} Launching EC2 instance failed.`,
    cause: `At ${new Date(now).toISOString()} an instance was started in response to a difference between desired and actual capacity.`,
    startedAt: now,
    endedAt: now,
    status: 'Failed'
  })
}

/** Launches one instance of a group and brings it into service in the background, through the launch hooks. */
export const launch = (state: FleetState, group: AutoScalingGroup, terminate: Terminate): void => {
  const instance = newInstance(state, group)
  state.members.set(instance.id, instance)
  const activity = noteLaunch(state, group, instance)
  changed(state)
  state.background.run(async (signal) => {
    const why = await bringUp(state, group, instance, signal)
    activity.endedAt = state.clock.now()
    activity.status = why === undefined ? 'Successful' : 'Cancelled'
    if (why === undefined) return
    await state.clock.sleep(REST_AFTER_FAILURE_MS, signal)
    terminate(instance, why)
  })
}

const newInstance = (state: FleetState, group: AutoScalingGroup): Instance => {
  const [id, isNew] = [state.ids.instance(), isNewGroup(group)]
  const tags = {
    'aws:autoscaling:groupName': group.name,
    ...Object.fromEntries(group.tags.filter((tag) => tag.propagate).map((tag) => [tag.key, tag.value]))
  }
  return {
    id,
    group: group.name,
    zone: group.availabilityZones[state.members.size % group.availabilityZones.length] ?? `${state.region}a`,
    state: 'Pending',
    machine: state.machines.launch({ instanceId: id, autoScalingGroup: group.name, tags, isNew }),
    ...{ tags, isNew },
    template: dataOf(state.templates, group.launchTemplate ?? { id: SEEDED.id, version: '$Default' }),
    launchedAt: state.clock.now(),
    protectedFromScaleIn: group.newInstancesProtectedFromScaleIn
  }
}

const noteLaunch = (state: FleetState, group: AutoScalingGroup, instance: Instance): Activity => {
  const now = state.clock.now()
  const activity: Activity = {
    id: state.ids.uuid(),
    description: `Launching a new EC2 instance: ${instance.id}`,
    cause: `At ${new Date(now).toISOString()} an instance was started in response to a difference between desired and actual capacity.`,
    startedAt: now,
    status: 'InProgress'
  }
  group.activities.unshift(activity)
  return activity
}

// Undefined if the instance came into service (or was terminated meanwhile), otherwise why it did not.
const bringUp = async (
  state: FleetState,
  group: AutoScalingGroup,
  instance: Instance,
  signal: AbortSignal
): Promise<string | undefined> => {
  try {
    await untilAborted(instance.machine.booted, signal)
  } catch (reason) {
    signal.throwIfAborted()
    return `it did not start: ${reason instanceof Error ? reason.message : String(reason)}`
  }
  if (troubleOf(state, group) === 'held') {
    advance(state, instance, 'Pending:Wait')
    await state.clock.sleep(HOOK_MS, signal)
    return "Instance failed to complete user's Lifecycle Action"
  }
  for (const hook of [...group.hooks.values()]) {
    if (hook.transition !== 'autoscaling:EC2_INSTANCE_LAUNCHING') continue
    if (!advance(state, instance, 'Pending:Wait')) return undefined
    const answer = await untilAborted(
      state.answerHook(instance, hook) ?? heartbeat(state, hook, signal),
      signal
    )
    if (answer === 'ABANDON') return "Instance failed to complete user's Lifecycle Action"
    if (!advance(state, instance, 'Pending:Proceed')) return undefined
  }
  if (advance(state, instance, 'InService')) state.entered(instance)
  return undefined
}

const heartbeat = async (
  state: FleetState,
  hook: { heartbeatSeconds: number; defaultResult: HookAnswer },
  signal: AbortSignal
): Promise<HookAnswer> => {
  await state.clock.sleep(hook.heartbeatSeconds * 1000, signal)
  return hook.defaultResult
}

const advance = (state: FleetState, instance: Instance, next: Instance['state']): boolean => {
  if (!instance.state.startsWith('Pending')) return false
  instance.state = next
  changed(state)
  return true
}
