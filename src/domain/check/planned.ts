import { configName, type GroupWish } from '../group-wish.js'
import type { CheckedGroup } from './facts.js'
import { type CheckFinding, ok, warning } from './finding.js'

/** A deployment group that does not exist yet, as its setup file describes it. */
export const plannedGroup = (wish: GroupWish): CheckedGroup => ({
  group: {
    application: wish.application,
    name: wish.group,
    id: '',
    style: wish.strategy === 'in-place' ? 'IN_PLACE' : 'BLUE_GREEN',
    trafficControl: wish.targetGroups.length > 0,
    provisioning: wish.strategy === 'in-place' ? undefined : 'COPY_AUTO_SCALING_GROUP',
    autoScalingGroups: [wish.fleet.name],
    loadBalancers: [...wish.targetGroups],
    targetGroups: [...wish.targetGroups],
    deploymentConfig: configName(wish.traffic),
    waits: {
      ...{ readyMinutes: wish.readyWait ?? 0, readyAction: 'CONTINUE_DEPLOYMENT' },
      terminationMinutes: typeof wish.keepOldFleet === 'number' ? wish.keepOldFleet : 0,
      blueAction: wish.keepOldFleet === 'forever' ? 'KEEP_ALIVE' : 'TERMINATE'
    },
    autoRollbackEvents: [...(wish.automaticRollback ?? [])],
    alarms: [...(wish.alarms ?? [])],
    computePlatform: 'Server'
  },
  hooks: [],
  serviceRole: wish.serviceRole,
  listedAlarms: [...(wish.alarms ?? [])],
  planned: { create: wish.fleet.create }
})

/** What a setup file in the workspace says: a group, or its first mistake. */
export type SetupFile = { file: string; wish: GroupWish } | { file: string; mistake: string }

/** Whether the setup file describes the group that is checked. */
export const setupFileFindings = (setup: SetupFile, group: string): CheckFinding[] => {
  const { file } = setup
  if ('mistake' in setup)
    return [
      warning(
        'Setup file',
        setup.mistake,
        '`command: setup` refuses the file.',
        'Fix it; `command: setup` lists all of its mistakes.'
      )
    ]
  const described = `${setup.wish.application}/${setup.wish.group}`
  return described === group
    ? [ok('Setup file', `${file} describes ${group}, and the lines below are about what it names`)]
    : [
        warning(
          'Setup file',
          `${file} describes ${described}, not ${group}`,
          '`command: setup` with this file would not make the group that is missing.',
          'Check `application-name` and `deployment-group-name`, or pass the file of this group as `setup-file`.'
        )
      ]
}
