import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { environmentName, tagsOf } from '../../src/domain/preview/environment.js'
import { UserError } from '../../src/errors.js'
import {
  type FakeAccount,
  fakeAccount,
  foreignChanges,
  foreignIn,
  partsOf,
  wholeParts
} from '../fakes/preview-account.js'
import { hostOf, LIKE, OTHER, OWNER, SURROUNDINGS } from '../fakes/preview-place.js'
import { cleanUp, end, Killed, killedAt, make } from '../fakes/preview-runs.js'
import type { OnCall } from '../fakes/preview-services.js'

// Ten pull requests that people open, push to, close and reopen, in runs that meet, are killed, and hit quotas.

/** What people do to one pull request. The run that follows may be killed at one of its calls, and waits before each so long. */
interface Event {
  pull: number
  what: 'push' | 'close or reopen'
  killed: { nth: number; when: 'before' | 'after' } | undefined
  pausesMs: number[]
}

/** What happens at the same time. */
interface Moment {
  events: Event[]
  /** The call that finds no more room. */
  full: string | undefined
}

const QUOTAS: Readonly<Record<string, string>> = {
  'balancing.createTargetGroup': 'TooManyTargetGroupsException',
  'balancing.createRule': 'TooManyRulesException',
  'fleets.create': 'LimitExceededFault',
  'groups.create': 'DeploymentGroupLimitExceededException'
}

const event: fc.Arbitrary<Event> = fc.record({
  pull: fc.integer({ min: 1, max: 10 }),
  what: fc.constantFrom('push', 'push', 'close or reopen'),
  killed: fc.option(fc.record({ nth: fc.nat(24), when: fc.constantFrom('before', 'after') }), {
    nil: undefined,
    freq: 2
  }),
  pausesMs: fc.array(fc.nat(9_000), { minLength: 1, maxLength: 5 })
})

const moment: fc.Arbitrary<Moment> = fc.record({
  events: fc.oneof(
    fc.array(event, { minLength: 1, maxLength: 3 }),
    // Two runs of one pull request.
    fc.tuple(event, event).map(([one, other]) => [one, { ...other, pull: one.pull }])
  ),
  full: fc.option(fc.constantFrom(...Object.keys(QUOTAS)), { nil: undefined, freq: 5 })
})

/** A service's refusals that a run may end with when others change the same things; anything else is a bug. */
const REFUSED =
  /^(ResourceInUseException|ValidationError|TargetGroupNotFoundException|InvalidAutoScalingGroupException)$/

const expectKnown = (error: unknown): void => {
  const isKnown = error instanceof UserError || error instanceof Killed || REFUSED.test((error as Error).name)
  if (!isKnown) throw error
}

const runOf = async (
  { pull, killed, pausesMs }: Event,
  isOpen: boolean,
  account: FakeAccount
): Promise<void> => {
  const dies = killed === undefined ? undefined : killedAt(killed.nth, killed.when)
  let calls = 0
  const onCall: OnCall = async (call, when) => {
    if (when === 'before') await account.clock.sleep(pausesMs[calls++ % pausesMs.length] ?? 0)
    await dies?.(call, when)
  }
  await (isOpen ? make(account, pull, { onCall, wish: { limit: 6 } }) : end(account, pull, { onCall })).catch(
    expectKnown
  )
}

const play = async ({ events, full }: Moment, account: FakeAccount, open: Set<number>): Promise<void> => {
  if (full !== undefined) account.quotas.set(full, { most: 0, name: QUOTAS[full] ?? '' })
  const runs: Promise<void>[] = []
  for (const one of events) {
    if (one.what === 'push') open.add(one.pull)
    else if (!open.delete(one.pull)) open.add(one.pull)
    runs.push(runOf(one, open.has(one.pull), account))
  }
  await Promise.all(runs)
  account.quotas.clear()
}

/** The parts of an environment, whatever number its rule has. */
const partsFor = (number: number, account: FakeAccount): string[] =>
  partsOf(account)
    .filter((part) => part.includes(hostOf(number)) || part.includes(`pr-${number}-`))
    .map((part) => part.replace(/^rule \d+/, 'rule 2'))

/** Pull requests whose names somebody else has taken: a target group, an Auto Scaling group, and a deployment group that deploys. */
const TAKEN = [5, 6, 8]

const addTaken = (account: FakeAccount): void => {
  const [targetGroup = '', fleet = '', group = ''] = TAKEN.map((number) => environmentName(number, OWNER))
  const [tags, launchTemplate] = [tagsOf(1, OTHER), 'lt-production']
  account.targetGroups.push({ ...LIKE, name: targetGroup, arn: 'tg/taken', tags })
  account.fleets.push({
    ...{ name: fleet, tags, createdAt: 0, instances: 1, targetGroup: 'tg/taken', subnets: [], launchTemplate }
  })
  account.groups.push({
    ...{ application: SURROUNDINGS.application, name: group, tags, fleet: 'web-asg' },
    ...{ serviceRole: '', pushedAt: undefined, active: ['d-TAKEN'] }
  })
}

const holds = async (moments: Moment[]): Promise<void> => {
  const account = fakeAccount()
  addTaken(account)
  const foreign = foreignIn(account)
  const open = new Set<number>()
  for (const one of moments) await play(one, account, open)
  for (const number of [...open].filter((one) => !TAKEN.includes(one)).slice(0, 3)) {
    await make(account, number)
    expect(partsFor(number, account)).toEqual(wholeParts(number))
  }
  await cleanUp(account)
  expect(partsOf(account)).toEqual([])
  expect(foreignIn(account)).toEqual(foreign)
  expect(foreignChanges(account)).toEqual([])
}

/** PASTS=20 looks for rarer ones. */
const scale = Number(process.env['PASTS'] ?? '1')

test('ten pull requests at random: the next push makes a preview whole, the cleanup leaves nothing, and nothing foreign is ever changed', async () => {
  const moments = fc.array(moment, { minLength: 4, maxLength: 12 })
  await fc.assert(fc.asyncProperty(moments, holds), { numRuns: 60 * scale, seed: 16 })
})
