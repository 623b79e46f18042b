import type { Tags } from '../../src/domain/preview/environment.js'
import type { PreviewFleet, PreviewServices } from '../../src/preview-port.js'
import { refusal } from './nouns.js'
import { type FakeAccount, type FakeFleet, settle } from './preview-account.js'

/** Called before each call of one run takes effect, and after. What it throws ends the call, and the run sees no answer. */
export type OnCall = (call: string, when: 'before' | 'after') => void | Promise<void>

/** The services' calls with plain answers; what is thrown becomes a rejection. */
type Plain<T> = {
  [K in keyof T]: T[K] extends (...given: infer A) => Promise<infer R> ? (...given: A) => R : never
}

/** The services of one run in this account. */
export const fakeServices = (account: FakeAccount, onCall: OnCall = () => undefined): PreviewServices => {
  const seen = <T extends object>(part: string, calls: Plain<T>): T =>
    Object.fromEntries(
      Object.entries(calls).map(([name, act]) => [
        name,
        async (...given: unknown[]) => {
          const call = `${part}.${name}`
          account.calls.push(call)
          await onCall(call, 'before')
          settle(account)
          const refused = account.refusals.get(call)?.shift()
          if (refused !== undefined) throw refused
          const answer = (act as (...given: unknown[]) => unknown)(...given)
          await onCall(call, 'after')
          return answer
        }
      ])
    ) as T
  return {
    balancing: seen<PreviewServices['balancing']>('balancing', balancingOf(account)),
    fleets: seen<PreviewServices['fleets']>('fleets', fleetsOf(account)),
    groups: seen<PreviewServices['groups']>('groups', groupsOf(account)),
    addresses: { resolves: () => Promise.resolve(true), ask: () => Promise.resolve({ status: 200 }) }
  }
}

const changed = ({ changes, clock }: FakeAccount, call: string, what: string, tags: Tags): void => {
  changes.push({ call, what, tags, at: clock.now() })
}

const refuseBeyond = ({ quotas }: FakeAccount, call: string, count: number): void => {
  const quota = quotas.get(call)
  if (quota !== undefined && count >= quota.most) throw refusal(quota.name, 'The maximum has been reached')
}

const balancingOf = (account: FakeAccount): Plain<PreviewServices['balancing']> => ({
  listener: (arn) => (arn === account.listener.arn ? account.listener : undefined),
  rules: () => [...account.rules],
  targetGroup: (name) => account.targetGroups.find((one) => one.name === name),
  targetGroups: () => [...account.targetGroups],
  createTargetGroup: (name, like, tags) => {
    if (account.targetGroups.some((one) => one.name === name)) return false
    refuseBeyond(account, 'balancing.createTargetGroup', account.targetGroups.length)
    account.targetGroups.push({ ...like, name, tags, arn: `tg/${name}/${++account.made}` })
    changed(account, 'balancing.createTargetGroup', name, tags)
    return true
  },
  deleteTargetGroup: (arn) => {
    const found = account.targetGroups.find((one) => one.arn === arn)
    if (found === undefined) return
    const unruled = account.changes.findLast(({ call }) => call === 'balancing.deleteRule')?.at ?? -Infinity
    const isUsed = account.rules.some((rule) => rule.targetGroups.includes(arn))
    if (isUsed || account.clock.now() - unruled < account.inUseMs)
      throw refusal(
        'ResourceInUseException',
        `Target group '${arn}' is currently in use by a listener or a rule`
      )
    account.targetGroups = account.targetGroups.filter((one) => one !== found)
    changed(account, 'balancing.deleteTargetGroup', found.name, found.tags)
  },
  createRule: ({ priority, host, targetGroup, tags }) => {
    if (account.rules.some((rule) => rule.priority === priority)) return false
    refuseBeyond(account, 'balancing.createRule', account.rules.length)
    if (!account.targetGroups.some((one) => one.arn === targetGroup))
      throw refusal('TargetGroupNotFoundException', 'One or more target groups not found')
    account.rules.push({
      ...{ arn: `rule/${++account.made}`, priority, hosts: [host], onlyHosts: true },
      ...{ targetGroups: [targetGroup], tags }
    })
    changed(account, 'balancing.createRule', String(priority), tags)
    return true
  },
  deleteRule: (arn) => {
    const found = account.rules.find((rule) => rule.arn === arn)
    if (found === undefined) return
    account.rules = account.rules.filter((rule) => rule !== found)
    changed(account, 'balancing.deleteRule', String(found.priority), found.tags)
  },
  tags: (arns) =>
    new Map(
      [...account.targetGroups, ...account.rules]
        .filter(({ arn }) => arns.includes(arn))
        .map(({ arn, tags }) => [arn, tags])
    )
})

