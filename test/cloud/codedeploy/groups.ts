import type { Engine } from './engine/engine.js'
import { dropHook, putHook } from './engine/hooks.js'
import { applicationOf, groupOf } from './find.js'
import { groupAnswer } from './group-answer.js'
import { readSettings } from './group-settings.js'
import { batchOf, nameOf, text, type Input } from './input.js'
import type { DeploymentGroup } from './model.js'
import { pageOf } from './paging.js'
import type { Operations, Plane } from './plane.js'
import { refuse } from './refusal.js'
import { readTags } from './tags.js'

const create = (plane: Plane, input: Input): object => {
  const { engine } = plane
  const application = applicationOf(engine.state, input)
  const name = nameOf(input, 'deploymentGroupName', 'DeploymentGroup')
  refuseTaken(application.groups, name)
  const most = engine.quotas.deploymentGroups
  if (application.groups.size >= most)
    refuse('DeploymentGroupLimitExceededException', `The application already has ${most} deployment groups.`)
  const group: DeploymentGroup = {
    ...readSettings(plane, input),
    tags: readTags(input, 'tags'),
    id: engine.ids.uuid(),
    application: application.name,
    name,
    hooks: new Map()
  }
  application.groups.set(name, group)
  for (const fleet of group.autoScalingGroups) putHook(engine, group, fleet)
  return { deploymentGroupId: group.id }
}

const refuseTaken = (groups: Map<string, DeploymentGroup>, name: string): void => {
  if (groups.has(name)) {
    refuse('DeploymentGroupAlreadyExistsException', `A deployment group named '${name}' already exists`)
  }
}

const update = (plane: Plane, input: Input): object => {
  const { engine } = plane
  const { groups } = applicationOf(engine.state, input)
  const group = groupOf(engine.state, input, 'currentDeploymentGroupName')
  const before = group.autoScalingGroups
  Object.assign(group, readSettings(plane, input, group))
  for (const fleet of before) if (!group.autoScalingGroups.includes(fleet)) dropHook(engine, group, fleet)
  for (const fleet of group.autoScalingGroups) if (!group.hooks.has(fleet)) putHook(engine, group, fleet)
  if (text(input, 'newDeploymentGroupName') !== undefined) {
    const name = nameOf(input, 'newDeploymentGroupName', 'DeploymentGroup')
    refuseTaken(groups, name)
    groups.delete(group.name)
    group.name = name
    groups.set(name, group)
  }
  return { hooksNotCleanedUp: [] }
}

// Deleting a group that does not exist is not an error: DeleteDeploymentGroup has none for it (API: errors).
const remove = ({ engine }: Plane, input: Input): object => {
  const application = engine.state.applications.get(nameOf(input, 'applicationName', 'Application'))
  const group = application?.groups.get(nameOf(input, 'deploymentGroupName', 'DeploymentGroup'))
  if (application === undefined || group === undefined) return { hooksNotCleanedUp: [] }
  const hooksNotCleanedUp = stayingHooks(engine, group)
  if (hooksNotCleanedUp.length > 0 && engine.switches.groupDeletedWithBrokenRole === 'refused')
    refuse('InvalidRoleException', `Cannot assume role ${group.serviceRoleArn}.`)
  if (hooksNotCleanedUp.length === 0)
    for (const fleet of [...group.hooks.keys()]) dropHook(engine, group, fleet)
  application.groups.delete(group.name)
  return { hooksNotCleanedUp }
}

/** The hooks that CodeDeploy cannot remove, because it can do nothing with the service role of the group (API: hooksNotCleanedUp). */
const stayingHooks = ({ fleets, state }: Engine, group: DeploymentGroup): object[] =>
  state.brokenRoles.has(group.serviceRoleArn)
    ? [...group.hooks].flatMap(([name, hook]) =>
        fleets.find(name)?.hooks.has(hook) === true ? [{ name, hook }] : []
      )
    : []

const batch = (plane: Plane, input: Input): object => {
  const application = applicationOf(plane.engine.state, input)
  const names = batchOf(input, 'deploymentGroupNames', {
    most: 100,
    required: 'DeploymentGroupNameRequiredException'
  })
  const found = names.flatMap((name) => application.groups.get(name) ?? [])
  const missing = names.filter((name) => !application.groups.has(name))
  return {
    deploymentGroupsInfo: found.map((group) => groupAnswer(plane, application.name, group)),
    errorMessage: missing.length === 0 ? '' : `No Deployment Group found for name: ${missing.join(', ')}`
  }
}

/** Deployment groups: create, read, update, delete. */
export const groupOperations: Operations = {
  CreateDeploymentGroup: create,
  UpdateDeploymentGroup: update,
  DeleteDeploymentGroup: remove,
  GetDeploymentGroup: (plane, input) => {
    const group = groupOf(plane.engine.state, input)
    return { deploymentGroupInfo: groupAnswer(plane, group.application, group) }
  },
  BatchGetDeploymentGroups: batch,
  ListDeploymentGroups: ({ engine, pageSize }, input) => {
    const application = applicationOf(engine.state, input)
    const names = [...application.groups.keys()]
    const page = pageOf(names, { input, operation: 'ListDeploymentGroups', pageSize }, (name) => name)
    return {
      applicationName: application.name,
      deploymentGroups: page.items,
      ...(page.nextToken === undefined ? {} : { nextToken: page.nextToken })
    }
  }
}
