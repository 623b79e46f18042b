import { ServiceError } from '../contract.js'
import type { Call } from '../wire/call.js'
import type { Key } from './keys.js'
import { evaluate } from './policy.js'

/** One thing a call needs: an IAM action on a resource; `resource` undefined where the resource cannot be told. */
export interface Need {
  action: string
  resource: string | undefined
}

/** Throws AccessDenied in IAM's words unless the key's policy allows all that a call needs. */
export const authorize = (call: Call, key: Key, needs: readonly Need[]): void => {
  for (const { action, resource } of needs) {
    const verdict = evaluate(key.policy(), action, resource)
    if (verdict !== 'allowed') throw denied(call, key, { action, resource }, verdict)
  }
}

const denied = (
  call: Call,
  key: Key,
  need: Need,
  verdict: 'explicit-deny' | 'implicit-deny'
): ServiceError => {
  const why =
    verdict === 'explicit-deny'
      ? 'with an explicit deny in an identity-based policy'
      : `because no identity-based policy allows the ${need.action} action`
  const where =
    need.resource === undefined ? '' : ` on resource: ${need.resource === '*' ? '*' : need.resource}`
  const text = `User: ${key.caller.arn} is not authorized to perform: ${need.action}${where} ${why}`
  if (call.protocol === 's3') return new ServiceError('AccessDenied', text, 403)
  return call.protocol === 'json'
    ? new ServiceError('AccessDeniedException', text)
    : new ServiceError('AccessDenied', text, 403)
}
