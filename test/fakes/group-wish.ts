import type { GroupWish, PresentGroup } from '../../src/domain/group-wish.js'

/** What a setup file asks for. */
export const WISH: GroupWish = {
  application: 'festival',
  group: 'web',
  serviceRole: 'arn:aws:iam::111122223333:role/festival-codedeploy',
  fleet: {
    name: 'festival-web',
    create: { launchTemplate: 'festival-web', subnets: ['subnet-1'], min: 1, max: 4, desired: 2 }
  },
  targetGroups: ['festival-web'],
  strategy: 'blue-green',
  traffic: 'CodeDeployDefault.AllAtOnce',
  keepOldFleet: 120,
  readyWait: 0,
  alarms: ['5xx'],
  automaticRollback: ['DEPLOYMENT_FAILURE'],
  tags: {}
}

/** The group as the file says, after a deployment gave it another Auto Scaling group. */
export const asWished: PresentGroup = {
  serviceRole: WISH.serviceRole,
  autoScalingGroups: ['CodeDeploy_web_d-ABC'],
  targetGroups: ['festival-web'],
  strategy: 'blue-green',
  trafficControl: true,
  byTags: false,
  provisioning: 'COPY_AUTO_SCALING_GROUP',
  deploymentConfig: 'CodeDeployDefault.AllAtOnce',
  keepOldFleet: 120,
  readyWait: 0,
  alarms: { enabled: true, ignorePollAlarmFailure: true, names: ['5xx'] },
  automaticRollback: ['DEPLOYMENT_FAILURE']
}
