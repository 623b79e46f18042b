import { expect, test } from '@jest/globals'
import type { DeploymentGroup } from '../../src/domain/group.js'
import { unfit } from '../../src/domain/group.js'
import { group } from '../fakes/nouns.js'

test.each<[string, Partial<DeploymentGroup>, string | undefined]>([
  ['the usual one', {}, undefined],
  [
    'one in place, whatever it lacks',
    { style: 'IN_PLACE', provisioning: 'DISCOVER_EXISTING', autoScalingGroups: [], loadBalancers: [] },
    undefined
  ],
  [
    'one of Lambda functions',
    { computePlatform: 'Lambda' },
    'shop/web deploys to Lambda; this action deploys bundles to EC2 instances (compute platform Server).'
  ],
  ['one with fixed fleets', { provisioning: 'DISCOVER_EXISTING' }, undefined],
  [
    'one with two fixed Auto Scaling groups as blue',
    { provisioning: 'DISCOVER_EXISTING', autoScalingGroups: ['a', 'b'] },
    undefined
  ],
  [
    'one with fixed fleets that tags select',
    { provisioning: 'DISCOVER_EXISTING', autoScalingGroups: [], tags: [[{ key: 'Name', value: 'blue' }]] },
    undefined
  ],
  [
    'one with fixed fleets, but without a blue one',
    { provisioning: 'DISCOVER_EXISTING', autoScalingGroups: [] },
    'shop/web is blue/green with DISCOVER_EXISTING, but names neither an Auto Scaling group nor tags, so it has no blue fleet to replace.'
  ],
  [
    'one with fixed fleets, but without a load balancer',
    { provisioning: 'DISCOVER_EXISTING', loadBalancers: [] },
    'shop/web is blue/green, but has no load balancer, so there is no traffic to move.'
  ],
  [
    'one without an Auto Scaling group',
    { autoScalingGroups: [] },
    'shop/web is blue/green, but names 0 Auto Scaling groups (none); it must name exactly one, which is copied.'
  ],
  [
    'one with two Auto Scaling groups',
    { autoScalingGroups: ['a', 'b'] },
    'shop/web is blue/green, but names 2 Auto Scaling groups (a, b); it must name exactly one, which is copied.'
  ],
  [
    'one without a load balancer',
    { loadBalancers: [] },
    'shop/web is blue/green, but has no load balancer, so there is no traffic to move.'
  ]
])('whether a group can be deployed to: %s', (_, members, message) => {
  expect(unfit(group(members))?.message).toBe(message)
})
