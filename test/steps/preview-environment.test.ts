import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { environmentName, tagsOf } from '../../src/domain/preview/environment.js'
import { UserError } from '../../src/errors.js'
import { START } from '../fakes/clock.js'
import { refusal } from '../fakes/nouns.js'
import {
  addEnvironment,
  type FakeAccount,
  fakeAccount,
  foreignChanges,
  foreignIn,
  partsOf,
  wholeParts
} from '../fakes/preview-account.js'
import { hostOf, LIKE, OTHER, OWNER, SURROUNDINGS, wishFor } from '../fakes/preview-place.js'
import { changesOf, cleanUp, end, Killed, killedAt, make } from '../fakes/preview-runs.js'

// An account in memory has production and another repository's preview in it, which no test may change.

const NAME = environmentName(7, OWNER)
const TAGS = tagsOf(7, OWNER)

let account: FakeAccount
let told: string[]
let foreign: string[]

beforeEach(() => {
  account = fakeAccount()
  told = []
  foreign = foreignIn(account)
})

afterEach(() => {
  expect(foreignIn(account)).toEqual(foreign)
  expect(foreignChanges(account)).toEqual([])
})

/** Something foreign that a test adds. */
const alsoForeign = (add: () => void): void => {
  add()
  foreign = foreignIn(account)
}

const mistakeOf = async (run: Promise<unknown>): Promise<UserError> => {
  const error = await run.then(
    () => undefined,
    (reason: unknown) => reason
  )
  if (!(error instanceof UserError)) throw new Error(`no UserError: ${String(error)}`)
  return error
}

const MADE = [
  `balancing.createTargetGroup ${NAME}`,
  'balancing.createRule 2',
  `fleets.create ${NAME}`,
  `groups.create ${NAME}`
]

describe('an environment', () => {
  test('is made in an order in which each part finds what it needs', async () => {
    account.applications.delete(SURROUNDINGS.application)
    await make(account, 7, { told })
    expect(changesOf(account)).toEqual(MADE)
    expect(partsOf(account)).toEqual(wholeParts(7))
    expect(told).toEqual([
      `Created the target group ${NAME}, with port and health check of web-tg.`,
      `Created the listener's rule 2: pr-7.preview.example.com → ${NAME}.`,
      `Created the Auto Scaling group ${NAME}.`,
      `Waiting for the instances of ${NAME}: 0 of 1 in service.`,
      'Created the application shop-previews.',
      `Created the deployment group shop-previews/${NAME}.`
    ])
  })

  test('has the port and health check of production, and what the inputs say', async () => {
    await make(account, 7, { wish: { instances: 3 } })
    const targetGroup = account.targetGroups.find(({ name }) => name === NAME)
    expect(targetGroup).toEqual({ ...LIKE, name: NAME, arn: targetGroup?.arn, tags: TAGS })
    expect(account.fleets.find(({ name }) => name === NAME)).toMatchObject({
      ...{ instances: 3, targetGroup: targetGroup?.arn, tags: TAGS },
      ...{ subnets: ['subnet-a', 'subnet-b'], launchTemplate: 'preview-template' }
    })
    expect(account.groups.find(({ name }) => name === NAME)).toMatchObject({
      ...{ application: 'shop-previews', fleet: NAME, tags: TAGS },
      serviceRole: wishFor(7).serviceRole
    })
  })

  test('gets its deployment group only when its instances are in service', async () => {
    account.bootMs = 95_000
    await make(account, 7, { told, whyNot: ' Auto Scaling says: no capacity.' })
    expect(account.changes.at(-1)).toMatchObject({ call: 'groups.create', at: START + 95_000 })
    expect(told.filter((line) => line.startsWith('Waiting'))).toEqual([
      `Waiting for the instances of ${NAME}: 0 of 1 in service.`,
      `Waiting for the instances of ${NAME}: 0 of 1 in service. Auto Scaling says: no capacity.`
    ])
  })

  test('that is whole stays as it is', async () => {
    addEnvironment(account, 7)
    await make(account, 7, { told })
    expect([changesOf(account), told]).toEqual([[], []])
  })

  test('is finished from whatever an earlier run left', async () => {
    for (const parts of [1, 2, 3, 4]) {
      account = fakeAccount()
      await make(account, 7)
      if (parts < 4)
        account.groups = account.groups.filter(({ name, tags }) => name !== NAME || tags !== TAGS)
      if (parts < 4) account.groups = account.groups.filter(({ name }) => name !== NAME)
      if (parts < 3) account.fleets = account.fleets.filter(({ name }) => name !== NAME)
      if (parts < 2) account.rules = account.rules.filter(({ hosts }) => !hosts.includes(hostOf(7)))
      account.changes = []
      await make(account, 7)
      expect(partsOf(account)).toEqual(wholeParts(7))
      expect(changesOf(account)).toEqual(MADE.slice(parts))
    }
  })

  test('waits for a former Auto Scaling group that is being deleted, and makes a new one', async () => {
    addEnvironment(account, 7)
    const former = account.fleets.find(({ name }) => name === NAME)
    if (former !== undefined) former.deletedAt = START
    await make(account, 7, { told })
    expect(partsOf(account)).toEqual(wholeParts(7))
    expect(account.changes).toMatchObject([{ call: 'fleets.create', at: START + 20_000 }])
    expect(told[0]).toBe(`Waiting until the former Auto Scaling group ${NAME} is deleted.`)
  })

  test('gets new instances when its target group was deleted from behind them', async () => {
    addEnvironment(account, 7)
    account.targetGroups = account.targetGroups.filter(({ name }) => name !== NAME)
    account.rules = account.rules.filter(({ tags }) => tags['PreviewRepository'] !== OWNER.repository)
    await make(account, 7, { told })
    expect(partsOf(account)).toEqual(wholeParts(7))
    expect(changesOf(account)).toEqual([
      `balancing.createTargetGroup ${NAME}`,
      'balancing.createRule 2',
      `fleets.delete ${NAME}`,
      `fleets.create ${NAME}`
    ])
    expect(told[2]).toBe(
      `Deleting the Auto Scaling group ${NAME}, whose target group is gone, to make it again.`
    )
  })

  test('waits for a service role that CodeDeploy does not know yet', async () => {
    account.refusals.set('groups.create', [refusal('InvalidRoleException'), refusal('InvalidRoleException')])
    await make(account, 7, { told })
    expect(partsOf(account)).toEqual(wholeParts(7))
    expect(told.filter((line) => line.includes('service role'))).toHaveLength(1)
  })

  test('with a service role that stays unknown is left for the next run', async () => {
    account.refusals.set('groups.create', Array<Error>(50).fill(refusal('InvalidRoleException')))
    await expect(make(account, 7)).rejects.toThrow(expect.objectContaining({ name: 'InvalidRoleException' }))
    account.refusals.clear()
    await make(account, 7)
    expect(changesOf(account)).toEqual(MADE)
  })

  test('is no longer waited for once the job is canceled', async () => {
    account.bootMs = Infinity
    const cancel = new AbortController()
    account.clock.at(START + 61_000, () => cancel.abort(new Killed()))
    await expect(make(account, 7, { signal: cancel.signal })).rejects.toThrow(Killed)
    expect(partsOf(account)).toHaveLength(3)
  })
})

