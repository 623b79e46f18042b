import { ServiceError, type CloudClock, type QueryOperations, type Switches } from '../contract.js'
import type { Fleets } from './fleets.js'
import type { Instance, InstanceState } from './model.js'
import { flag, forms, required, text, texts, type Form } from './query.js'

const STATES: Record<InstanceState, { code: number; name: string }> = {
  Pending: { code: 0, name: 'pending' },
  'Pending:Wait': { code: 16, name: 'running' },
  'Pending:Proceed': { code: 16, name: 'running' },
  InService: { code: 16, name: 'running' },
  Terminating: { code: 32, name: 'shutting-down' },
  Terminated: { code: 48, name: 'terminated' }
}

const answer = (instance: Instance, { profile, groups }: Launched): object => ({
  instanceId: instance.id,
  instanceType: 't3.micro',
  instanceState: STATES[instance.state],
  privateIpAddress: instance.machine.address.host,
  iamInstanceProfile: profile,
  groupSet: groups.map((groupId) => ({ groupId })),
  launchTime: new Date(instance.launchedAt),
  placement: { availabilityZone: instance.zone },
  tagSet: Object.entries(instance.tags).map(([key, value]) => ({ key, value }))
})

const values = (instance: Instance, name: string): string[] => {
  if (name.startsWith('tag:')) return [instance.tags[name.slice('tag:'.length)] ?? []].flat()
  if (name === 'tag-key') return Object.keys(instance.tags)
  if (name === 'instance-id') return [instance.id]
  if (name === 'instance-state-name') return [STATES[instance.state].name]
  throw new ServiceError('InvalidParameterValue', `The filter '${name}' is invalid`)
}

const matches = (instance: Instance, filter: Form): boolean => {
  const wanted = texts(filter, 'Value')
  return values(instance, text(filter, 'Name') ?? '').some((value) => wanted.includes(value))
}

const notFound = (ids: readonly string[]): ServiceError =>
  new ServiceError('InvalidInstanceID.NotFound', `The instance IDs '${ids.join(', ')}' do not exist`)

/** The most that EC2 keeps of a console (API: GetConsoleOutput). */
const MOST_OUTPUT = 64 * 1024

/** What an instance wrote to its console, without an `output` while that is nothing. */
const consoleOf = (instance: Instance, isLatest: boolean, { clock, switches }: Account): object => {
  if (isLatest && switches.latestConsole === 'refused')
    throw new ServiceError(
      'UnsupportedOperation',
      'This instance type does not support retrieving the latest console logs.'
    )
  const output = Buffer.from(instance.machine.console?.() ?? '').subarray(-MOST_OUTPUT)
  return {
    instanceId: instance.id,
    timestamp: new Date(clock.now()),
    ...(output.length === 0 ? {} : { output: output.toString('base64') })
  }
}

interface Account {
  accountId: string
  clock: Pick<CloudClock, 'now'>
  switches: Switches
}

/** EC2's instances by id, tag and state, their status checks and consoles; members have the names of EC2's XML. */
export const ec2Operations = (fleets: Fleets, account: Account): QueryOperations => ({
  GetConsoleOutput: (input) => {
    const id = required(input, 'InstanceId')
    const instance = fleets.instance(id)
    if (instance === undefined) throw notFound([id])
    return consoleOf(instance, flag(input, 'Latest'), account)
  },
  DescribeInstances: (input) => ({
    reservationSet: found(fleets, input).map((instance) => ({
      reservationId: `r-${instance.id.slice(2)}`,
      ownerId: account.accountId,
      groupSet: [],
      instancesSet: [answer(instance, launchedAs(instance, account))]
    }))
  }),
  DescribeInstanceStatus: (input) => ({
    instanceStatusSet: found(fleets, input)
      .filter((instance) => flag(input, 'IncludeAllInstances') || STATES[instance.state].name === 'running')
      .map((instance) => statusOf(instance, account))
  })
})

/** Instances by id and filter; one that does not exist is refused. */
const found = (fleets: Fleets, input: Form): Instance[] => {
  const ids = texts(input, 'InstanceId')
  const missing = ids.filter((id) => fleets.instance(id) === undefined)
  if (missing.length > 0) throw notFound(missing)
  return fleets
    .allInstances()
    .filter((instance) => ids.length === 0 || ids.includes(instance.id))
    .filter((instance) => forms(input, 'Filter').every((filter) => matches(instance, filter)))
}

interface Launched {
  profile: object | undefined
  /** Ids of security groups. */
  groups: readonly string[]
}

/** The profile and the security groups of an instance's launch template. */
const launchedAs = (instance: Instance, { accountId, switches }: Account): Launched => {
  const { profile, securityGroups = [] } = instance.template ?? {}
  const isBare = profile === undefined || (instance.isNew && switches.newFleet === 'no-profile')
  return {
    profile: isBare
      ? undefined
      : { arn: `arn:aws:iam::${accountId}:instance-profile/${profile}`, id: 'AIPA0123456789ABCDEF0' },
    groups: securityGroups
  }
}

const isBooting = (instance: Instance, { switches }: Account): boolean =>
  instance.isNew && switches.newFleet === 'slow-boot' && !instance.machine.agentAlive

/** Both status checks initialize until the server has booted (EC2 user guide, "Status checks"). */
const statusOf = (instance: Instance, account: Account): object => {
  const status = { status: isBooting(instance, account) ? 'initializing' : 'ok' }
  return {
    instanceId: instance.id,
    availabilityZone: instance.zone,
    instanceState: STATES[instance.state],
    systemStatus: status,
    instanceStatus: status
  }
}
