import { describe, expect, test } from '@jest/globals'
import { type FixedFleet, fleetName, sameFleet } from '../../src/domain/fixed-fleet.js'
import { chooseGreen, greenMisfit, servingFleets } from '../../src/domain/green-choice.js'
import type { DeploymentGroup } from '../../src/domain/group.js'
import type { Deployment } from '../../src/domain/deployment.js'
import type { Live } from '../../src/domain/live.js'
import type { ServedInstance } from '../../src/domain/serving.js'
import { deployment, fixedGroup, fleet, group, tagged } from '../fakes/nouns.js'

const [BLUE, GREEN, THIRD] = [fleet('blue-fleet'), fleet('green-fleet'), fleet('third-fleet')]

/** The tags of a fleet with these names, one for each list. */
const [TAGGED_BLUE, TAGGED_GREEN] = [tagged('Name=blue', 'stage=prod'), tagged('Name=green', 'stage=prod')]

const message = (work: () => unknown): string => {
  try {
    return fleetName(work() as FixedFleet)
  } catch (error) {
    const { message: what, hint } = error as Error & { hint: string }
    return `${what} ${hint}`
  }
}

describe('a fleet', () => {
  test.each<[string, FixedFleet]>([
    ['green-fleet', GREEN],
    ['Name=green, stage=prod', TAGGED_GREEN],
    ['Name=a or Name=b, owner', { kind: 'tags', tags: [tagsOf('Name=a', 'Name=b'), tagsOf('owner')] }]
  ])('is called %s', (name, one) => expect(fleetName(one)).toBe(name))

  test('is the same whatever the order of its tags', () => {
    expect(sameFleet(tagged('Name=green', 'stage=prod'), tagged('stage=prod', 'Name=green'))).toBe(true)
    expect(sameFleet(TAGGED_GREEN, TAGGED_BLUE)).toBe(false)
    expect(sameFleet(GREEN, fleet('green-fleet'))).toBe(true)
    expect(sameFleet(GREEN, tagged('green-fleet'))).toBe(false)
  })
})

describe('whether the inputs fit the group', () => {
  test.each<[string, DeploymentGroup, FixedFleet[], string | undefined]>([
    ['a group that copies, without them', group(), [], undefined],
    ['one in place, without them', group({ style: 'IN_PLACE' }), [], undefined],
    ['fixed fleets, one named', fixedGroup(), [GREEN], undefined],
    ['fixed fleets, both named', fixedGroup(), [BLUE, GREEN], undefined],
    [
      'fixed fleets, none named',
      fixedGroup(),
      [],
      'shop/web is blue/green with DISCOVER_EXISTING, so it deploys to a fleet that already exists, and nothing says which one. Set `green-auto-scaling-group` to the names of both fleets (`blue-fleet, …`): the one that does not serve gets the deployment (docs/fixed-fleets.md).'
    ],
    [
      'fixed fleets by tags, none named',
      fixedGroup({ autoScalingGroups: [], tags: tagsIn(TAGGED_BLUE) }),
      [],
      'shop/web is blue/green with DISCOVER_EXISTING, so it deploys to a fleet that already exists, and nothing says which one. Set `green-tags` to the tags of both fleets, one fleet a line: the one that does not serve gets the deployment (docs/fixed-fleets.md).'
    ],
    [
      'a group that copies, with one',
      group(),
      [GREEN],
      '`green-auto-scaling-group` is green-fleet, but shop/web copies its Auto Scaling group web-asg for every deployment. Remove `green-auto-scaling-group` from the step, or set the green fleet provisioning of the group to DISCOVER_EXISTING to deploy to fleets that you keep yourself.'
    ],
    [
      'one in place, with tags',
      group({ style: 'IN_PLACE', provisioning: undefined }),
      [TAGGED_GREEN],
      '`green-tags` is Name=green, stage=prod, but shop/web deploys in place: it updates the instances that serve, and has no green fleet. Remove `green-tags` from the step.'
    ]
  ])('%s', (_, its, given, text) => {
    const error = greenMisfit(its, given)
    expect(error && `${error.message} ${error.hint}`).toBe(text)
  })
})

