import { UserError } from '../../errors.js'

/** A listener, and the load balancer that it belongs to. */
export interface PreviewListener {
  arn: string
  /** `HTTP` or `HTTPS`. */
  protocol: string
  port: number
  balancer: {
    name: string
    /** `application`, `network` or `gateway`. */
    type: string
    vpc: string
    securityGroups: readonly string[]
    /** Its own name in DNS. */
    dnsName: string
  }
}

/** The settings of production's target group that a preview's gets too (ELB API: TargetGroup). */
export interface TargetGroupLike {
  name: string
  vpc: string
  protocol: string
  protocolVersion: string | undefined
  port: number
  check: {
    protocol: string | undefined
    port: string | undefined
    path: string | undefined
    codes: string | undefined
    intervalSeconds: number | undefined
    timeoutSeconds: number | undefined
    healthyCount: number | undefined
    unhealthyCount: number | undefined
  }
}

/** What a launch template's default version launches. */
export interface PreviewTemplate {
  /** ARN or name of its instance profile. */
  instanceProfile: string | undefined
  securityGroups: readonly string[]
}

/** A security group's permission for traffic that comes in (EC2 API: IpPermission). */
export interface InboundRule {
  /** `tcp`, `-1` for everything, … */
  protocol: string
  fromPort: number | undefined
  toPort: number | undefined
  fromGroups: readonly string[]
  /** Whether it names addresses; which of them are the balancer's is not known. */
  fromAddresses: boolean
}

/** Everything around an environment that is only read. */
export interface PreviewPlace {
  listener: PreviewListener
  /** Production's target group. */
  like: TargetGroupLike
  /** Subnets of production's Auto Scaling group. */
  subnets: readonly string[]
  template: PreviewTemplate
  /** Instance profiles that production's Auto Scaling group launches with. */
  productionProfiles: readonly string[]
  /** What the template's security groups let in; undefined when it may not be read. */
  inbound: readonly InboundRule[] | undefined
}

/** `arn:aws:iam::111122223333:instance-profile/web` and `web` are one. */
const nameOf = (profile: string): string => profile.split('/').at(-1) ?? profile

const admits = (
  { protocol, fromPort, toPort, fromGroups, fromAddresses }: InboundRule,
  place: PreviewPlace
) =>
  (protocol === '-1' ||
    (protocol === 'tcp' && (fromPort ?? 0) <= place.like.port && (toPort ?? 65_535) >= place.like.port)) &&
  (fromAddresses || fromGroups.some((group) => place.listener.balancer.securityGroups.includes(group)))

/**
 * Why a preview could not answer or would not be apart from production, with what to do; undefined when nothing speaks against it. Unreviewed code must not
 * get what production's instances may do, so a shared instance profile is an objection unless it is wanted.
 */
export const objectionTo = (
  place: PreviewPlace,
  { launchTemplate, sharesRole }: { launchTemplate: string; sharesRole: boolean }
): UserError | undefined => {
  const { listener, like, template, productionProfiles, inbound } = place
  const { balancer } = listener
  if (balancer.type !== 'application')
    return new UserError(
      `The load balancer ${balancer.name} of \`preview-listener-arn\` is of type ${balancer.type}; only an Application Load Balancer tells hosts apart.`,
      'Pass the ARN of a listener of an Application Load Balancer. Nothing was made.'
    )
  if (balancer.vpc !== like.vpc)
    return new UserError(
      `The load balancer ${balancer.name} is in ${balancer.vpc}, and production's target group ${like.name} is in ${like.vpc}; a preview's target group is made like it, and a load balancer reaches only those of its own VPC.`,
      'Pass the ARN of a listener in that VPC as `preview-listener-arn`. Nothing was made.'
    )
  const { instanceProfile } = template
  if (
    !sharesRole &&
    instanceProfile !== undefined &&
    productionProfiles.map(nameOf).includes(nameOf(instanceProfile))
  )
    return new UserError(
      `The launch template ${launchTemplate} has the instance profile ${nameOf(instanceProfile)}, with which production runs, so the code of every pull request would get the rights of production.`,
      'Give the template an instance profile of its own (docs/previews.md), or set `preview-shares-production-role: true` if everybody who can open a pull request may have those rights. Nothing was made.'
    )
  const isKnown =
    inbound !== undefined && template.securityGroups.length > 0 && balancer.securityGroups.length > 0
  if (isKnown && !inbound.some((rule) => admits(rule, place)))
    return new UserError(
      `The security groups of the launch template ${launchTemplate} (${template.securityGroups.join(', ')}) let nothing from the load balancer ${balancer.name} (${balancer.securityGroups.join(', ')}) in on port ${like.port}, so no preview would ever answer.`,
      `Add an inbound rule for port ${like.port} from ${balancer.securityGroups[0] ?? ''}. Nothing was made.`
    )
  return undefined
}

/** The address of a host behind a listener. */
export const addressOf = (
  host: string,
  { protocol, port }: Pick<PreviewListener, 'protocol' | 'port'>
): string => {
  const [scheme, usual] = protocol === 'HTTPS' ? ['https', 443] : ['http', 80]
  return `${scheme}://${host}${port === usual ? '' : `:${port}`}/`
}
