import { UserError } from '../../errors.js'

/** A rule of a listener, as far as a preview needs it. */
export interface ListenerRule {
  arn: string
  /** 1 is asked first; undefined for the default rule. */
  priority: number | undefined
  /** The hosts that it is limited to, `*` and `?` standing for characters; empty when it takes every host. */
  hosts: readonly string[]
  /** Whether it has no other condition than its hosts. */
  onlyHosts: boolean
  /** ARNs of the target groups that it forwards to. */
  targetGroups: readonly string[]
}

/** ELB API: CreateRule. */
const HIGHEST = 50_000

const matcher = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .toLowerCase()
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`
  )

/** Whether a request for this host may match the rule: other conditions may still keep it away. */
export const takes = ({ hosts }: ListenerRule, host: string): boolean =>
  hosts.length === 0 || hosts.some((pattern) => matcher(pattern).test(host))

/** The rules that send this host, and nothing else, to this target group, first come first. CreateRule makes a second one if it is sent twice. */
export const rulesFor = (
  rules: readonly ListenerRule[],
  { host, targetGroup }: { host: string; targetGroup: string }
): ListenerRule[] =>
  inOrder(rules).filter(
    ({ hosts, onlyHosts, targetGroups }) =>
      onlyHosts &&
      hosts.length === 1 &&
      hosts[0]?.toLowerCase() === host &&
      targetGroups.includes(targetGroup)
  )

const inOrder = (rules: readonly ListenerRule[]): ListenerRule[] =>
  rules
    .filter(({ priority }) => priority !== undefined)
    .sort((one, other) => (one.priority ?? 0) - (other.priority ?? 0))

/** The first rule that would take requests for this host away from a rule with this priority. */
export const thiefOf = (
  rules: readonly ListenerRule[],
  { host, priority }: { host: string; priority: number }
): ListenerRule | undefined =>
  inOrder(rules).find((rule) => (rule.priority ?? HIGHEST) < priority && takes(rule, host))

/**
 * The lowest free priority that comes before every rule which would take requests for this host. Throws when there is none: those requests would reach
 * somebody else's servers, for example production's.
 */
export const freePriority = (rules: readonly ListenerRule[], host: string): number => {
  const used = new Set(rules.map(({ priority }) => priority))
  let free = 1
  while (used.has(free)) free++
  const thief = thiefOf(rules, { host, priority: free })
  if (thief !== undefined)
    throw new UserError(
      `No rule for ${host} can be made: the listener's rule ${thief.priority ?? ''} ${thief.hosts.length === 0 ? 'takes requests for every host' : `takes requests for ${thief.hosts.join(', ')}`} and comes before every free number, so it would send requests for the preview elsewhere.`,
      'Give the previews a listener of their own and pass its ARN as `preview-listener-arn`, or limit that rule to its host, or give it a higher number. Nothing was made.'
    )
  if (free > HIGHEST)
    throw new UserError(
      `No rule for ${host} can be made: the listener has no free priority.`,
      'Remove rules that nothing needs.'
    )
  return free
}
