import { ServiceError, type Reply, type Visit } from '../contract.js'
import { replyOf, rotation } from './actions.js'
import { meets } from './conditions.js'
import {
  groupsOf,
  type Action,
  type Condition,
  type Listener,
  type LoadBalancer,
  type Rule,
  type TargetGroup
} from './model.js'
import type { BalancingWorld, TargetGroups } from './target-groups.js'

/** What a caller says about a new rule. */
export type RuleWish = Omit<Rule, 'arn'>

/** All load balancers, listeners and rules of one cloud. */
export interface Balancers {
  create(wish: Omit<LoadBalancer, 'arn' | 'dnsName' | 'createdAt'>): LoadBalancer
  /** Deletes a load balancer with its listeners and rules; does nothing if there is none. */
  remove(arn: string): Promise<void>
  all(): LoadBalancer[]
  listen(wish: Pick<Listener, 'balancer' | 'protocol' | 'asked' | 'action' | 'tags'>): Promise<Listener>
  unlisten(listener: Listener): Promise<void>
  listeners(): Listener[]
  listener(arn: string): Listener
  addRule(listener: Listener, wish: RuleWish): Rule
  changeRule(arn: string, change: { conditions?: readonly Condition[]; action?: Action }): Rule
  removeRule(arn: string): void
  /** A rule with its listener; undefined if there is none. */
  rule(arn: string): { rule: Rule; listener: Listener } | undefined
  setDefault(listener: Listener, action: Action): void
  /** The load balancers whose listeners or rules forward to a target group. */
  using(groupArn: string): LoadBalancer[]
  close(): Promise<void>
}

interface State {
  world: BalancingWorld
  targetGroups: TargetGroups
  balancers: Map<string, LoadBalancer>
  listeners: Map<string, Listener>
  /** The turn of each action among its target groups. */
  turns: WeakMap<Action, () => string | undefined>
}

const prefix = ({ world }: State): string => `arn:aws:elasticloadbalancing:${world.region}:${world.accountId}`

const listenersOf = (state: State, balancer: LoadBalancer): Listener[] =>
  [...state.listeners.values()].filter((listener) => listener.balancer === balancer)

const actionsOf = ({ action, rules }: Listener): Action[] => [action, ...rules.map((rule) => rule.action)]

const namedBy = (listeners: readonly Listener[]): Set<string> =>
  new Set(listeners.flatMap(actionsOf).flatMap(groupsOf))

const using = (state: State, groupArn: string): LoadBalancer[] =>
  [...state.balancers.values()].filter((balancer) => namedBy(listenersOf(state, balancer)).has(groupArn))

const checkNetwork = ({ vpcId }: LoadBalancer, group: TargetGroup): void => {
  if (group.vpcId !== vpcId)
    throw new ServiceError(
      'InvalidConfigurationRequest',
      `The target group '${group.arn}' is in the VPC '${group.vpcId}', the load balancer in '${vpcId}'`
    )
}

/** The groups of an action exist, belong to no other load balancer, and fit into its quota. */
const checkAction = (state: State, balancer: LoadBalancer, action: Action): void => {
  for (const arn of groupsOf(action)) {
    checkNetwork(balancer, state.targetGroups.byArn(arn))
    if (using(state, arn).some((one) => one !== balancer))
      throw new ServiceError(
        'TargetGroupAssociationLimit',
        `The following target groups cannot be associated with more than one load balancer: '${arn}'`
      )
  }
  const all = namedBy(listenersOf(state, balancer))
  for (const arn of groupsOf(action)) all.add(arn)
  const most = state.world.quotas.targetGroupsPerBalancer
  if (all.size > most)
    throw new ServiceError(
      'TooManyUniqueTargetGroupsPerLoadBalancer',
      `You have reached the maximum number of unique target groups that you can associate with a load balancer of type 'application': [${most}]`
    )
}

/** The rule with the lowest priority whose conditions are all met; otherwise the listener's default (ELB user guide). */
const decide = (state: State, listener: Listener, visit: Visit): Reply => {
  const rule = listener.rules.find(({ conditions }) =>
    conditions.every((condition) => meets(condition, visit))
  )
  const action = rule?.action ?? listener.action
  const turn = state.turns.get(action) ?? rotation(action.type === 'forward' ? action.groups : [])
  state.turns.set(action, turn)
  const next = () => state.targetGroups.find(turn() ?? '')?.plane
  return replyOf(action, visit, { url: listener.plane.url, next })
}