describe('nothing is made', () => {
  afterEach(() => expect(account.changes).toEqual([]))

  test('beyond the limit, whose pull requests are named', async () => {
    addEnvironment(account, 12)
    addEnvironment(account, 3, OWNER, 3)
    const { message, hint } = await mistakeOf(make(account, 7, { wish: { limit: 2 } }))
    expect(message).toBe('There are 2 previews already, of pull requests #3, #12, and `preview-limit` is 2.')
    expect(hint).toContain('Nothing was made.')
  })

  test('on a listener whose rule takes every host', async () => {
    const everything = { hosts: [], onlyHosts: false, targetGroups: ['tg/web-tg'], tags: {} }
    alsoForeign(() => account.rules.push({ arn: 'rule/api', priority: 1, ...everything }))
    account.rules = account.rules.filter(({ arn }) => !arn.includes('pr-7'))
    foreign = foreignIn(account)
    const { message } = await mistakeOf(make(account, 7))
    expect(message).toContain("the listener's rule 1 takes requests for every host")
  })

  test("where a target group by its name is somebody else's", async () => {
    alsoForeign(() => account.targetGroups.push({ ...LIKE, name: NAME, arn: 'tg/taken', tags: {} }))
    const { message, hint } = await mistakeOf(make(account, 7))
    expect(message).toBe(
      `The target group ${NAME} does not have the tags of this preview (PreviewRepository=example-org/shop, PreviewApplication=shop, PreviewPullRequest=7), so it is not touched.`
    )
    expect(hint).toBe('Delete it if nothing needs it, and run this again.')
  })
})

describe('the limit', () => {
  test('does not end what is there already', async () => {
    addEnvironment(account, 7)
    await make(account, 7, { wish: { limit: 1 } })
    expect(account.changes).toEqual([])
  })

  test('does not count the previews of other repositories', async () => {
    addEnvironment(account, 12)
    await make(account, 7, { wish: { limit: 2 } })
    expect(partsOf(account)).toHaveLength(8)
  })
})

