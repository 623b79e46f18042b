import type { Identity } from '../domain/identity.js'
import type { IdentityInputs } from '../inputs/types.js'
import { identify } from '../steps/identify.js'
import type { World } from '../world.js'

/**
 * Identifies the run, and says as whom in one line. `read` is what comes next and only reads: it may begin while the account is
 * still asked for, and fails only after that has not.
 */
export const identifyRun = async <T>(
  inputs: IdentityInputs,
  world: World,
  read: (identity: Identity) => Promise<T>
): Promise<T> => {
  const { runner, requestToken } = world
  const sts = await world.sts(inputs.region)
  const begun: { reading?: Promise<T> } = {}
  const identifying = identify(inputs, {
    now: sts.now,
    mayRequestToken: requestToken !== undefined,
    fromFork: world.context.fromFork,
    requestToken: (audience) => requestToken?.(audience) ?? Promise.resolve(''),
    assumeRole: sts.assumeRole,
    ambient: sts.ambient,
    account: sts.account,
    ready: (identity) => {
      begun.reading = read(identity)
      begun.reading.catch(() => undefined)
    },
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
  return begun.reading ?? read(identity)
}
