import { beforeEach, describe, expect, test } from '@jest/globals'
import type { DeploymentGroup } from '../../src/domain/group.js'
import type { PreviewPlace } from '../../src/domain/preview/place.js'
import { rolePolicy } from '../../src/domain/rights.js'
import { type PlaceWish, readPreviewPlace } from '../../src/steps/preview-place.js'
import { group, refusal } from '../fakes/nouns.js'
import { type FakeAccount, fakeAccount } from '../fakes/preview-account.js'
import { LISTENER, placeOf, TEMPLATE } from '../fakes/preview-place.js'
import { fakeServices } from '../fakes/preview-services.js'

let account: FakeAccount
let told: string[]

beforeEach(() => {
  account = fakeAccount()
  told = []
})

const read = (
  wish: Partial<PlaceWish> = {},
  production: Partial<DeploymentGroup> = {}
): Promise<PreviewPlace> =>
  readPreviewPlace(
    { listener: LISTENER.arn, launchTemplate: 'preview-template', sharesRole: false, ...wish },
    group(production),
    { services: fakeServices(account), tell: (line) => told.push(line) }
  )

test('everything around a preview is read, and nothing is changed', async () => {
  expect(await read()).toMatchObject(placeOf())
  expect([account.changes, told]).toEqual([[], []])
})

test('production may have several of everything: its first target group and its first fleet count', async () => {
  const several = { targetGroups: ['web-tg', 'gone'], autoScalingGroups: ['web-asg', 'gone'] }
  expect(await read({}, several)).toMatchObject({
    like: { name: 'web-tg' },
    subnets: ['subnet-a', 'subnet-b']
  })
})

test('a template of production that is gone gives nobody rights', async () => {
  account.templates.delete('lt-production')
  expect(await read()).toMatchObject({ productionProfiles: [] })
})

describe('is refused:', () => {
  test.each<[string, Partial<PlaceWish>, Partial<DeploymentGroup>, RegExp, RegExp]>([
    [
      'a listener that does not exist',
      { listener: 'arn:gone' },
      {},
      /^There is no listener arn:gone\.$/,
      /`preview-listener-arn`/
    ],
    [
      'a launch template that does not exist',
      { launchTemplate: 'lt-gone' },
      {},
      /^There is no launch template lt-gone in this region\.$/,
      /`preview-launch-template`/
    ],
    [
      'production without a target group',
      {},
      { targetGroups: [] },
      /^shop\/web has no target group, from which/,
      /behind an Application Load Balancer/
    ],
    [
      'production with a target group that is gone',
      {},
      { targetGroups: ['gone'] },
      /^The target group gone of shop\/web does not exist\.$/,
      /behind an Application Load Balancer/
    ],
    [
      'production without an Auto Scaling group',
      {},
      { autoScalingGroups: [] },
      /^shop\/web has no Auto Scaling group, whose subnets/,
      /that serves now/
    ],
    [
      'production with an Auto Scaling group that is gone',
      {},
      { autoScalingGroups: ['gone'] },
      /^The Auto Scaling group gone of shop\/web does not exist\.$/,
      /that serves now/
    ],
    [
      "production's own launch template",
      { launchTemplate: 'lt-production' },
      {},
      /has the instance profile web, with which production runs/,
      /preview-shares-production-role/
    ]
  ])('%s', async (_, wish, production, message, hint) => {
    await expect(read(wish, production)).rejects.toMatchObject({
      message: expect.stringMatching(message) as unknown,
      hint: expect.stringMatching(hint) as unknown
    })
    await expect(read(wish, production)).rejects.toHaveProperty(
      'hint',
      expect.stringContaining('Nothing was made.')
    )
  })
})

describe('what the security groups let in', () => {
  test('is not asked of a template without security groups', async () => {
    account.templates.set('preview-template', { ...TEMPLATE, securityGroups: [] })
    expect(await read()).toMatchObject({ inbound: undefined })
    expect(account.calls).not.toContain('fleets.inbound')
  })

  test('is not checked without the right to read it, and the right is named', async () => {
    const denied = Object.assign(refusal('UnauthorizedOperation', 'no', 403), {
      operation: 'DescribeSecurityGroups',
      rolePolicy: rolePolicy('preview', { host: 'pr-{number}.preview.example.com' })
    })
    account.refusals.set('fleets.inbound', [denied])
    expect(await read()).toMatchObject({ inbound: undefined })
    expect(told).toEqual([
      'Whether the load balancer reaches the instances was not checked. To check it, allow the role ec2:DescribeSecurityGroups, as docs/iam/optional-preview-environments.json does.'
    ])
  })

  test.each(['InvalidGroup.NotFound', 'InvalidGroupId.Malformed'])(
    'of a security group that is gone (%s) is a mistake of the template',
    async (name) => {
      account.refusals.set('fleets.inbound', [refusal(name)])
      await expect(read()).rejects.toThrow(
        'The launch template names a security group that does not exist: sg-preview.'
      )
    }
  )

  test('stays unknown when the service fails, which ends the run', async () => {
    account.refusals.set('fleets.inbound', [refusal('InternalError', 'oops', 500)])
    await expect(read()).rejects.toThrow('oops')
  })
})

test('a refusal of any other call ends the run', async () => {
  account.refusals.set('balancing.listener', [refusal('AccessDenied', 'no', 403)])
  await expect(read()).rejects.toThrow('no')
})
