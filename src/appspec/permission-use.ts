import { isCommonAccount } from './instance.js'
import { quoting } from './problems.js'
import type { Problems } from './problems.js'
import { inspect, isFalsy } from './ruby-value.js'
import type { RubyValue } from './ruby-value.js'
import type { Permission } from './spec.js'

/** Checks what a permission that matches anything needs on the instance: accounts and SELinux. */
export const checkUse = (permission: Permission, problems: Problems, warned: Set<string>): void => {
  checkAccount('owner', permission.owner, { problems, warned })
  checkAccount('group', permission.group, { problems, warned })
  const { context } = permission
  if (context?.hasRange === false) {
    const what = 'A context without a range breaks the Ruby agent at Install. Add a range such as s0.'
    problems.error(quoting(what, "undefined method `get_range' for nil:NilClass"), context.place)
  } else if (context !== undefined)
    problems.warning('A context needs semanage on the instance; without it Install fails.', context.place)
}

const checkAccount = (
  kind: 'owner' | 'group',
  account: RubyValue | undefined,
  { problems, warned }: { problems: Problems; warned: Set<string> }
): void => {
  if (account === undefined || isFalsy(account)) return
  const what = kind === 'owner' ? 'user' : 'group'
  if (account.kind !== 'string') {
    const agent = `no implicit conversion of ${inspect(account)} into String`
    problems.error(
      quoting(`The ${kind} must be a name, but YAML reads it as ${inspect(account)}.`, agent),
      account
    )
  } else if (/^[0-9]*$/.test(account.value)) {
    const agent = `can't find ${what} for ${account.value}`
    problems.error(
      quoting(`The ${kind} must be the name of a ${what}; a number or an empty string does not work.`, agent),
      account
    )
  } else if (!isCommonAccount(account.value) && !warned.has(`${kind} ${account.value}`)) {
    warned.add(`${kind} ${account.value}`)
    problems.warning(
      `The ${what} ${account.value} must exist on the instance before Install, or it fails with “can't find ${what} for ${account.value}”.`,
      account
    )
  }
}