describe('what bears other tags stays untouched', () => {
  test.each<[string, Record<string, string>]>([
    ['no tags', {}],
    ['the tags of another repository', tagsOf(7, OTHER)],
    ['the tags of another pull request', tagsOf(8, OWNER)]
  ])('an Auto Scaling group with %s', async (_, tags) => {
    alsoForeign(() =>
      account.fleets.push({
        ...{ name: NAME, tags, createdAt: START, instances: 1, targetGroup: 'tg/web-tg' },
        ...{ subnets: [], launchTemplate: 'lt-production' }
      })
    )
    const { message } = await mistakeOf(make(account, 7))
    expect(message).toContain(`The Auto Scaling group ${NAME} does not have the tags of this preview`)
    expect(changesOf(account)).toEqual(MADE.slice(0, 2))
  })

  test('a deployment group', async () => {
    const its = {
      application: SURROUNDINGS.application,
      name: NAME,
      fleet: 'web-asg',
      tags: tagsOf(7, OTHER)
    }
    alsoForeign(() => account.groups.push({ ...its, serviceRole: 'x', pushedAt: undefined, active: [] }))
    const { message } = await mistakeOf(make(account, 7))
    expect(message).toContain(
      `The deployment group shop-previews/${NAME} does not have the tags of this preview`
    )
  })

  test('a rule for the same host and target group that somebody made by hand', async () => {
    addEnvironment(account, 7)
    const own = account.rules.find(({ tags }) => tags['PreviewRepository'] === OWNER.repository)
    alsoForeign(() =>
      account.rules.push({
        ...{ arn: 'rule/hand', priority: 9, hosts: [hostOf(7)], onlyHosts: true },
        ...{ targetGroups: own?.targetGroups ?? [], tags: {} }
      })
    )
    await make(account, 7)
    expect(account.changes).toEqual([])
  })
})

describe('a rule', () => {
  test('that was put before that of the preview since is told', async () => {
    addEnvironment(account, 7, OWNER, 5)
    const everything = { hosts: ['*.example.com'], onlyHosts: true, targetGroups: ['tg/web-tg'], tags: {} }
    alsoForeign(() => account.rules.push({ arn: 'rule/all', priority: 3, ...everything }))
    const { message } = await mistakeOf(make(account, 7))
    expect(message).toBe(
      "The listener's rule 3 comes before the preview's rule 5 and takes requests for *.example.com, so requests for pr-7.preview.example.com may reach other servers."
    )
  })

  test('that exists twice is removed, and the first one stays', async () => {
    await make(account, 7)
    const [first] = account.rules.filter(({ hosts }) => hosts.includes(hostOf(7)))
    if (first === undefined) throw new Error('no rule')
    for (const priority of [9, 4]) account.rules.push({ ...first, arn: `rule/double-${priority}`, priority })
    await make(account, 7)
    expect(changesOf(account).slice(MADE.length)).toEqual([
      'balancing.deleteRule 4',
      'balancing.deleteRule 9'
    ])
    expect(partsOf(account)).toEqual(wholeParts(7))
  })

  test('is made with the next number when another run took this one', async () => {
    const taken = { hosts: ['x.example.com'], onlyHosts: true, targetGroups: ['tg/web-tg'], tags: {} }
    let isTaken = false
    await make(account, 7, {
      onCall: (call, when) => {
        if (isTaken || call !== 'balancing.createRule' || when !== 'before') return
        isTaken = true
        alsoForeign(() => account.rules.push({ arn: 'rule/taken', priority: 2, ...taken }))
      }
    })
    expect(partsOf(account)).toEqual(wholeParts(7, 3))
  })
})

test('a target group that a takedown deletes right after it was made is no mystery', async () => {
  const { message, hint } = await mistakeOf(
    make(account, 7, {
      onCall: (call, when) => {
        if (call === 'balancing.createTargetGroup' && when === 'after')
          account.targetGroups = account.targetGroups.filter(({ name }) => name !== NAME)
      }
    })
  )
  expect(message).toBe(`The target group ${NAME} was deleted while this run made the preview.`)
  expect(hint).toContain('may have been closed')
})

