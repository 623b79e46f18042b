import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { environmentName, tagsOf } from '../../src/domain/preview/environment.js'
import { findEnvironments } from '../../src/steps/preview-takedown.js'
import { START } from '../fakes/clock.js'
import { refusal } from '../fakes/nouns.js'
import {
  addEnvironment,
  type FakeAccount,
  fakeAccount,
  foreignChanges,
  foreignIn,
  partsOf
} from '../fakes/preview-account.js'
import { LIKE, OTHER, OWNER, SURROUNDINGS } from '../fakes/preview-place.js'
import { changesOf, end, Killed, killedAt, make } from '../fakes/preview-runs.js'
import { fakeServices } from '../fakes/preview-services.js'

// An account in memory has a preview of its own, production and another repository's preview, which no test may change.

const NAME = environmentName(7, OWNER)
const OF_OTHERS = [
  ['no tags', {}],
  ['the tags of another repository', tagsOf(7, OTHER)],
  ['the tags of another application', tagsOf(7, { ...OWNER, application: 'blog' })]
] as const

let account: FakeAccount
let told: string[]
let foreign: string[]

beforeEach(() => {
  account = fakeAccount()
  told = []
  addEnvironment(account, 7)
  foreign = foreignIn(account)
})

afterEach(() => {
  expect(foreignIn(account)).toEqual(foreign)
  expect(foreignChanges(account)).toEqual([])
})

const group = () => {
  const found = account.groups.find(({ name }) => name === NAME)
  if (found === undefined) throw new Error('no group')
  return found
}

const DELETED = [
  `groups.delete ${NAME}`,
  'balancing.deleteRule 2',
  `fleets.delete ${NAME}`,
  `balancing.deleteTargetGroup ${NAME}`
]

