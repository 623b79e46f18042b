import { beforeEach, describe, expect, test } from '@jest/globals'
import type { DeploymentGroup } from '../../src/domain/group.js'
import type { GroupState } from '../../src/domain/launch.js'
import type { Live } from '../../src/domain/live.js'
import { NOTHING_SERVES } from '../../src/domain/serving.js'
import { UserError } from '../../src/errors.js'
import { findGreen, type GreenSources, requireInstances } from '../../src/steps/green-fleet.js'
import { deployment, fixedGroup, fleet, refusal, tagged } from '../fakes/nouns.js'

const BOTH = [fleet('blue-fleet'), fleet('green-fleet')]

const inService = (...ids: string[]): GroupState => ({
  desired: ids.length,
  instances: ids.map((id) => ({ id, state: 'InService' }))
})

let groups: Record<string, GroupState | undefined>
let healthy: string[]
let said: string[]
let sources: GreenSources
beforeEach(() => {
  groups = { 'blue-fleet': inService('i-1', 'i-2'), 'green-fleet': inService('i-3', 'i-4') }
  healthy = ['i-1', 'i-2']
  said = []
  sources = {
    region: 'us-east-1',
    health: () => Promise.resolve(healthy.map((id) => ({ id, state: 'healthy' }))),
    fleets: {
      group: (name) => Promise.resolve(groups[name]),
      tagged: (tags) => Promise.resolve(tags[0]?.value === 'green' ? ['i-3'] : [])
    },
    unchecked: (sentence) => void said.push(sentence)
  }
})

const evidence = { from: 'load-balancer' } as const
const UNKNOWN: Live = { kind: 'unknown', reason: 'nobody knows', evidence }
const denied = (): Promise<never> =>
  Promise.reject(
    Object.assign(
      refusal('AccessDenied', 'not authorized to perform: autoscaling:DescribeAutoScalingGroups'),
      {
        operation: 'DescribeAutoScalingGroups'
      }
    )
  )

const find = (
  given = BOTH,
  { live = UNKNOWN, group = fixedGroup() }: { live?: Live; group?: DeploymentGroup } = {}
) => findGreen(given, { group, live, course: { after: new Map(), end: NOTHING_SERVES } }, sources)

const refused = async (work: Promise<unknown>): Promise<string> => {
  const error: unknown = await work.catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(UserError)
  const { message, hint } = error as UserError
  return `${message} ${hint}`
}

describe('the green fleet', () => {
  test('is the one that does not serve, with its instances in service', async () => {
    groups['green-fleet'] = {
      desired: 2,
      instances: [
        { id: 'i-3', state: 'InService' },
        { id: 'i-4', state: 'Pending' }
      ]
    }
    expect(await find()).toEqual({
      green: fleet('green-fleet'),
      blue: [fleet('blue-fleet')],
      instances: ['i-3'],
      serving: []
    })
  })

  test('can be selected by tags', async () => {
    const found = await find([tagged('Name=green')])
    expect(found).toMatchObject({ green: tagged('Name=green'), instances: ['i-3'] })
  })

  test.each([
    ['health', 'according to the load balancer'],
    ['deployments', 'according to the deployments']
  ])('is refused if all visitors are on it (%s)', async (from) => {
    healthy = ['i-3', 'i-4']
    if (from === 'deployments') sources = { ...sources, health: denied }
    const live: Live = { kind: 'commit', deployment: deployment(), instances: ['i-3', 'i-4'], evidence }
    expect(await refused(find(BOTH, { live }))).toMatch(
      /^shop\/web refers to blue-fleet, but visitors are served by green-fleet\..*--auto-scaling-groups green-fleet`$/
    )
  })

  test('may have some visitors, which are named', async () => {
    healthy = ['i-1', 'i-3']
    expect(await find()).toMatchObject({ serving: ['i-3'] })
    const part = (...instances: string[]) => ({ instances })
    sources = { ...sources, health: denied }
    const live: Live = { kind: 'mixed', parts: [part('i-1'), part('i-4')], evidence }
    expect(await find(BOTH, { live })).toMatchObject({ serving: ['i-4'] })
  })

  test('is refused if it does not exist', async () => {
    groups['green-fleet'] = undefined
    expect(await refused(find())).toBe(
      '`green-auto-scaling-group` names green-fleet, but us-east-1 has no Auto Scaling group of this name. Check the name, and that the fleet is in this account and region. Nothing was changed.'
    )
  })

  test('is refused if it has no instance in service', async () => {
    groups['green-fleet'] = { desired: 1, instances: [{ id: 'i-3', state: 'Pending' }] }
    expect(await refused(find())).toContain(
      'The Auto Scaling group green-fleet has no instance in service, so there is nothing to deploy to. Start its instances, for example with `aws autoscaling set-desired-capacity --auto-scaling-group-name green-fleet --desired-capacity 2 --region us-east-1`'
    )
    expect(await refused(find([tagged('Name=grene')]))).toContain(
      'No running instance has the tags Name=grene (`green-tags`) in us-east-1, so there is nothing to deploy to.'
    )
  })

  test('is not checked without the right to, which is said', async () => {
    sources = { ...sources, fleets: { group: denied, tagged: denied } }
    expect(await find()).toMatchObject({ green: fleet('green-fleet'), instances: undefined, serving: [] })
    expect(said).toEqual([
      expect.stringMatching(/^green-fleet was not checked: to read its instances, allow /)
    ])
  })

  test('is not checked if nobody answers, unless the job was canceled', async () => {
    sources = { ...sources, fleets: { ...sources.fleets, group: () => Promise.reject(new Error('gone')) } }
    expect(await find()).toMatchObject({ instances: undefined })
    expect(said).toEqual(['green-fleet was not checked: gone'])
    const abort = Object.assign(new Error('aborted'), { name: 'AbortError' })
    sources = { ...sources, fleets: { ...sources.fleets, group: () => Promise.reject(abort) } }
    await expect(find()).rejects.toBe(abort)
  })

  test('while another deployment runs, both need only have instances', async () => {
    healthy = ['i-3', 'i-4']
    await requireInstances(BOTH, sources)
    groups['blue-fleet'] = undefined
    expect(await refused(requireInstances(BOTH, sources))).toContain('names blue-fleet')
  })
})