describe('instances that do not come', () => {
  test('are given up after 15 minutes, with what Auto Scaling says', async () => {
    account.bootMs = Infinity
    const { message, hint } = await mistakeOf(
      make(account, 7, { whyNot: ' Auto Scaling says: no capacity.' })
    )
    expect(message).toBe(
      `After 15 minutes, 0 of 1 instances of the preview ${NAME} are in service. Auto Scaling says: no capacity.`
    )
    expect(hint).toContain('correct `preview-launch-template`')
    account.bootMs = 0
    await make(account, 7)
    expect(changesOf(account)).toEqual(MADE)
  })

  test('because the former ones do not go are not blamed on the launch template', async () => {
    addEnvironment(account, 7)
    account.goMs = Infinity
    const former = account.fleets.find(({ name }) => name === NAME)
    if (former !== undefined) former.deletedAt = START
    const { message, hint } = await mistakeOf(make(account, 7))
    expect(message).toBe(`After 15 minutes, the former Auto Scaling group ${NAME} is still being deleted.`)
    expect(hint).not.toContain('preview-launch-template')
  })
})

describe('a quota that is used up', () => {
  test.each([
    ['balancing.createTargetGroup', 'TooManyTargetGroupsException', 0],
    ['balancing.createRule', 'TooManyRulesException', 1],
    ['fleets.create', 'LimitExceededFault', 2],
    ['groups.createApplication', 'ApplicationLimitExceededException', 3],
    ['groups.create', 'DeploymentGroupLimitExceededException', 3]
  ])('%s: %s is told, and the next run continues', async (call, name, made) => {
    account.applications.delete(SURROUNDINGS.application)
    account.quotas.set(call, { most: 1, name })
    const { message, hint } = await mistakeOf(make(account, 7))
    expect(message).toBe(`AWS allows no more: The maximum has been reached (${name}).`)
    expect(hint).toContain('have the quota raised')
    expect(changesOf(account)).toEqual(MADE.slice(0, made))
    account.quotas.clear()
    await make(account, 7)
    expect(changesOf(account)).toEqual(MADE)
  })

  test('is not how any other refusal is told', async () => {
    account.refusals.set('fleets.create', [refusal('ValidationError', 'Invalid launch template')])
    await expect(make(account, 7)).rejects.toThrow('Invalid launch template')
  })
})

describe('two runs at once', () => {
  test('leave one of everything, in whatever order their calls meet', async () => {
    for (let offset = 0; offset < 24; offset++) {
      account = fakeAccount()
      const late = async (): Promise<void> => {
        await account.clock.sleep(offset)
        await make(account, 7, { onCall: () => account.clock.sleep(3) })
      }
      await Promise.all([make(account, 7, { onCall: () => account.clock.sleep(2) }), late()])
      expect(partsOf(account)).toEqual(wholeParts(7))
    }
  })

  test('that made the rule with different numbers keep the first', async () => {
    const slow = make(account, 7, {
      onCall: async (call, when) => {
        if (call !== 'balancing.createRule' || when !== 'before') return
        // The other run finds a lower number free by then.
        account.rules = account.rules.filter(({ priority }) => priority !== 1)
        foreign = foreignIn(account)
        await account.clock.sleep(60_000)
      }
    })
    await account.clock.sleep(1_000)
    await Promise.all([slow, make(account, 7)])
    expect(changesOf(account)).toContain('balancing.deleteRule 2')
    expect(partsOf(account)).toEqual(wholeParts(7, 1))
  })
})

describe('a run that is killed', () => {
  const killed = async (nth: number, when: 'before' | 'after'): Promise<boolean> => {
    account = fakeAccount()
    account.applications.delete(SURROUNDINGS.application)
    return make(account, 7, { onCall: killedAt(nth, when) }).then(
      () => false,
      (error: unknown) => {
        expect(error).toBeInstanceOf(Killed)
        return true
      }
    )
  }

  test.each(['before', 'after'] as const)('%s any call is finished by the next one', async (when) => {
    let nth = 0
    for (; await killed(nth, when); nth++) {
      await make(account, 7)
      expect(partsOf(account)).toEqual(wholeParts(7))
      expect(changesOf(account)).toEqual(MADE)
    }
    expect(nth).toBeGreaterThan(12)
  })

  test.each(['before', 'after'] as const)(
    '%s any call leaves nothing once it is taken down',
    async (when) => {
      for (let nth = 0; await killed(nth, when); nth++) {
        await end(account, 7)
        expect(partsOf(account)).toEqual([])
      }
    }
  )

  test.each(['before', 'after'] as const)(
    '%s any call leaves nothing that a cleanup misses',
    async (when) => {
      for (let nth = 0; await killed(nth, when); nth++) {
        await cleanUp(account)
        expect(partsOf(account)).toEqual([])
      }
    }
  )
})
