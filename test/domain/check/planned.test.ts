import { expect, test } from '@jest/globals'
import { plannedGroup, setupFileFindings } from '../../../src/domain/check/planned.js'
import type { GroupWish } from '../../../src/domain/group-wish.js'

const WISH: GroupWish = {
  ...{ application: 'festival', group: 'web', serviceRole: 'arn:aws:iam::111122223333:role/codedeploy' },
  fleet: { name: 'fleet' },
  ...{ targetGroups: ['tg'], strategy: 'blue-green', traffic: 'CodeDeployDefault.AllAtOnce', tags: {} }
}

test('a group that does not exist is judged as its setup file describes it', () => {
  expect(plannedGroup({ ...WISH, alarms: ['5xx'], keepOldFleet: 120 })).toMatchObject({
    serviceRole: WISH.serviceRole,
    planned: {},
    group: {
      ...{ style: 'BLUE_GREEN', provisioning: 'COPY_AUTO_SCALING_GROUP', autoScalingGroups: ['fleet'] },
      ...{ targetGroups: ['tg'], alarms: ['5xx'] },
      waits: { terminationMinutes: 120, blueAction: 'TERMINATE' }
    }
  })
  expect(plannedGroup({ ...WISH, keepOldFleet: 'forever' }).group.waits.blueAction).toBe('KEEP_ALIVE')
  expect(plannedGroup({ ...WISH, strategy: 'in-place' }).group).toMatchObject({
    ...{ style: 'IN_PLACE', provisioning: undefined }
  })
})

test.each([
  ['of this group', { file: 'a.yml', wish: WISH }, 'ok', 'a.yml describes festival/web'],
  [
    'of another group',
    { file: 'a.yml', wish: { ...WISH, group: 'api' } },
    'warning',
    'festival/api, not festival/web'
  ],
  ['with a mistake', { file: 'a.yml', mistake: 'a.yml:1:1: no' }, 'warning', 'a.yml:1:1: no']
])('a setup file %s has a line of its own', (_, setup, verdict, found) => {
  expect(setupFileFindings(setup, 'festival/web')).toMatchObject([
    { area: 'Setup file', verdict, found: expect.stringContaining(found) }
  ])
})
