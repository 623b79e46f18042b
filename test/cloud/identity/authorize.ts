import { ServiceError } from '../contract.js'
import type { Protocol } from '../wire/call.js'
import type { Key } from './keys.js'
import { evaluate, type Context, type Verdict } from './policy.js'

/** One permission that a call needs: an IAM action on a resource; `resource` is undefined if it cannot be determined. */
export interface Need {
  action: string
  resource: string | undefined
  /** Values of condition keys, such as the tags of the resource. */
  context?: Context
}

/** Throws AccessDenied with IAM's message unless the key's policy allows everything that a call needs. */
export const authorize = (protocol: Protocol, key: Key, needs: readonly Need[]): void => {
  key.asked?.push(...needs)
  for (const { action, resource, context } of needs) {
    const verdict = evaluate(key.policy(), action, resource, context)
    if (verdict !== 'allowed') throw denied(protocol, key, { action, resource, verdict })
  }
}

const denied = (protocol: Protocol, key: Key, need: Need & { verdict: Verdict }): ServiceError => {
  const why =
    need.verdict === 'explicit-deny'
      ? 'with an explicit deny in an identity-based policy'
      : `because no identity-based policy allows the ${need.action} action`
  const where = need.resource === undefined ? '' : ` on resource: ${need.resource}`
  const text = `User: ${key.caller.arn} is not authorized to perform: ${need.action}${where} ${why}`
  if (protocol === 's3') return new ServiceError('AccessDenied', text, 403)
  if (protocol === 'ec2')
    return new ServiceError(
      'UnauthorizedOperation',
      `You are not authorized to perform this operation. ${text}`,
      403
    )
  return protocol === 'json' || protocol === 'cbor'
    ? new ServiceError('AccessDeniedException', text)
    : new ServiceError('AccessDenied', text, 403)
}