describe('which fleet gets the deployment', () => {
  const byTags = fixedGroup({ autoScalingGroups: [], tags: tagsIn(TAGGED_BLUE) })

  test.each<[string, DeploymentGroup, FixedFleet[], FixedFleet[], string]>([
    ['the other one of both', fixedGroup(), [BLUE, GREEN], [], 'green-fleet'],
    ['whatever their order', fixedGroup(), [GREEN, BLUE], [], 'green-fleet'],
    ['the one named', fixedGroup(), [GREEN], [], 'green-fleet'],
    ['once they have swapped, the former blue one', swapped(), [BLUE, GREEN], [GREEN], 'blue-fleet'],
    ['of two selected by tags', byTags, [TAGGED_GREEN, TAGGED_BLUE], [TAGGED_BLUE], 'Name=green, stage=prod'],
    [
      'by tags, though blue is an Auto Scaling group',
      fixedGroup(),
      [TAGGED_GREEN],
      [],
      'Name=green, stage=prod'
    ],
    [
      'the other one, while some visitors are still on it',
      fixedGroup(),
      [BLUE, GREEN],
      [BLUE, GREEN],
      'green-fleet'
    ]
  ])('%s', (_, its, given, serving, name) => {
    expect(message(() => chooseGreen(its, given, serving))).toBe(name)
  })

  test.each<[string, DeploymentGroup, FixedFleet[], FixedFleet[], string]>([
    [
      'the live one is named',
      fixedGroup(),
      [BLUE],
      [],
      '`green-auto-scaling-group` is blue-fleet, which is the fleet that shop/web refers to: it serves now, and a deployment to it would stop what visitors see. Name the other fleet, or name both (separated by a comma): the one that does not serve gets the deployment.'
    ],
    [
      'the live one is named by its tags',
      byTags,
      [TAGGED_BLUE],
      [],
      '`green-tags` is Name=blue, stage=prod, which is the fleet that shop/web refers to: it serves now, and a deployment to it would stop what visitors see. Name the other fleet, or name both (one fleet a line): the one that does not serve gets the deployment.'
    ],
    [
      'neither of two is the one that serves',
      fixedGroup(),
      [GREEN, THIRD],
      [],
      '`green-auto-scaling-group` is green-fleet or third-fleet, but shop/web refers to blue-fleet, so neither of the two is known to be the one that serves. Name the fleet that serves and the other one, or only the one to deploy to. `aws deploy get-deployment-group --application-name shop --deployment-group-name web` shows what the group refers to.'
    ],
    [
      'the group refers to the fleet that no longer serves',
      fixedGroup(),
      [BLUE, GREEN],
      [GREEN],
      'shop/web refers to blue-fleet, but visitors are served by green-fleet. CodeDeploy would take the wrong fleet for blue. Let the group refer to the fleet that serves, then run this again: `aws deploy update-deployment-group --application-name shop --current-deployment-group-name web --auto-scaling-groups green-fleet`'
    ],
    [
      'the same by tags',
      byTags,
      [TAGGED_BLUE, TAGGED_GREEN],
      [TAGGED_GREEN],
      'shop/web refers to Name=blue, stage=prod, but visitors are served by Name=green, stage=prod. CodeDeploy would take the wrong fleet for blue. Let the group refer to the fleet that serves, then run this again: `aws deploy update-deployment-group --application-name shop --current-deployment-group-name web --ec2-tag-set \'{"ec2TagSetList":[[{"Key":"Name","Value":"green","Type":"KEY_AND_VALUE"}],[{"Key":"stage","Value":"prod","Type":"KEY_AND_VALUE"}]]}\'`'
    ]
  ])('none if %s', (_, its, given, serving, text) => {
    expect(message(() => chooseGreen(its, given, serving))).toBe(text)
  })
})

describe('which fleets serve', () => {
  const evidence = { from: 'deployments' } as const
  const [toGreen, toBlue] = [deployment({ fixedGreen: [GREEN] }), deployment({ fixedGreen: [BLUE] })]
  const by = (id: string, installedBy?: Deployment): [string, ServedInstance] => [
    id,
    { id, fleet: '', traffic: 'in', intact: true, ...(installedBy === undefined ? {} : { installedBy }) }
  ]
  const instances = new Map([
    by('i-1', toGreen),
    by('i-2', toGreen),
    by('i-3', toBlue),
    by('i-4', deployment()),
    by('i-5')
  ])

  test.each<[string, Live, FixedFleet[]]>([
    [
      'the one with the live commit',
      { kind: 'commit', deployment: toGreen, instances: ['i-1', 'i-2'], evidence },
      [GREEN]
    ],
    [
      'both, with one commit on them',
      { kind: 'commit', deployment: toGreen, instances: ['i-1', 'i-3'], evidence },
      [GREEN, BLUE]
    ],
    [
      'all of a mixed state, as far as they are known',
      { kind: 'mixed', parts: [{ instances: ['i-3'] }, { instances: ['i-2', 'i-5', 'i-6'] }], evidence },
      [BLUE, GREEN]
    ],
    ['none that is known', { kind: 'unknown', reason: 'x', evidence }, []],
    [
      'none of a deployment that copied',
      { kind: 'commit', deployment: deployment(), instances: ['i-4'], evidence },
      []
    ]
  ])('%s', (_, live, fleets) => {
    expect(servingFleets(live, { instances, current: undefined })).toEqual(fleets)
  })
})

function swapped(): DeploymentGroup {
  return fixedGroup({ autoScalingGroups: ['green-fleet'] })
}

function tagsIn(one: FixedFleet): DeploymentGroup['tags'] {
  return one.kind === 'tags' ? one.tags : undefined
}

function tagsOf(...texts: string[]): { key: string; value: string | undefined }[] {
  return texts.map((text) => {
    const [key = '', value] = text.split('=')
    return { key, value }
  })
}
