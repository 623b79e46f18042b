import { ServiceError, type HealthCheck } from '../contract.js'
import { form, number, required, text, type Form } from '../autoscaling/query.js'
import { groupAnswer } from './answers.js'
import type { BalancingPlane } from './operations.js'
import { readTags } from './tags.js'
import type { GroupWish, TargetGroup } from './target-groups.js'

const wrong = (message: string): ServiceError => new ServiceError('ValidationError', message)

const within = (input: Form, member: string, fallback: number, [least, most]: [number, number]): number => {
  const value = number(input, member) ?? fallback
  if (value < least || value > most)
    throw wrong(`${member} '${value}' must be between '${least}' and '${most}'`)
  return value
}

/** The name of a load balancer or target group (API: CreateTargetGroup, CreateLoadBalancer). */
export const nameOf = (input: Form, what: string): string => {
  const name = required(input, 'Name')
  if (name.length > 32) throw wrong(`${what} name '${name}' cannot be longer than '32' characters`)
  if (!/^[A-Za-z0-9-]+$/.test(name) || name.startsWith('-') || name.endsWith('-'))
    throw wrong(
      `${what} name '${name}' can only contain alphanumeric characters and hyphens, and must not begin or end with a hyphen`
    )
  return name
}

const checkOf = (input: Form): HealthCheck => ({
  path: text(input, 'HealthCheckPath') ?? '/',
  intervalSeconds: within(input, 'HealthCheckIntervalSeconds', 30, [5, 300]),
  timeoutSeconds: within(input, 'HealthCheckTimeoutSeconds', 5, [2, 120]),
  healthyThreshold: within(input, 'HealthyThresholdCount', 5, [2, 10]),
  unhealthyThreshold: within(input, 'UnhealthyThresholdCount', 2, [2, 10]),
  matcher: text(form(input, 'Matcher') ?? {}, 'HttpCode') ?? '200'
})

const wishOf = ({ network }: BalancingPlane, input: Form): Required<GroupWish> => {
  const protocol = required(input, 'Protocol')
  if (protocol !== 'HTTP' && protocol !== 'HTTPS')
    throw wrong(`Protocol '${protocol}' must be one of '[HTTP, HTTPS]' for an Application Load Balancer`)
  const type = text(input, 'TargetType') ?? 'instance'
  if (type !== 'instance') throw wrong(`Target type '${type}' is not simulated`)
  const vpcId = required(input, 'VpcId')
  if (!network.hasVpc(vpcId)) throw wrong(`The VPC ID '${vpcId}' is not found`)
  required(input, 'Port')
  const port = within(input, 'Port', 80, [1, 65_535])
  return { protocol, port, vpcId, check: checkOf(input), tags: readTags(input) }
}

const settings = ({ protocol, port, vpcId, check }: Required<GroupWish> | TargetGroup): string =>
  JSON.stringify([protocol, port, vpcId, Object.entries(check).sort()])

const tagText = (tags: ReadonlyMap<string, string>): string => JSON.stringify([...tags].sort())

/** A second call with the same settings answers the same group; whether tags are among them is not known (a switch). */
export const createGroup = (plane: BalancingPlane, input: Form): object => {
  const { targetGroups, balancers, switches } = plane
  const name = nameOf(input, 'Target group')
  const wish = wishOf(plane, input)
  const known = targetGroups.byName(name)
  const isOther =
    known !== undefined &&
    (settings(known) !== settings(wish) ||
      (switches.sameNameOtherTags === 'refused' && tagText(known.tags) !== tagText(wish.tags)))
  if (isOther)
    throw new ServiceError(
      'DuplicateTargetGroupName',
      `A target group with the same name '${name}' exists, but with different settings`
    )
  const group = known ?? targetGroups.create(name, wish)
  return { TargetGroups: [groupAnswer(group, balancers.using(group.arn))] }
}
