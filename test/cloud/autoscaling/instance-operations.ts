import { ServiceError, type QueryOperations } from '../contract.js'
import type { Fleets } from './fleets.js'
import type { Instance, InstanceState } from './model.js'
import { forms, text, texts, type Form } from './query.js'

const STATES: Record<InstanceState, { code: number; name: string }> = {
  Pending: { code: 0, name: 'pending' },
  'Pending:Wait': { code: 16, name: 'running' },
  'Pending:Proceed': { code: 16, name: 'running' },
  InService: { code: 16, name: 'running' },
  Terminating: { code: 32, name: 'shutting-down' },
  Terminated: { code: 48, name: 'terminated' }
}

const answer = (instance: Instance): object => ({
  instanceId: instance.id,
  instanceType: 't3.micro',
  instanceState: STATES[instance.state],
  privateIpAddress: instance.machine.address.host,
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

/** EC2's DescribeInstances, by id, tag and state; members have the names of EC2's XML. */
export const ec2Operations = (fleets: Fleets, accountId: string): QueryOperations => ({
  DescribeInstances: (input) => {
    const ids = texts(input, 'InstanceId')
    const missing = ids.filter((id) => fleets.instance(id) === undefined)
    if (missing.length > 0) {
      throw new ServiceError(
        'InvalidInstanceID.NotFound',
        `The instance IDs '${missing.join(', ')}' do not exist`
      )
    }
    const found = fleets
      .allInstances()
      .filter((instance) => ids.length === 0 || ids.includes(instance.id))
      .filter((instance) => forms(input, 'Filter').every((filter) => matches(instance, filter)))
    return {
      reservationSet: found.map((instance) => ({
        reservationId: `r-${instance.id.slice(2)}`,
        ownerId: accountId,
        groupSet: [],
        instancesSet: [answer(instance)]
      }))
    }
  }
})
