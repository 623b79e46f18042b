import { beforeEach, describe, expect, test } from '@jest/globals'
import { differences, impossible } from '../../src/domain/group-differences.js'
import type { GroupWish, PresentGroup } from '../../src/domain/group-wish.js'
import type { LaunchAttempt } from '../../src/domain/launch.js'
import type { SetupService } from '../../src/setup-port.js'
import { carryOut, readPresent, type SetupActs } from '../../src/steps/setup.js'
import { virtualClock } from '../fakes/clock.js'
import { asWished, WISH } from '../fakes/group-wish.js'

/** An account in memory; `calls` are the ones that change something. */
const account = (
  given: Partial<{ group: PresentGroup; fleets: Record<string, number>; targetGroups: string[] }> = {}
) => {
  const calls: string[] = []
  const state = {
    group: given.group,
    fleets: { ...given.fleets } as Record<string, number>,
    active: [] as string[]
  }
  const service: SetupService = {
    application: () => Promise.resolve(calls.includes('application') || state.group !== undefined),
    createApplication: () => Promise.resolve(calls.push('application') > 0),
    group: () => Promise.resolve(state.group),
    active: () => Promise.resolve(state.active),
    config: () => Promise.resolve(calls.includes('config')),
    createConfig: () => Promise.resolve(calls.push('config') > 0),
    fleet: (name) => {
      const inService = state.fleets[name]
      return Promise.resolve(inService === undefined ? undefined : { desired: 2, inService })
    },
    targetGroups: (names) =>
      Promise.resolve(
        new Map(
          names
            .filter((name) => (given.targetGroups ?? WISH.targetGroups).includes(name))
            .map((name) => [name, `arn:${name}`])
        )
      ),
    createFleet: (name) => {
      calls.push('fleet')
      state.fleets[name] = 2
      return Promise.resolve(true)
    },
    createGroup: () => {
      calls.push('group')
      state.group = { ...asWished, autoScalingGroups: [WISH.fleet.name] }
      return Promise.resolve(true)
    },
    updateGroup: (_wish, present) => {
      calls.push(`update of ${present.autoScalingGroups.join()}`)
      state.group = { ...asWished, autoScalingGroups: present.autoScalingGroups }
      return Promise.resolve()
    }
  }
  return { service, calls, state }
}

let said: string[]
beforeEach(() => {
  said = []
})

const actsOf = (
  service: SetupService,
  launches: LaunchAttempt[] | Error = []
): SetupActs & { clock: ReturnType<typeof virtualClock> } => ({
  service,
  clock: virtualClock(0),
  signal: new AbortController().signal,
  made: (line) => void said.push(line),
  tell: (line) => void said.push(line),
  launches: () => (launches instanceof Error ? Promise.reject(launches) : Promise.resolve(launches))
})

const setUp = async (wish: GroupWish, acts: SetupActs): Promise<void> =>
  carryOut(wish, await readPresent(wish, acts.service), acts)