describe('a takedown', () => {
  test('deletes nothing that another part still uses, and waits for the instances to go', async () => {
    group().active = ['d-7']
    expect(await end(account, 7, { told })).toBe(true)
    expect(changesOf(account)).toEqual(['groups.stop d-7', ...DELETED])
    expect(account.changes.at(-1)?.at).toBe(START + 20_000)
    expect(told).toEqual([
      'Stopped the deployment d-7.',
      `Deleted the deployment group shop-previews/${NAME}.`,
      `Deleted the listener's rule for ${NAME}.`,
      `Deleting the Auto Scaling group ${NAME} with its instances.`,
      `Deleted the target group ${NAME}.`
    ])
    expect(partsOf(account)).toEqual([])
  })

  test('of nothing says so, and changes nothing', async () => {
    expect(await end(account, 8, { told })).toBe(false)
    expect([account.changes, told]).toEqual([[], []])
  })

  test.each([0, 1, 2, 3])('finishes another one that got as far as step %i', async (step) => {
    await end(account, 7, {
      onCall: (call, when) => {
        if (when === 'after' && account.changes.length > step) throw new Killed(call)
      }
    }).catch(() => undefined)
    expect(await end(account, 7)).toBe(step < 3)
    expect(partsOf(account)).toEqual([])
    expect(changesOf(account)).toEqual(DELETED)
  })

  test('leaves the environments of other pull requests', async () => {
    addEnvironment(account, 8, OWNER, 3)
    await end(account, 7)
    expect(partsOf(account)).toHaveLength(4)
  })

  test('removes rules that are there twice', async () => {
    const rule = account.rules.find(({ tags }) => tags['PreviewRepository'] === OWNER.repository)
    if (rule !== undefined) account.rules.push({ ...rule, arn: 'rule/double', priority: 9 })
    await end(account, 7)
    expect(partsOf(account)).toEqual([])
  })

  test('goes on without the right to stop a deployment, which then ends with its instances', async () => {
    group().active = ['d-7']
    account.refusals.set('groups.stop', [refusal('AccessDeniedException', 'no', 403)])
    expect(await end(account, 7, { told })).toBe(true)
    expect(told[0]).toBe('The deployment d-7 was not stopped; it ends with its instances.')
    expect(partsOf(account)).toEqual([])
  })

  test('says what a role that is meant to stop deployments lacks', async () => {
    group().active = ['d-7']
    account.refusals.set('groups.stop', [
      Object.assign(refusal('AccessDeniedException', 'no', 403), {
        operation: 'StopDeployment',
        rolePolicy: 'docs/iam/preview-cleanup-policy.json'
      })
    ])
    await end(account, 7, { told, stops: true })
    expect(told[0]).toBe(
      'The deployment d-7 was not stopped; it ends with its instances. To stop it, allow the role codedeploy:StopDeployment, as docs/iam/preview-cleanup-policy.json does.'
    )
  })

  test('ends when a deployment cannot be stopped for another reason', async () => {
    group().active = ['d-7']
    account.refusals.set('groups.stop', [refusal('InvalidDeploymentIdException')])
    await expect(end(account, 7)).rejects.toThrow(
      expect.objectContaining({ name: 'InvalidDeploymentIdException' })
    )
    expect(account.changes).toEqual([])
  })

  test('names the hooks that CodeDeploy leaves', async () => {
    account.hooksLeft = ['CodeDeploy-managed-hook-7']
    await end(account, 7, { told })
    expect(told[1]).toBe('CodeDeploy left CodeDeploy-managed-hook-7 on its Auto Scaling group.')
  })

  test('waits while the load balancer still uses the target group', async () => {
    account.goMs = 0
    account.inUseMs = 25_000
    await end(account, 7)
    expect(account.changes.at(-1)).toMatchObject({ call: 'balancing.deleteTargetGroup', at: START + 25_000 })
  })

  test('does not wait forever for a target group that something else uses', async () => {
    const use = { hosts: ['x.example.com'], onlyHosts: true, targetGroups: [`tg/${NAME}`], tags: {} }
    account.rules.push({ arn: 'rule/hand', priority: 9, ...use })
    foreign = foreignIn(account)
    await expect(end(account, 7)).rejects.toThrow('currently in use')
    expect(partsOf(account)).toEqual([`target group ${NAME}`])
  })

  test('gives up a fleet that does not go after 15 minutes, and the next one continues', async () => {
    account.goMs = Infinity
    await expect(end(account, 7)).rejects.toMatchObject({
      message: `After 15 minutes, the Auto Scaling group ${NAME} is still being deleted.`,
      hint: expect.stringContaining('termination protection') as unknown
    })
    account.goMs = 0
    await end(account, 7)
    expect(changesOf(account)).toEqual(DELETED)
  })

  test('ends with the job that is canceled', async () => {
    account.goMs = Infinity
    const cancel = new AbortController()
    account.clock.at(START + 21_000, () => cancel.abort(new Killed()))
    await expect(end(account, 7, { signal: cancel.signal })).rejects.toThrow(Killed)
    await expect(end(account, 7, { signal: cancel.signal })).rejects.toThrow(Killed)
  })

  test('at the same time as another one leaves nothing either', async () => {
    for (let offset = 0; offset < 12; offset++) {
      account = fakeAccount()
      addEnvironment(account, 7)
      const late = async (): Promise<void> => {
        await account.clock.sleep(offset)
        await end(account, 7, { onCall: () => account.clock.sleep(3) })
      }
      await Promise.all([end(account, 7, { onCall: () => account.clock.sleep(2) }), late()])
      expect(partsOf(account)).toEqual([])
    }
  })
})

describe('what has the name of a preview but other tags stays', () => {
  /** Everything in the environment gets these tags. */
  const retag = (
    what: 'groups' | 'fleets' | 'targetGroups' | 'rules',
    tags: Record<string, string>
  ): void => {
    for (const one of account[what]) if (one.tags['PreviewRepository'] === OWNER.repository) one.tags = tags
    foreign = foreignIn(account)
  }

  test.each(OF_OTHERS)('a deployment group with %s, and its deployment runs on', async (_, tags) => {
    group().active = ['d-7']
    retag('groups', tags)
    await end(account, 7, { told })
    expect(told[0]).toBe(
      `The deployment group shop-previews/${NAME} does not have the tags of this preview, so it stays.`
    )
    expect(changesOf(account)).toEqual(DELETED.slice(1))
  })

  test.each(OF_OTHERS)('an Auto Scaling group with %s', async (_, tags) => {
    retag('fleets', tags)
    await end(account, 7, { told })
    expect(told).toContain(
      `The Auto Scaling group ${NAME} does not have the tags of this preview, so it stays.`
    )
    expect(changesOf(account)).not.toContain(DELETED[2])
  })

  test.each(OF_OTHERS)('a target group with %s', async (_, tags) => {
    retag('targetGroups', tags)
    await end(account, 7, { told })
    expect(told).toContain(`The target group ${NAME} does not have the tags of this preview, so it stays.`)
    expect(changesOf(account)).toEqual(DELETED.slice(0, 3))
  })

  test.each(OF_OTHERS)('a rule with %s, and the target group that it uses', async (_, tags) => {
    retag('rules', tags)
    await expect(end(account, 7)).rejects.toThrow('currently in use')
    expect(changesOf(account)).toEqual([DELETED[0], DELETED[2]])
  })

  test('a deployment group that somebody took over while its deployment was stopped', async () => {
    group().active = ['d-7']
    await end(account, 7, {
      onCall: (call, when) => {
        if (call !== 'groups.stop' || when !== 'after') return
        group().tags = {}
        foreign = foreignIn(account)
      }
    })
    expect(changesOf(account)).toEqual(['groups.stop d-7', ...DELETED.slice(1)])
  })
})

