import { makeEnvironment } from '../../src/steps/preview-environment.js'
import { environmentOf, findEnvironments, takeDown } from '../../src/steps/preview-takedown.js'
import type { PreviewPlace } from '../../src/domain/preview/place.js'
import type { EnvironmentActs, EnvironmentWish } from '../../src/steps/preview-environment.js'
import { noSignal } from './clock.js'
import type { FakeAccount } from './preview-account.js'
import { placeOf, SURROUNDINGS, wishFor } from './preview-place.js'
import { fakeServices, type OnCall } from './preview-services.js'

/** The end of a runner. */
export class Killed extends Error {}

/** Ends a run for good at one of its calls, counted from 0, before or after it took effect. */
export const killedAt = (nth: number, when: 'before' | 'after'): OnCall => {
  let calls = -1
  return (_, now) => {
    if (now === 'before') calls++
    if (calls > nth || (calls === nth && now === when)) throw new Killed()
  }
}

/** How one run differs from an ordinary one. */
export interface RunOptions {
  /** Whether its role is meant to stop deployments. */
  stops?: boolean
  onCall?: OnCall | undefined
  wish?: Partial<EnvironmentWish>
  place?: PreviewPlace
  signal?: AbortSignal
  whyNot?: string
  /** Gets what the run says. */
  told?: string[]
}

const actsOf = (account: FakeAccount, { onCall, signal, told, whyNot }: RunOptions): EnvironmentActs => ({
  services: fakeServices(account, onCall),
  clock: account.clock,
  signal: signal ?? noSignal(),
  tell: (line) => told?.push(line),
  whyNot: () => Promise.resolve(whyNot ?? '')
})

/** A run that makes the environment of a pull request. */
export const make = (account: FakeAccount, number: number, options: RunOptions = {}): Promise<void> =>
  makeEnvironment(environmentOf(number, SURROUNDINGS), wishFor(number, options.wish), {
    place: options.place ?? placeOf(),
    acts: actsOf(account, options)
  })

/** A run that takes it down. */
export const end = (account: FakeAccount, number: number, options: RunOptions = {}): Promise<boolean> =>
  takeDown(environmentOf(number, SURROUNDINGS), {
    ...actsOf(account, options),
    stops: options.stops ?? false
  })

/** A cleanup after all pull requests were closed. */
export const cleanUp = async (account: FakeAccount): Promise<void> => {
  for (const { number } of await findEnvironments(SURROUNDINGS, fakeServices(account)))
    await end(account, number)
}

/** The names of the calls that change something, without their service: `createRule`, `create`, … */
export const changesOf = ({ changes }: FakeAccount): string[] =>
  changes.map(({ call, what }) => `${call} ${what}`)
