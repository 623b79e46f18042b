import { factsOf, isDenied } from '../domain/fault.js'
import type { DeploymentGroup } from '../domain/group.js'
import { objectionTo, type PreviewPlace } from '../domain/preview/place.js'
import { allowIt } from '../domain/rights.js'
import { UserError } from '../errors.js'
import type { PreviewServices } from '../preview-port.js'

/** What a preview is given, and how far it may be like production. */
export interface PlaceWish {
  listener: string
  /** Name or id. */
  launchTemplate: string
  sharesRole: boolean
}

/** Reads what is around an environment, and refuses a place in which a preview would not answer or not be apart from production. Changes nothing. */
export const readPreviewPlace = async (
  wish: PlaceWish,
  production: DeploymentGroup,
  { services, tell }: { services: PreviewServices; tell: (line: string) => void }
): Promise<PreviewPlace> => {
  const { balancing, fleets } = services
  const [listener, like, launches, template] = await Promise.all([
    balancing.listener(wish.listener),
    targetGroupOf(production, services),
    launchesOf(production, services),
    fleets.template(wish.launchTemplate)
  ])
  if (listener === undefined)
    throw new UserError(
      `There is no listener ${wish.listener}.`,
      'Correct `preview-listener-arn`: `aws elbv2 describe-listeners --load-balancer-arn …` shows the ARNs. Nothing was made.'
    )
  if (template === undefined)
    throw new UserError(
      `There is no launch template ${wish.launchTemplate} in this region.`,
      'Correct `preview-launch-template`: `aws ec2 describe-launch-templates` shows their names and ids. Nothing was made.'
    )
  const place = {
    ...{ listener, like, template, subnets: launches.subnets },
    productionProfiles: await profilesOf(launches.templates, services),
    inbound: await inboundOf(template.securityGroups, { services, tell })
  }
  const objection = objectionTo(place, wish)
  if (objection !== undefined) throw objection
  return place
}

/** A preview's target group is made like production's first. */
const targetGroupOf = async (
  { targetGroups, application, name }: DeploymentGroup,
  { balancing }: PreviewServices
): Promise<PreviewPlace['like']> => {
  const [first] = targetGroups
  const found = first === undefined ? undefined : await balancing.targetGroup(first)
  if (found !== undefined) return found
  throw new UserError(
    first === undefined
      ? `${application}/${name} has no target group, from which a preview would get its port and its health check.`
      : `The target group ${first} of ${application}/${name} does not exist.`,
    'Previews with addresses of their own need a production group behind an Application Load Balancer. Nothing was made.'
  )
}

const launchesOf = async (
  { autoScalingGroups, application, name }: DeploymentGroup,
  { fleets }: PreviewServices
): Promise<{ subnets: string[]; templates: string[] }> => {
  const [first] = autoScalingGroups
  const found = first === undefined ? undefined : await fleets.launches(first)
  if (found !== undefined) return found
  throw new UserError(
    first === undefined
      ? `${application}/${name} has no Auto Scaling group, whose subnets a preview's instances would use.`
      : `The Auto Scaling group ${first} of ${application}/${name} does not exist.`,
    'Point the deployment group at the Auto Scaling group that serves now. Nothing was made.'
  )
}

/** Production's templates by id; one that is gone gives nobody rights. */
const profilesOf = async (templates: readonly string[], { fleets }: PreviewServices): Promise<string[]> => {
  const found = await Promise.all(templates.map((template) => fleets.template(template)))
  return found.flatMap((template) => template?.instanceProfile ?? [])
}

/** Undefined when security groups may not be read; then a preview that never answers is the first to say so. */
const inboundOf = async (
  securityGroups: readonly string[],
  { services, tell }: { services: PreviewServices; tell: (line: string) => void }
): Promise<PreviewPlace['inbound']> => {
  if (securityGroups.length === 0) return undefined
  try {
    return await services.fleets.inbound(securityGroups)
  } catch (error) {
    if (isDenied(error)) {
      tell(`Whether the load balancer reaches the instances was not checked. To check it, ${allowIt(error)}.`)
      return undefined
    }
    if (!/^InvalidGroup/.test(factsOf(error).name)) throw error
    throw new UserError(
      `The launch template names a security group that does not exist: ${securityGroups.join(', ')}.`,
      'Correct the launch template. Nothing was made.'
    )
  }
}