describe('a takedown that is killed', () => {
  test.each(['before', 'after'] as const)('%s any call is finished by the next one', async (when) => {
    let nth = 0
    for (let isKilled = true; isKilled; nth++) {
      account = fakeAccount()
      addEnvironment(account, 7)
      group().active = ['d-7']
      isKilled = await end(account, 7, { onCall: killedAt(nth, when) }).then(
        () => false,
        (error: unknown) => error instanceof Killed
      )
      await end(account, 7)
      expect(partsOf(account)).toEqual([])
      expect(changesOf(account)).toEqual(['groups.stop d-7', ...DELETED])
    }
    expect(nth).toBeGreaterThan(10)
  })

  test.each(['before', 'after'] as const)(
    '%s any call leaves what a pull request that is reopened can use',
    async (when) => {
      for (let nth = 0, isKilled = true; isKilled; nth++) {
        account = fakeAccount()
        addEnvironment(account, 7)
        isKilled = await end(account, 7, { onCall: killedAt(nth, when) }).then(
          () => false,
          (error: unknown) => error instanceof Killed
        )
        await make(account, 7)
        expect(partsOf(account)).toHaveLength(4)
        expect(partsOf(account).join()).not.toContain('nothing')
      }
    }
  )
})

describe('the environments that there are', () => {
  const found = () => findEnvironments(SURROUNDINGS, fakeServices(account))

  test('are those of this repository and application, by pull request', async () => {
    addEnvironment(account, 12, OWNER, 3)
    addEnvironment(account, 3, OWNER, 4)
    expect((await found()).map(({ number }) => number)).toEqual([3, 7, 12])
  })

  test('are told with their instances and their last push', async () => {
    group().pushedAt = new Date(START - 5)
    const createdAt = START - 86_400_000
    expect(await found()).toEqual([{ number: 7, instances: 2, createdAt, pushedAt: START - 5 }])
    group().pushedAt = undefined
    expect(await found()).toEqual([{ number: 7, instances: 2, createdAt, pushedAt: createdAt }])
  })

  test.each(['groups', 'fleets', 'targetGroups', 'rules'] as const)(
    'include one of which only %s are left',
    async (kept) => {
      const isOwn = ({ tags }: { tags: object }): boolean =>
        (tags as Record<string, string>)['PreviewRepository'] === OWNER.repository
      for (const kind of ['groups', 'fleets', 'targetGroups', 'rules'] as const)
        if (kind !== kept)
          Object.assign(account, {
            [kind]: (account[kind] as { tags: object }[]).filter((one) => !isOwn(one))
          })
      const [only, ...others] = await found()
      expect([only?.number, others]).toEqual([7, []])
      expect(only?.pushedAt === undefined).toBe(kept === 'targetGroups' || kept === 'rules')
    }
  )

  test('are none in an account without previews', async () => {
    account = fakeAccount()
    account.applications.delete(SURROUNDINGS.application)
    expect(await found()).toEqual([])
  })

  test.each(OF_OTHERS)('do not include a name with %s', async (_, tags) => {
    account = fakeAccount()
    const name = environmentName(9, OWNER)
    account.targetGroups.push({ ...LIKE, name, arn: `tg/${name}`, tags })
    foreign = foreignIn(account)
    expect(await found()).toEqual([])
  })
})
