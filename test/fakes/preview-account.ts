import { type PreviewOwner, pullIn, type Tags, tagsOf } from '../../src/domain/preview/environment.js'
import type { InboundRule, PreviewListener, PreviewTemplate } from '../../src/domain/preview/place.js'
import type { ListenerRule } from '../../src/domain/preview/routing.js'
import type { TargetGroup } from '../../src/preview-port.js'
import { environmentOf } from '../../src/steps/preview-takedown.js'
import { type VirtualClock, virtualClock } from './clock.js'
import { hostOf, LIKE, LISTENER, OTHER, OWNER, placeOf, SURROUNDINGS, TEMPLATE } from './preview-place.js'

export interface FakeFleet {
  name: string
  tags: Tags
  createdAt: number
  instances: number
  targetGroup: string
  subnets: readonly string[]
  launchTemplate: string
  /** When somebody deleted it. */
  deletedAt?: number | undefined
}

export interface FakeGroup {
  application: string
  name: string
  tags: Tags
  fleet: string
  serviceRole: string
  pushedAt: Date | undefined
  /** Ids of deployments that have not ended. */
  active: string[]
}

/** An account on AWS, in memory. Tests may change each member. */
export interface FakeAccount {
  clock: VirtualClock
  listener: PreviewListener
  templates: Map<string, PreviewTemplate>
  inbound: InboundRule[]
  targetGroups: (TargetGroup & { tags: Tags })[]
  rules: (ListenerRule & { tags: Tags })[]
  fleets: FakeFleet[]
  applications: Set<string>
  groups: FakeGroup[]
  /** How long instances take to be in service, and a fleet to go. */
  bootMs: number
  goMs: number
  /** How long a target group counts as used after a rule is deleted. */
  inUseMs: number
  /** What CodeDeploy leaves on the Auto Scaling group of a group that is deleted. */
  hooksLeft: string[]
  /** The most of a kind, and the name of the error beyond it, by the call that makes it. */
  quotas: Map<string, { most: number; name: string }>
  /** Thrown in turn by the calls of this name. */
  refusals: Map<string, Error[]>
  /** The names of all calls, such as `balancing.createRule`. */
  calls: string[]
  /** What was changed, with its tags. */
  changes: { call: string; what: string; tags: Tags; at: number }[]
  /** How many things were made so far. */
  made: number
}

/** An account with production, whose default rule takes what nobody else does, and a preview of another repository. */
export const fakeAccount = (): FakeAccount => {
  const account: FakeAccount = {
    clock: virtualClock(),
    listener: LISTENER,
    templates: new Map([
      ['preview-template', TEMPLATE],
      ['lt-production', { instanceProfile: 'web', securityGroups: ['sg-web'] }]
    ]),
    inbound: [...(placeOf().inbound ?? [])],
    ...{ targetGroups: [], rules: [], fleets: [], groups: [] },
    applications: new Set(['shop', SURROUNDINGS.application]),
    ...{ bootMs: 12_000, goMs: 17_000, inUseMs: 0, hooksLeft: [] },
    ...{ quotas: new Map(), refusals: new Map(), calls: [], changes: [], made: 0 }
  }
  const rule = { arn: 'rule/default', priority: undefined, hosts: [], onlyHosts: true }
  account.rules.push({ ...rule, targetGroups: ['tg/web-tg'], tags: {} })
  add(account, { application: 'shop', group: 'web', targetGroup: 'web-tg', fleet: 'web-asg', tags: {} })
  addEnvironment(account, 7, OTHER, 1)
  return account
}

/** A whole environment that is in service, as an earlier run made it. */
export const addEnvironment = (
  account: FakeAccount,
  number: number,
  owner: PreviewOwner = OWNER,
  priority = 2
): void => {
  const { name, application } = environmentOf(number, { ...SURROUNDINGS, owner })
  const tags = tagsOf(number, owner)
  const host = owner === OWNER ? hostOf(number) : `other-${number}.example.com`
  add(account, { application, group: name, targetGroup: name, fleet: name, tags })
  account.rules.push({
    ...{ arn: `rule/${name}`, priority, hosts: [host], onlyHosts: true },
    ...{ targetGroups: [`tg/${name}`], tags }
  })
}

const add = (
  account: FakeAccount,
  its: { application: string; group: string; targetGroup: string; fleet: string; tags: Tags }
): void => {
  const { application, tags } = its
  const createdAt = account.clock.now() - 86_400_000
  const arn = `tg/${its.targetGroup}`
  account.targetGroups.push({ ...LIKE, name: its.targetGroup, arn, tags })
  account.fleets.push({
    ...{ name: its.fleet, tags, createdAt, instances: 2, targetGroup: arn },
    ...{ subnets: ['subnet-a', 'subnet-b'], launchTemplate: 'lt-production' }
  })
  account.groups.push({
    ...{ application, name: its.group, tags, fleet: its.fleet, serviceRole: 'arn:aws:iam::1:role/x' },
    ...{ pushedAt: new Date(createdAt), active: [] }
  })
}

/** Fleets that are gone by now leave. */
export const settle = (account: FakeAccount): void => {
  account.fleets = account.fleets.filter(
    ({ deletedAt }) => deletedAt === undefined || account.clock.now() - deletedAt < account.goMs
  )
}

/** Everything that bears the tags of the owner, one line each. */
export const partsOf = (account: FakeAccount): string[] =>
  linesOf(account)
    .filter(({ part }) => pullIn(part.tags, OWNER) !== undefined)
    .map(({ line }) => line)
    .sort()

/** What a whole environment consists of. */
export const wholeParts = (number: number, priority = 2): string[] => {
  const { name, application } = environmentOf(number, SURROUNDINGS)
  return [
    `deployment group ${application}/${name} → ${name}`,
    `fleet ${name} → ${name}`,
    `rule ${priority}: ${hostOf(number)} → ${name}`,
    `target group ${name}`
  ]
}

/** Everything that does not bear the owner's tags, one text each with all its members. */
export const foreignIn = (account: FakeAccount): string[] =>
  linesOf(account).flatMap(({ part }) =>
    pullIn(part.tags, OWNER) === undefined ? [JSON.stringify(part)] : []
  )

/** The calls that changed something foreign. */
export const foreignChanges = ({ changes }: FakeAccount): string[] =>
  changes.filter(({ tags }) => pullIn(tags, OWNER) === undefined).map(({ call, what }) => `${call} ${what}`)

const linesOf = (account: FakeAccount): { line: string; part: { tags: Tags } }[] => {
  settle(account)
  const named = (arn: string): string =>
    account.targetGroups.find((one) => one.arn === arn)?.name ?? 'nothing'
  return [
    ...account.targetGroups.map((part) => ({ part, line: `target group ${part.name}` })),
    ...account.rules.map((part) => ({
      part,
      line: `rule ${part.priority ?? 0}: ${part.hosts.join()} → ${part.targetGroups.map(named).join()}`
    })),
    ...account.fleets.map((part) => ({ part, line: `fleet ${part.name} → ${named(part.targetGroup)}` })),
    ...account.groups.map((part) => ({
      part,
      line: `deployment group ${part.application}/${part.name} → ${part.fleet}`
    }))
  ]
}