describe('what differs', () => {
  const present = (group: PresentGroup) => ({ application: true, fleet: true, config: true, group })
  test('nothing, although the file still names the first Auto Scaling group', () => {
    expect(differences(WISH, present(asWished))).toEqual([])
  })

  test.each<[string, Partial<PresentGroup>, Partial<GroupWish>, string, string]>([
    ['strategy', { strategy: 'in-place' }, {}, 'in-place', 'blue-green'],
    ['new fleet', { provisioning: 'DISCOVER_EXISTING' }, {}, 'DISCOVER_EXISTING', 'COPY_AUTO_SCALING_GROUP'],
    ['service-role', { serviceRole: 'arn:other' }, {}, 'arn:other', WISH.serviceRole],
    ['auto-scaling-group', { autoScalingGroups: [] }, {}, 'none', 'festival-web'],
    ['target-groups', { targetGroups: ['b', 'a'] }, {}, 'a, b', 'festival-web'],
    ['traffic control', { trafficControl: false }, {}, 'off', 'on'],
    [
      'traffic',
      {},
      { traffic: { type: 'FLEET_PERCENT', value: 50 } },
      'CodeDeployDefault.AllAtOnce',
      'minimum-healthy-hosts-50-percent'
    ],
    ['keep-old-fleet', { keepOldFleet: 5 }, {}, '5 min', '2 h'],
    ['keep-old-fleet', {}, { keepOldFleet: 'forever' }, '2 h', 'forever'],
    ['keep-old-fleet', { keepOldFleet: undefined }, { keepOldFleet: 90 }, 'not set', '1 h 30 min'],
    ['ready-wait', { readyWait: 60 }, {}, '1 h', '0 min'],
    ['alarms', { alarms: { ...asWished.alarms, enabled: false } }, {}, 'none', '5xx'],
    ['alarms', {}, { alarms: [] }, '5xx', 'none'],
    [
      'automatic-rollback',
      {},
      { automaticRollback: ['DEPLOYMENT_STOP_ON_ALARM', 'DEPLOYMENT_FAILURE'] },
      'failure',
      'alarm, failure'
    ]
  ])('%s', (what, group, wish, from, to) => {
    const found = differences({ ...WISH, ...wish }, present({ ...asWished, ...group }))
    expect(found).toEqual([expect.objectContaining({ what, from, to })])
    expect(found[0]?.means).toMatch(/^[A-Z].*\.$/)
  })

  test.each(['keepOldFleet', 'readyWait', 'alarms', 'automaticRollback'] as const)(
    'not %s, if the file does not have it',
    (key) => {
      const group = {
        ...asWished,
        keepOldFleet: 1,
        readyWait: 1,
        alarms: { ...asWished.alarms, names: ['x'] },
        automaticRollback: []
      }
      const wish = {
        keepOldFleet: undefined,
        readyWait: undefined,
        alarms: undefined,
        automaticRollback: undefined
      }
      const without = differences({ ...WISH, ...wish }, present(group))
      expect(without).toEqual([])
      expect(differences({ ...WISH, ...wish, [key]: WISH[key] }, present(group))).toHaveLength(1)
    }
  )

  test('a fleet that the group names and that is gone cannot be set up', () => {
    const gone = impossible(WISH, { ...present(asWished), fleet: false })
    expect(gone?.message).toContain(
      'names the Auto Scaling group CodeDeploy_web_d-ABC, which no longer exists'
    )
  })

  test('nor one that the file does not say how to make', () => {
    const nothing = { application: false, fleet: false, config: true }
    const wish = { ...WISH, fleet: { name: 'typo' } }
    expect(impossible(wish, nothing)?.message).toContain('There is no Auto Scaling group typo')
    expect(impossible(WISH, nothing)).toBeUndefined()
  })

  test('nor a group that chooses its instances by tags', () => {
    const tagged = { ...present({ ...asWished, autoScalingGroups: [], byTags: true }), fleet: false }
    expect(impossible(WISH, tagged)?.message).toContain('festival/web chooses its instances by tags')
  })

  test('nor a group of several fleets', () => {
    const two = present({ ...asWished, autoScalingGroups: ['one', 'two'] })
    expect(impossible(WISH, two)?.message).toContain('names 2 Auto Scaling groups (one, two)')
  })
})

