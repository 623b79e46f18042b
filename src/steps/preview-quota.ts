import { factsOf } from '../domain/fault.js'
import { UserError } from '../errors.js'

/** The services' words for a quota that is used up. */
const QUOTA = /^(TooMany\w+|LimitExceeded\w*|\w+LimitExceeded)(Exception|Fault)?$/

/** Makes a part of an environment. Throws a UserError when a quota of the account leaves no room for it. */
export const withinQuotas = async <T>(make: () => Promise<T>): Promise<T> => {
  try {
    return await make()
  } catch (error) {
    const { name, message } = factsOf(error)
    if (!QUOTA.test(name)) throw error
    throw new UserError(
      `AWS allows no more: ${message} (${name}).`,
      'Close pull requests that need no preview and run `command: cleanup` with `what: previews`, lower `preview-limit`, or have the quota raised. What this run made so far is found again by the next run or the cleanup.'
    )
  }
}