const fleetsOf = (account: FakeAccount): Plain<PreviewServices['fleets']> => ({
  fleet: (name) => {
    const found = account.fleets.find((one) => one.name === name)
    return found && shown(account, found)
  },
  tagged: (key, value) =>
    account.fleets.filter(({ tags }) => tags[key] === value).map((one) => shown(account, one)),
  create: ({ name, launchTemplate, subnets, instances, targetGroup, tags }) => {
    if (account.fleets.some((one) => one.name === name)) return false
    refuseBeyond(account, 'fleets.create', account.fleets.length)
    if (!account.targetGroups.some((one) => one.arn === targetGroup))
      throw refusal('ValidationError', 'Provided Target Groups may not be valid')
    const createdAt = account.clock.now()
    account.fleets.push({ name, tags, createdAt, instances, targetGroup, subnets, launchTemplate })
    changed(account, 'fleets.create', name, tags)
    return true
  },
  delete: (name) => {
    const found = account.fleets.find((one) => one.name === name)
    if (found === undefined) return
    found.deletedAt ??= account.clock.now()
    changed(account, 'fleets.delete', name, found.tags)
  },
  launches: (name) => {
    const found = account.fleets.find((one) => one.name === name)
    return found && { subnets: [...found.subnets], templates: [found.launchTemplate] }
  },
  template: (name) => account.templates.get(name),
  inbound: () => account.inbound
})

const shown = ({ clock, bootMs }: FakeAccount, fleet: FakeFleet): PreviewFleet => {
  const isGoing = fleet.deletedAt !== undefined
  const desired = isGoing ? 0 : fleet.instances
  return {
    ...{ name: fleet.name, tags: fleet.tags, createdAt: new Date(fleet.createdAt), desired, isGoing },
    inService: clock.now() - fleet.createdAt >= bootMs ? desired : 0,
    instances: Array.from({ length: fleet.instances }, (_, at) => `i-${at}`),
    targetGroups: [fleet.targetGroup]
  }
}

const groupsOf = (account: FakeAccount): Plain<PreviewServices['groups']> => {
  const find = (application: string, name: string) =>
    account.groups.find((one) => one.application === application && one.name === name)
  return {
    createApplication: (name) => {
      if (account.applications.has(name)) return false
      refuseBeyond(account, 'groups.createApplication', account.applications.size)
      account.applications.add(name)
      return true
    },
    list: (application) =>
      account.groups.filter((one) => one.application === application).map(({ name }) => name),
    find: (application, name) => {
      const found = find(application, name)
      return found && { pushedAt: found.pushedAt }
    },
    tags: (arn) => {
      const [application = '', name = ''] = (arn.split(':').at(-1) ?? '').split('/')
      return find(application, name)?.tags ?? {}
    },
    create: ({ application, name, serviceRole, fleet, tags }) => {
      if (!account.applications.has(application))
        throw refusal('ApplicationDoesNotExistException', `No application found for name: ${application}`)
      if (find(application, name) !== undefined) return false
      refuseBeyond(account, 'groups.create', account.groups.length)
      if (!account.fleets.some((one) => one.name === fleet && one.deletedAt === undefined))
        throw refusal('InvalidAutoScalingGroupException', `No auto scaling group ${fleet}`)
      account.groups.push({ application, name, serviceRole, fleet, tags, pushedAt: undefined, active: [] })
      changed(account, 'groups.create', name, tags)
      return true
    },
    active: (application, name) => [...(find(application, name)?.active ?? [])],
    stop: (deployment) => {
      const found = account.groups.find(({ active }) => active.includes(deployment))
      if (found === undefined) return
      found.active = found.active.filter((id) => id !== deployment)
      changed(account, 'groups.stop', deployment, found.tags)
    },
    delete: (application, name) => {
      const found = find(application, name)
      if (found === undefined) return []
      account.groups = account.groups.filter((one) => one !== found)
      changed(account, 'groups.delete', name, found.tags)
      return account.hooksLeft
    }
  }
}
