import { ServiceError, type QueryOperations } from '../contract.js'
import { forms, number, paged, required, text, texts, type Form } from '../autoscaling/query.js'
import { readAction } from './actions.js'
import { listenerAnswer } from './answers.js'
import type { LoadBalancer } from './model.js'
import type { BalancingPlane } from './operations.js'
import { readTags } from './tags.js'

const balancerOf = ({ balancers }: BalancingPlane, arn: string): LoadBalancer => {
  const found = balancers.all().find((balancer) => balancer.arn === arn)
  if (found === undefined)
    throw new ServiceError('LoadBalancerNotFound', `One or more load balancers not found: '${arn}'`)
  return found
}

const describe = (plane: BalancingPlane, input: Form): object => {
  const [balancer, arns] = [text(input, 'LoadBalancerArn'), texts(input, 'ListenerArns')]
  if ((balancer === undefined) === (arns.length === 0))
    throw new ServiceError(
      'ValidationError',
      'You must specify either listener ARNs or a load balancer ARN, and not both'
    )
  const one = balancer === undefined ? undefined : balancerOf(plane, balancer)
  const found =
    one === undefined
      ? arns.map((arn) => plane.balancers.listener(arn))
      : plane.balancers.listeners().filter((listener) => listener.balancer === one)
  const size = number(input, 'PageSize') ?? plane.pageSize
  const { page, next } = paged(found, text(input, 'Marker'), size)
  return { Listeners: page.map(listenerAnswer), NextMarker: next }
}

const protocolOf = (input: Form): string => {
  const protocol = required(input, 'Protocol')
  if (protocol !== 'HTTP' && protocol !== 'HTTPS')
    throw new ServiceError('UnsupportedProtocol', `Protocol '${protocol}' must be one of '[HTTP, HTTPS]'`)
  if (protocol === 'HTTPS' && forms(input, 'Certificates').length === 0)
    throw new ServiceError('ValidationError', 'A certificate must be specified for HTTPS listeners')
  return protocol
}

const create = async (plane: BalancingPlane, input: Form): Promise<object> => {
  const balancer = balancerOf(plane, required(input, 'LoadBalancerArn'))
  const [protocol, action, tags] = [protocolOf(input), readAction(input, 'DefaultActions'), readTags(input)]
  required(input, 'Port')
  const asked = number(input, 'Port') ?? 0
  if (asked < 1 || asked > 65_535)
    throw new ServiceError('ValidationError', `Port '${asked}' must be between '1' and '65535'`)
  const known = plane.balancers
    .listeners()
    .find((listener) => listener.balancer === balancer && listener.asked === asked)
  if (known !== undefined)
    throw new ServiceError('DuplicateListener', `A listener already exists on this port: ${asked}`)
  const listener = await plane.balancers.listen({ balancer, protocol, asked, action, tags })
  return { Listeners: [listenerAnswer(listener)] }
}

/** Listeners: create, read, change the default action, delete. */
export const listenerOperations = (plane: BalancingPlane): QueryOperations => ({
  CreateListener: (input) => create(plane, input),
  DescribeListeners: (input) => describe(plane, input),
  ModifyListener: (input) => {
    const listener = plane.balancers.listener(required(input, 'ListenerArn'))
    if (forms(input, 'DefaultActions').length > 0)
      plane.balancers.setDefault(listener, readAction(input, 'DefaultActions'))
    return { Listeners: [listenerAnswer(listener)] }
  },
  DeleteListener: async (input) => {
    await plane.balancers.unlisten(plane.balancers.listener(required(input, 'ListenerArn')))
    return {}
  }
})
