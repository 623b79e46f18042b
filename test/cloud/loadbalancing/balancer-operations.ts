import { ServiceError, type QueryOperations } from '../contract.js'
import { number, paged, required, text, texts, type Form } from '../autoscaling/query.js'
import { balancerAnswer } from './answers.js'
import { nameOf } from './create-group.js'
import type { LoadBalancer } from './model.js'
import type { BalancingPlane } from './operations.js'
import { readTags } from './tags.js'

const answerOf = ({ network }: BalancingPlane, balancer: LoadBalancer): object =>
  balancerAnswer(balancer, (subnet) => network.subnet(subnet)?.zone ?? '')

const describe = (plane: BalancingPlane, input: Form): object => {
  const { balancers, pageSize } = plane
  const [arns, names] = [texts(input, 'LoadBalancerArns'), texts(input, 'Names')]
  const found = balancers
    .all()
    .filter(({ arn }) => arns.length === 0 || arns.includes(arn))
    .filter(({ name }) => names.length === 0 || names.includes(name))
  if (found.length < arns.length + names.length) {
    throw new ServiceError(
      'LoadBalancerNotFound',
      `One or more load balancers not found: ${[...arns, ...names].join(', ')}`
    )
  }
  const { page, next } = paged(found, text(input, 'Marker'), number(input, 'PageSize') ?? pageSize)
  return { LoadBalancers: page.map((balancer) => answerOf(plane, balancer)), NextMarker: next }
}

/** Two subnets at least, in different zones (API: CreateLoadBalancer). */
const subnetsOf = ({ network }: BalancingPlane, input: Form): string[] => {
  const subnets = texts(input, 'Subnets')
  const missing = subnets.find((id) => network.subnet(id) === undefined)
  if (missing !== undefined)
    throw new ServiceError('SubnetNotFound', `The subnet ID '${missing}' does not exist`)
  if (new Set(subnets.map((id) => network.subnet(id)?.zone)).size < 2)
    throw new ServiceError(
      'ValidationError',
      'At least two subnets in two different Availability Zones must be specified'
    )
  return subnets
}

const create = (plane: BalancingPlane, input: Form): object => {
  const { balancers, network } = plane
  const type = text(input, 'Type') ?? 'application'
  if (type !== 'application')
    throw new ServiceError('NotSimulated', `The local cloud has no load balancers of type '${type}'.`, 501)
  const name = nameOf(input, 'Load balancer')
  const subnets = subnetsOf(plane, input)
  const securityGroups = texts(input, 'SecurityGroups')
  const missing = securityGroups.find((id) => network.securityGroup(id) === undefined)
  if (missing !== undefined)
    throw new ServiceError('InvalidSecurityGroup', `The security group '${missing}' does not exist`)
  const wish = {
    ...{ name, subnets, securityGroups, tags: readTags(input) },
    scheme: text(input, 'Scheme') ?? 'internet-facing',
    vpcId: network.subnet(subnets[0] ?? '')?.vpcId ?? ''
  }
  const known = balancers.all().find((one) => one.name === name)
  const same = (one: Pick<LoadBalancer, 'scheme' | 'subnets' | 'securityGroups'>): string =>
    JSON.stringify([one.scheme, [...one.subnets].sort(), [...one.securityGroups].sort()])
  if (known !== undefined && same(known) !== same(wish))
    throw new ServiceError(
      'DuplicateLoadBalancerName',
      `A load balancer with the same name '${name}' exists, but with different settings`
    )
  return { LoadBalancers: [answerOf(plane, known ?? balancers.create(wish))] }
}

/** Load balancers: create, read, delete. */
export const balancerOperations = (plane: BalancingPlane): QueryOperations => ({
  CreateLoadBalancer: (input) => create(plane, input),
  DescribeLoadBalancers: (input) => describe(plane, input),
  // One that is gone is no error (API: DeleteLoadBalancer).
  DeleteLoadBalancer: async (input) => {
    await plane.balancers.remove(required(input, 'LoadBalancerArn'))
    return {}
  }
})
