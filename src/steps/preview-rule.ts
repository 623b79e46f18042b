import { isOf, type PreviewOwner, tagsOf } from '../domain/preview/environment.js'
import { freePriority, type ListenerRule, rulesFor, thiefOf } from '../domain/preview/routing.js'
import { UserError } from '../errors.js'
import type { PreviewServices } from '../preview-port.js'
import { withinQuotas } from './preview-quota.js'

/** The rule that sends a preview's host to its target group. */
export interface RuleWish {
  /** ARN. */
  listener: string
  host: string
  /** ARN. */
  targetGroup: string
  /** Of the target group. */
  name: string
  number: number
  owner: PreviewOwner
}

interface RuleActs {
  services: Pick<PreviewServices, 'balancing'>
  signal: AbortSignal
  tell: (line: string) => void
}

/** Two runs that make the rule at once both see both rules afterwards, and keep the one that comes first. */
export const makeRule = async (wish: RuleWish, { services, signal, tell }: RuleActs): Promise<void> => {
  const { listener, host, targetGroup, name, number, owner } = wish
  const { balancing } = services
  let { rules, own } = await lookForRule(wish, services)
  while (own.length === 0) {
    signal.throwIfAborted()
    const priority = freePriority(rules, host)
    const wanted = { listener, host, targetGroup, priority, tags: tagsOf(number, owner) }
    if (await withinQuotas(() => balancing.createRule(wanted)))
      tell(`Created the listener's rule ${priority}: ${host} → ${name}.`)
    ;({ rules, own } = await lookForRule(wish, services))
  }
  const [kept, ...doubles] = own
  for (const { arn } of doubles) await balancing.deleteRule(arn)
  refuseThief(rules, host, kept)
}

/** All rules of the listener, and those that a run made for this host, first come first. One that people made is theirs, whatever it does. */
const lookForRule = async (
  wish: RuleWish,
  { balancing }: RuleActs['services']
): Promise<{ rules: ListenerRule[]; own: ListenerRule[] }> => {
  const rules = await balancing.rules(wish.listener)
  const found = rulesFor(rules, wish)
  const tags = await balancing.tags(found.map(({ arn }) => arn))
  return { rules, own: found.filter(({ arn }) => isOf(tags.get(arn) ?? {}, wish.number, wish.owner)) }
}

/** Somebody may have put a rule before this one since. */
const refuseThief = (rules: readonly ListenerRule[], host: string, own: ListenerRule | undefined): void => {
  const thief = thiefOf(rules, { host, priority: own?.priority ?? 0 })
  if (thief === undefined) return
  throw new UserError(
    `The listener's rule ${thief.priority ?? ''} comes before the preview's rule ${own?.priority ?? ''} and takes requests for ${thief.hosts.length === 0 ? 'every host' : thief.hosts.join(', ')}, so requests for ${host} may reach other servers.`,
    'Give that rule a higher number, limit it to its host, or give the previews a listener of their own.'
  )
}