describe('carrying it out', () => {
  test('makes everything in an order in which each step finds what it needs', async () => {
    const { service, calls } = account()
    await setUp({ ...WISH, traffic: { type: 'HOST_COUNT', value: 1 } }, actsOf(service))
    expect(calls).toEqual(['application', 'fleet', 'config', 'group'])
  })

  test('a run after one that was killed makes only the rest', async () => {
    const { service, calls } = account({ fleets: { 'festival-web': 2 } })
    await service.createApplication('festival')
    await setUp(WISH, actsOf(service))
    expect(calls).toEqual(['application', 'group'])
  })

  test('changes a group that another run made in the meantime, instead of failing', async () => {
    const { service, calls, state } = account({ fleets: { 'festival-web': 2 } })
    service.createGroup = () => {
      state.group = { ...asWished, keepOldFleet: 1, autoScalingGroups: ['festival-web'] }
      return Promise.resolve(false)
    }
    await setUp(WISH, actsOf(service))
    expect(calls).toEqual(['application', 'update of festival-web'])
    expect(said).toContain('Another run created the deployment group festival/web.')
  })

  test('keeps the Auto Scaling group that the group has', async () => {
    const { service, calls } = account({
      group: { ...asWished, keepOldFleet: 1 },
      fleets: { 'CodeDeploy_web_d-ABC': 2 }
    })
    await setUp(WISH, actsOf(service))
    expect(calls).toEqual(['update of CodeDeploy_web_d-ABC'])
  })

  test('changes nothing while a deployment is active', async () => {
    const { service, calls, state } = account({
      group: { ...asWished, keepOldFleet: 1 },
      fleets: { 'CodeDeploy_web_d-ABC': 2 }
    })
    state.active = ['d-RUNNING']
    await expect(setUp(WISH, actsOf(service))).rejects.toThrow(
      'because the deployment d-RUNNING has not ended'
    )
    expect(calls).toEqual([])
  })

  test('waits for a role that CodeDeploy does not know yet', async () => {
    const { service, calls } = account({ fleets: { 'festival-web': 2 } })
    const acts = actsOf(service)
    const before = { ...service }
    service.createGroup = (wish) =>
      acts.clock.now() < 12_000 ? Promise.reject(named('InvalidRoleException')) : before.createGroup(wish)
    await setUp(WISH, acts)
    expect(calls).toContain('group')
    expect(said.filter((line) => line.includes('cannot use the service role yet'))).toHaveLength(1)
  })

  test('but not for ever', async () => {
    const { service } = account({ fleets: { 'festival-web': 2 } })
    const acts = actsOf(service)
    service.createGroup = () => Promise.reject(named('InvalidRoleException'))
    await expect(setUp(WISH, acts)).rejects.toThrow('InvalidRoleException')
    expect(acts.clock.now()).toBeGreaterThan(60_000)
  })

  test('says every minute how many instances are in service, and why the others are not', async () => {
    const { service, state } = account()
    const failed = { status: 'Failed', message: 'The image does not exist. Launching EC2 instance failed.' }
    const acts = actsOf(service, [failed])
    const before = { ...service }
    service.createFleet = async (...given) => {
      await before.createFleet(...given)
      state.fleets['festival-web'] = 1
      return true
    }
    service.fleet = (name) => {
      if (acts.clock.now() > 130_000) state.fleets[name] = 2
      return before.fleet(name)
    }
    await setUp(WISH, acts)
    expect(
      said.filter((line) => line.startsWith('1 of 2 instances of festival-web are in service.'))
    ).toEqual([
      '1 of 2 instances of festival-web are in service. Auto Scaling says: The image does not exist.',
      '1 of 2 instances of festival-web are in service. Auto Scaling says: The image does not exist.'
    ])
  })

  test('gives up after a quarter of an hour, and says where to look', async () => {
    const { service, state, calls } = account()
    service.createFleet = (name) => {
      state.fleets[name] = 0
      return Promise.resolve(true)
    }
    const denied = Object.assign(named('AccessDenied'), {
      operation: 'DescribeScalingActivities',
      rolePolicy: 'docs/iam/setup-policy.json'
    })
    await expect(setUp(WISH, actsOf(service, denied))).rejects.toThrow(
      'After 15 minutes, only 0 of 2 instances of the Auto Scaling group festival-web are in service. To see why, allow the role autoscaling:DescribeScalingActivities, as docs/iam/setup-policy.json does.'
    )
    expect(calls).toEqual(['application'])
  })

  test('a missing target group is found before anything is made', async () => {
    const { service, calls } = account({ targetGroups: [] })
    await expect(setUp(WISH, actsOf(service))).rejects.toThrow('There is no target group festival-web')
    expect(calls).toEqual([])
  })

  test('a group that is deleted meanwhile is told', async () => {
    const { service, state } = account({
      group: { ...asWished, keepOldFleet: 1 },
      fleets: { 'CodeDeploy_web_d-ABC': 2 }
    })
    service.active = () => {
      state.group = undefined
      return Promise.resolve([])
    }
    await expect(setUp(WISH, actsOf(service))).rejects.toThrow('was deleted while this run changed it')
  })
})

const named = (name: string): Error => Object.assign(new Error(name), { name })
