import type { Caller } from '../contract.js'
import type { Draft } from './engine/engine.js'
import { readAlarms } from './alarm-settings.js'
import { applicationOf, groupOf } from './find.js'
import { configNamed } from './config-operations.js'
import { descriptionOf, flag, nameOf, structure, text, type Input } from './input.js'
import type { DeploymentGroup, FileExistsBehavior, RevisionLocation } from './model.js'
import type { Operations, Plane } from './plane.js'
import { refuse } from './refusal.js'
import { readRevision, revisionKey } from './revision-location.js'
import { register } from './revisions.js'
import { readAutoRollback } from './rollback-settings.js'
import { activeDeployment } from './state.js'
import { readTargetInstances } from './target-instances.js'

/** CreateDeployment: checks for every refusal, then registers the revision and starts the deployment. */
const create = (plane: Plane, input: Input, caller: Caller): object => {
  const { engine } = plane
  const application = applicationOf(engine.state, input)
  const group = groupOf(engine.state, input)
  authorizeOverride(plane, caller, { input, group })
  const draft = draftOf(plane, input, group)
  authorizeRevision(plane, caller, {
    application: application.name,
    known: application.revisions.has(revisionKey(draft.revision))
  })
  plane.authorize(
    caller,
    'codedeploy:GetDeploymentConfig',
    arn(plane, `deploymentconfig:${draft.configName}`)
  )
  checkGroup(plane, group)
  refuseSecond(plane, group)
  // The first deployment of an unregistered revision registers it (docs/service.md, captures 9).
  const revision = register(application, draft.revision, { now: engine.clock.now() })
  revision.firstUsedAt ??= engine.clock.now()
  revision.lastUsedAt = engine.clock.now()
  return { deploymentId: engine.start(draft).id }
}

const arn = ({ region, accountId }: Plane, resource: string): string =>
  `arn:aws:codedeploy:${region}:${accountId}:${resource}`

/** Turning alarms off for a deployment needs the right to change the group (API: CreateDeployment, overrideAlarmConfiguration). */
const authorizeOverride = (
  plane: Plane,
  caller: Caller,
  { input, group }: { input: Input; group: DeploymentGroup }
): void => {
  if (structure(input, 'overrideAlarmConfiguration') === undefined) return
  const resource = arn(plane, `deploymentgroup:${group.application}/${group.name}`)
  try {
    plane.authorize(caller, 'codedeploy:UpdateDeploymentGroup', resource)
  } catch (error) {
    if (plane.engine.switches.overrideRefusal === 'names-the-right') throw error
    refuse('AccessDeniedException', 'User is not authorized to perform this operation')
  }
}

const authorizeRevision = (
  plane: Plane,
  caller: Caller,
  { application, known }: { application: string; known: boolean }
): void => {
  const action = known ? 'GetApplicationRevision' : 'RegisterApplicationRevision'
  plane.authorize(caller, `codedeploy:${action}`, arn(plane, `application:${application}`))
}

const draftOf = (plane: Plane, input: Input, group: DeploymentGroup): Draft => {
  const revision = revisionOf(input, group)
  const description = descriptionOf(input)
  const autoRollback = readAutoRollback(input) ?? group.autoRollback
  const overrideAlarms = readAlarms(input, 'overrideAlarmConfiguration')
  const targetInstances = readTargetInstances(plane, input, group)
  return {
    group,
    plan: group.style.deploymentType === 'BLUE_GREEN' ? 'blue-green' : 'in-place',
    creator: 'user',
    revision,
    style: group.style,
    configName: configOf(plane, input, group),
    ...(description === undefined ? {} : { description }),
    ...(targetInstances === undefined ? {} : { targetInstances }),
    ...(autoRollback === undefined ? {} : { autoRollback }),
    ...(overrideAlarms === undefined ? {} : { overrideAlarms }),
    ignoreApplicationStopFailures: flag(input, 'ignoreApplicationStopFailures'),
    updateOutdatedInstancesOnly: flag(input, 'updateOutdatedInstancesOnly'),
    restart: isRestart(input),
    fileExistsBehavior: behaviorOf(input)
  }
}

const revisionOf = (input: Input, group: DeploymentGroup): RevisionLocation => {
  const given = structure(input, 'revision')
  if (isRestart(input)) return restartedBy(input, group)
  // An update of outdated instances needs no revision, because it uses the group's (API: CreateDeployment).
  if (
    given === undefined &&
    flag(input, 'updateOutdatedInstancesOnly') &&
    group.targetRevision !== undefined
  ) {
    return group.targetRevision
  }
  return readRevision(given)
}

const isRestart = (input: Input): boolean => text(input, 'deploymentMode') === 'RESTART'

/** The last successful revision; for in-place groups alone, and none may be given (API: CreateDeployment, deploymentMode). */
const restartedBy = (input: Input, { style, targetRevision }: DeploymentGroup): RevisionLocation => {
  if (structure(input, 'revision') !== undefined || flag(input, 'updateOutdatedInstancesOnly'))
    return refuse('InvalidRevisionException', 'A deployment with deploymentMode RESTART takes no revision.')
  if (style.deploymentType === 'BLUE_GREEN')
    return refuse(
      'InvalidDeploymentStyleException',
      'The deploymentMode RESTART is for in-place deployments alone.'
    )
  return (
    targetRevision ??
    refuse(
      'RevisionRequiredException',
      'The deployment group has no successful deployment that could be restarted.'
    )
  )
}

const configOf = (plane: Plane, input: Input, group: DeploymentGroup): string =>
  text(input, 'deploymentConfigName') === undefined
    ? group.deploymentConfigName
    : configNamed(plane.engine.state, nameOf(input, 'deploymentConfigName', 'DeploymentConfig')).name

const behaviorOf = (input: Input): FileExistsBehavior => {
  const given = text(input, 'fileExistsBehavior') ?? 'DISALLOW'
  return given === 'DISALLOW' || given === 'OVERWRITE' || given === 'RETAIN'
    ? given
    : refuse(
        'InvalidFileExistsBehaviorException',
        `The fileExistsBehavior '${given}' is not one of DISALLOW, OVERWRITE, RETAIN.`
      )
}

const checkGroup = ({ engine }: Plane, group: DeploymentGroup): void => {
  // The message is that of CreateDeploymentGroup (docs/service.md, captures 9).
  if (engine.switches.brokenRole === 'refused' && engine.state.brokenRoles.has(group.serviceRoleArn))
    refuse('InvalidRoleException', 'Cannot assume role provided.')
  for (const name of group.autoScalingGroups) {
    if (engine.fleets.find(name) === undefined) {
      refuse('InvalidAutoScalingGroupException', `The Auto Scaling group ${name} does not exist.`)
    }
  }
  for (const { name } of group.loadBalancer?.targetGroupInfoList ?? []) {
    if (engine.targetGroups.byName(name) === undefined) {
      refuse('InvalidLoadBalancerInfoException', `The target group ${name} does not exist.`)
    }
  }
}

// One deployment per group; only the message has the id (docs/service.md, captures 9).
const refuseSecond = ({ engine }: Plane, group: DeploymentGroup): void => {
  const active = activeDeployment(engine.state, group, engine.switches.autoscalingLocks === 'yes')
  if (active === undefined) return
  refuse(
    'DeploymentLimitExceededException',
    `The Deployment Group '${group.name}' already has an active Deployment '${active.id}'`
  )
}

export const createDeploymentOperations: Operations = { CreateDeployment: create }
