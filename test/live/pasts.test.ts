import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Live } from '../../src/domain/live.js'
import { readLive } from '../../src/steps/live.js'
import { refusal } from '../fakes/nouns.js'
import type { SeedOptions } from '../cloud/codedeploy/seed.js'
import type { Switches } from '../cloud/contract.js'
import { openPast, type Happening, type Past } from './past.js'

// What is said to be live is compared with what the load balancer of the local cloud really serves, after everything that may
// happen to a group, and under each position of what is not known of the service.

const FAILS = [
  'BeforeInstall',
  'ValidateService',
  'BeforeAllowTraffic',
  'AfterAllowTraffic',
  'BeforeBlockTraffic',
  'AfterBlockTraffic'
]

const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('deploy' as const), digit: fc.constantFrom('a', 'b', 'c') })
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('deploy' as const),
      digit: fc.constantFrom('a', 'b', 'c', 'd'),
      failsAt: fc.constantFrom(...FAILS),
      rollbackFails: fc.boolean()
    })
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('stop' as const), rollback: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('pass' as const), seconds: fc.integer({ min: 1, max: 130 }) })
  },
  { weight: 4, arbitrary: fc.constant({ kind: 'pass' as const, seconds: 900 }) }
)

const withDeaths: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 4, arbitrary: happening },
  {
    weight: 1,
    arbitrary: fc.constantFrom({ kind: 'instance-dies' as const }, { kind: 'scale-out' as const })
  }
)

const switches: fc.Arbitrary<Partial<Switches>> = fc.record({
  rollbackRevision: fc.constantFrom('last-successful', 'former'),
  stopInWaitRefersTo: fc.constantFrom('green', 'blue'),
  blueTargetsAppear: fc.constantFrom('at-traffic', 'from-start'),
  trafficOrder: fc.constantFrom('barrier', 'interleaved'),
  stopWhileShifting: fc.constantFrom('rollback', 'no-rollback'),
  stopInTerminationWait: fc.constantFrom('rollback', 'no-rollback', 'refused'),
  terminationFlag: fc.constantFrom('true', 'stays-false')
})

const blueGreen = fc.record({
  blueAction: fc.constantFrom('TERMINATE' as const, 'KEEP_ALIVE' as const),
  deploymentConfigName: fc.constantFrom('CodeDeployDefault.AllAtOnce', 'CodeDeployDefault.OneAtATime'),
  autoRollbackEvents: fc.constantFrom<('DEPLOYMENT_FAILURE' | 'DEPLOYMENT_STOP_ON_REQUEST')[]>(
    [],
    ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_REQUEST']
  )
})
const inPlace = fc.record({ style: fc.constant('in-place' as const), trafficControl: fc.boolean() })

const nameOf = (live: Live): string =>
  live.kind === 'commit' && live.deployment.revision?.kind === 's3' ? live.deployment.revision.key : live.kind

const look = async (past: Past, mayAsk: boolean): Promise<Live> => {
  const { applicationName, deploymentGroupName } = past.cloud
  const group = await past.service.group(applicationName, deploymentGroupName)
  const health = mayAsk ? past.health : () => Promise.reject(refusal('AccessDenied', 'no', 403))
  const { live } = await readLive(group, { service: past.service, health })
  return live
}

interface Seen {
  served: string[]
  /** An instance in service is half installed, or a deployment is at work. */
  isOpen: boolean
  asked: Live
  derived: Live
}

/** Lets everything happen, and looks after each; `check` sees what is said beside what is true. */
const play = async (
  given: { happenings: Happening[]; switches: Partial<Switches>; seed: SeedOptions },
  check: (seen: Seen) => void
): Promise<void> => {
  const past = await openPast(given.switches, given.seed)
  try {
    for (const one of given.happenings) {
      await past.happen(one)
      const [asked, derived] = [await look(past, true), await look(past, false)]
      check({ served: past.served(), isOpen: past.isOpen(), asked, derived })
    }
    expect(past.cloud.planes.inspect.faults()).toEqual([])
  } finally {
    await past.close()
  }
}

/** Never a commit that does not serve alone; what nobody serves because all instances are gone can't be seen in deployments. */
const expectNoLie = ({ served, isOpen, asked, derived }: Seen): void => {
  for (const live of served.length === 0 ? [asked] : [asked, derived])
    if (live.kind === 'commit') expect([nameOf(live)]).toEqual(served)
  if (asked.evidence.from === 'deployments') return
  if (asked.kind === 'mixed') expect(served.length).toBeGreaterThan(1)
  if (served.length === 1 && served[0] !== '' && !isOpen) expect(nameOf(asked)).toBe(served[0])
}

/** Where no instance came or went by itself, the deployments alone say all there is to know. */
const expectWhole = (seen: Seen): void => {
  expectNoLie(seen)
  const [only] = seen.served
  if (seen.served.length === 1 && only !== '' && !seen.isOpen) expect(nameOf(seen.derived)).toBe(only)
}

/** PASTS=20 looks for rarer ones. */
const scale = Number(process.env['PASTS'] ?? '1')
const LONG = 180_000 * scale

/** The check holds after everything that happens in so many pasts of up to so many happenings. */
const holds = async (
  {
    arbitrary,
    most,
    seed,
    pasts
  }: {
    arbitrary: fc.Arbitrary<Happening>
    most: number
    seed: fc.Arbitrary<SeedOptions>
    pasts: number
  },
  check: (seen: Seen) => void
): Promise<void> => {
  const given = fc.record({
    happenings: fc.array(arbitrary, { minLength: 3, maxLength: most }),
    switches,
    seed
  })
  await fc.assert(
    fc.asyncProperty(given, (one) => play(one, check)),
    { numRuns: pasts * scale }
  )
}

describe('what is live, against what the load balancer serves', () => {
  test(
    'blue/green, while instances stay',
    () => holds({ arbitrary: happening, most: 14, seed: blueGreen, pasts: 20 }, expectWhole),
    LONG
  )

  test(
    'blue/green, while Auto Scaling ends instances and adds some',
    () => holds({ arbitrary: withDeaths, most: 14, seed: blueGreen, pasts: 20 }, expectNoLie),
    LONG
  )

  test(
    'in place, with a load balancer and without',
    () => holds({ arbitrary: happening, most: 12, seed: inPlace, pasts: 15 }, expectNoLie),
    LONG
  )
})
