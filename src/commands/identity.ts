import type { Identity } from '../domain/identity.js'
import type { IdentityInputs } from '../inputs/types.js'
import { identify } from '../steps/identify.js'
import type { World } from '../world.js'

/** Identifies the run, and says as whom in one line. */
export const identifyRun = async (inputs: IdentityInputs, world: World): Promise<Identity> => {
  const { runner, clock, requestToken } = world
  const sts = await world.sts(inputs.region)
  const identifying = identify(inputs, {
    now: () => clock.now(),
    mayRequestToken: requestToken !== undefined,
    fromFork: world.context.fromFork,
    requestToken: (audience) => requestToken?.(audience) ?? Promise.resolve(''),
    assumeRole: sts.assumeRole,
    ambient: sts.ambient,
    account: sts.account,
    mask: runner.mask,
    tell: (sentence) => runner.annotate('warning', sentence)
  })
  const identity = await identifying.catch((error: unknown) => {
    // A call that a cancel ended was not refused by anybody.
    world.canceled.throwIfAborted()
    throw error
  })
  const role = inputs.roleToAssume === undefined ? 'the credentials of the job' : inputs.roleToAssume
  runner.info(`Account ${identity.account ?? 'unknown'}, region ${inputs.region}, as ${role}`)
  return identity
}