const create = (state: State, wish: Parameters<Balancers['create']>[0]): LoadBalancer => {
  const arn = `${prefix(state)}:loadbalancer/app/${wish.name}/${state.world.ids.suffix()}`
  const balancer = { ...wish, arn, dnsName: '127.0.0.1', createdAt: state.world.clock.now() }
  state.balancers.set(arn, balancer)
  return balancer
}

const listen = async (state: State, wish: Parameters<Balancers['listen']>[0]): Promise<Listener> => {
  const { balancer, action } = wish
  checkAction(state, balancer, action)
  const arn = `${balancer.arn.replace(':loadbalancer/', ':listener/')}/${state.world.ids.suffix()}`
  // The seeded balancer of a target group is called after it, and so is the scripted address of its listener.
  const plane = await state.world.loadBalancing.listen(balancer.name.replace(/-lb$/, ''), (visit) =>
    decide(state, listener, visit)
  )
  const listener: Listener = { ...wish, arn, rules: [], plane }
  state.listeners.set(arn, listener)
  return listener
}

const unlisten = async (state: State, listener: Listener): Promise<void> => {
  state.listeners.delete(listener.arn)
  await listener.plane.close()
}

const found = (state: State, arn: string): { rule: Rule; listener: Listener } | undefined => {
  for (const listener of state.listeners.values())
    for (const rule of listener.rules) if (rule.arn === arn) return { rule, listener }
  return undefined
}

const mustFind = (state: State, arn: string): { rule: Rule; listener: Listener } => {
  const known = found(state, arn)
  if (known === undefined) throw new ServiceError('RuleNotFound', `One or more rules not found: '${arn}'`)
  return known
}

const addRule = (state: State, listener: Listener, wish: RuleWish): Rule => {
  const most = state.world.quotas.rules
  const siblings = listenersOf(state, listener.balancer).flatMap(({ rules }) => rules)
  if (siblings.length >= most)
    throw new ServiceError(
      'TooManyRules',
      `You have reached the maximum number of rules for this load balancer: [${most}]`
    )
  if (listener.rules.some(({ priority }) => priority === wish.priority))
    throw new ServiceError('PriorityInUse', `Priority '${wish.priority}' is currently in use`)
  checkAction(state, listener.balancer, wish.action)
  const arn = `${listener.arn.replace(':listener/', ':listener-rule/')}/${state.world.ids.suffix()}`
  const rule = { ...wish, arn }
  listener.rules = [...listener.rules, rule].sort((one, other) => one.priority - other.priority)
  return rule
}

/** The load balancers of one cloud; their listeners forward to the given target groups. */
export const createBalancers = (world: BalancingWorld, targetGroups: TargetGroups): Balancers => {
  const state: State = {
    ...{ world, targetGroups, balancers: new Map(), listeners: new Map(), turns: new WeakMap() }
  }
  return {
    create: (wish) => create(state, wish),
    remove: async (arn) => {
      const balancer = state.balancers.get(arn)
      if (balancer === undefined) return
      for (const listener of listenersOf(state, balancer)) await unlisten(state, listener)
      state.balancers.delete(arn)
    },
    all: () => [...state.balancers.values()],
    listen: (wish) => listen(state, wish),
    unlisten: (listener) => unlisten(state, listener),
    listeners: () => [...state.listeners.values()],
    listener: (arn) => {
      const known = state.listeners.get(arn)
      if (known === undefined)
        throw new ServiceError('ListenerNotFound', `One or more listeners not found: '${arn}'`)
      return known
    },
    addRule: (listener, wish) => addRule(state, listener, wish),
    changeRule: (arn, { conditions, action }) => {
      const { rule, listener } = mustFind(state, arn)
      if (action !== undefined) checkAction(state, listener.balancer, action)
      rule.conditions = conditions ?? rule.conditions
      rule.action = action ?? rule.action
      return rule
    },
    removeRule: (arn) => {
      const { listener } = mustFind(state, arn)
      listener.rules = listener.rules.filter((rule) => rule.arn !== arn)
    },
    rule: (arn) => found(state, arn),
    setDefault: (listener, action) => {
      checkAction(state, listener.balancer, action)
      listener.action = action
    },
    using: (groupArn) => using(state, groupArn),
    close: async () => {
      await Promise.all([...state.listeners.values()].map(({ plane }) => plane.close()))
    }
  }
}
