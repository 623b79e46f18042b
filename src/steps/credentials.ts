import { factsOf } from '../domain/fault.js'
import type { Credentials, Identity } from '../domain/identity.js'
import type { Zone } from '../ports.js'

export interface RenewOptions {
  now: () => number
  zone: Zone
  /** Hides a secret in all later output. */
  mask: (secret: string) => void
  tell: (sentence: string) => void
}

/** Renewed this long before they expire, or in the last third of a short life. */
const RENEW_BEFORE_MS = 5 * 60_000

/** Pause after a failed renewal, while the old credentials are still valid. */
const RENEWAL_PAUSE_MS = 30_000

/** No call waits for a renewal while the current set is valid for at least this long. */
const SAFE_MS = 60_000

/**
 * Hands out one set until shortly before it expires, then fetches another in the background. A failed renewal is reported
 * once and tolerated while the old set is valid; after that its error is thrown.
 */
export const renewing = (
  fetch: () => Promise<Credentials>,
  { now, zone, mask, tell }: RenewOptions
): Omit<Identity, 'account'> => {
  let held: Promise<Credentials> | undefined
  let renewAt = 0
  let told = false

  const fetched = async (): Promise<Credentials> => {
    const credentials = await fetch()
    mask(credentials.secretAccessKey)
    if (credentials.sessionToken !== undefined) mask(credentials.sessionToken)
    const life = lifeMs(credentials, now())
    renewAt = now() + life - Math.min(RENEW_BEFORE_MS, life / 3)
    return credentials
  }

  const hold = (next: Promise<Credentials>): Promise<Credentials> => {
    held = next
    next.catch(() => {
      if (held === next) held = undefined
    })
    return next
  }

  const renewed = async (old: Credentials): Promise<Credentials> => {
    try {
      const fresh = await fetched()
      told = false
      return fresh
    } catch (error) {
      if (lifeMs(old, now()) <= 0) throw error
      renewAt = now() + RENEWAL_PAUSE_MS
      if (!told) tell(sayLateRefusal(error, old.expiration, zone))
      told = true
      return old
    }
  }

  return {
    credentials: async () => {
      const old = await (held ?? hold(fetched()))
      if (now() < renewAt) return old
      renewAt = Number.POSITIVE_INFINITY
      const next = renewed(old)
      if (lifeMs(old, now()) <= SAFE_MS) return hold(next)
      next.then(
        (fresh) => {
          held = Promise.resolve(fresh)
        },
        () => {
          held = undefined
        }
      )
      return old
    },
    renew: () => {
      held = undefined
    }
  }
}

const lifeMs = ({ expiration }: Credentials, now: number): number =>
  (expiration?.getTime() ?? Number.POSITIVE_INFINITY) - now

/** The warning stands on a page of its own, so it names the zone. */
const sayLateRefusal = (error: unknown, expiration: Date | undefined, zone: Zone): string => {
  const until = expiration === undefined ? 'they expire' : `${zone.dayAndClock(expiration)} (${zone.name})`
  return `The credentials could not be renewed (${factsOf(error).message}). The current ones are used until ${until}, and the renewal is retried until then.`
}
