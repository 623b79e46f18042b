import { greenGroupOf } from '../domain/deployment.js'
import {
  encodedPart,
  type GroupState,
  type LaunchAttempt,
  launchFailures,
  type LaunchRefusal
} from '../domain/launch.js'
import type { Reason } from '../domain/reason.js'
import { type Asker, asking, type ReasonSources, type Waits } from './asking.js'

/** Together, these are at most four calls a minute. */
const ATTEMPTS_EVERY_MS = 20_000
const GROUP_EVERY_MS = 60_000
/** What an encoded message says does not change; each is decoded once. */
const DECODE_EVERY_MS = 20_000
/** A launch hook that is answered takes seconds. */
const HELD_AFTER_MS = 120_000

/** While the green fleet is provisioned, asks Auto Scaling why it does not come up. */
export const launchReasons = ({ fleets }: ReasonSources, { clock, stopAfterMs }: Waits): Asker => {
  const attempts = asking<LaunchAttempt[]>(ATTEMPTS_EVERY_MS, clock)
  const states = asking<GroupState | undefined>(GROUP_EVERY_MS, clock)
  const refusals = asking<LaunchRefusal>(DECODE_EVERY_MS, clock)
  const held = new Map<string, number>()
  let failingSince: number | undefined
  return ({ deployment, targets }) => {
    // Instances become targets once all of them are in service (docs/service.md, captures 1).
    if (deployment.style !== 'BLUE_GREEN' || targets.length > 0) return {}
    const group = greenGroupOf(deployment)
    if (group === undefined) return {}
    attempts.ask(() => fleets.launches(group))
    states.ask(() => fleets.group(group))
    const state = states.answer()
    const failures = failuresOf(group, attempts.answer() ?? [], state)
    const encoded = failures.map(({ message }) => encodedPart(message)).find((part) => part !== undefined)
    if (encoded !== undefined && refusals.answer() === undefined) refusals.ask(() => fleets.refusal(encoded))
    failingSince = failures.length === 0 ? undefined : (failingSince ?? clock.now())
    const reasons = [
      ...failures.map((failure): Reason => ({
        kind: 'launch',
        failure:
          encodedPart(failure.message) === undefined ? failure : { ...failure, refusal: refusals.answer() }
      })),
      ...heldReasons(state, held, clock.now())
    ]
    const [reason] = reasons
    return {
      reasons,
      facts: { group: state },
      denied: attempts.denied() ?? states.denied() ?? refusals.denied(),
      hopeless:
        reason !== undefined && failingSince !== undefined && clock.now() >= failingSince + stopAfterMs
          ? { reason, forMs: clock.now() - failingSince }
          : undefined
    }
  }
}

/** Why nothing is launched; empty as soon as anything was, since Auto Scaling goes on trying by itself. */
const failuresOf = (
  group: string,
  attempts: readonly LaunchAttempt[],
  state: GroupState | undefined
): ReturnType<typeof launchFailures> => {
  const works = state?.instances.some((one) => one.state === 'InService') === true
  const failed = attempts.filter(({ status }) => status === 'Failed' || status === 'Cancelled')
  const [newest] = attempts
  return works && newest?.status !== 'Failed' ? [] : launchFailures(group, failed)
}

/** Instances that a launch hook has held for long: nobody completes it. */
const heldReasons = (state: GroupState | undefined, held: Map<string, number>, now: number): Reason[] => {
  const waiting = state?.instances.filter((one) => one.state === 'Pending:Wait').map(({ id }) => id) ?? []
  for (const id of held.keys()) if (!waiting.includes(id)) held.delete(id)
  for (const id of waiting) if (!held.has(id)) held.set(id, now)
  const long = waiting.filter((id) => now - (held.get(id) ?? now) >= HELD_AFTER_MS)
  const since = Math.min(...long.map((id) => held.get(id) ?? now))
  return long.length === 0 ? [] : [{ kind: 'held', ids: long, since }]
}
