import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { admits, PUBLIC, type Network } from './ec2/network.js'
import type { Templates } from './ec2/templates.js'
import { DOCUMENTS } from './identity/documents.js'
import type { Balancers } from './loadbalancing/balancers.js'
import { VPC } from './loadbalancing/model.js'

/** What previews with addresses of their own are made on: a load balancer, a launch template and roles that production does not use. */

/** The names of everything for previews. */
export const PREVIEWS = {
  balancer: 'example-previews',
  launchTemplate: 'ExamplePreviewTemplate',
  serviceRole: 'ExamplePreviewServiceRole',
  instanceRole: 'ExamplePreviewInstanceRole',
  instanceProfile: 'ExamplePreviewInstanceProfile'
} as const

/** The launch template, by ID too, and the security groups of the load balancer and of the instances. */
export const PREVIEW_TEMPLATE_ID = 'lt-0fedcba9876543210'
export const PREVIEW_BALANCER_GROUP = 'sg-0fedcba9876543210'
export const PREVIEW_INSTANCE_GROUP = 'sg-0fedcba9876543211'

const OWN_POLICY = 'preview-service-role-policy.json'

/** The document with the policy of the service role. */
export const previewServicePolicy = (): string =>
  existsSync(join(DOCUMENTS, OWN_POLICY)) ? OWN_POLICY : 'service-role-policy.json'

/** Where the place for previews is. */
export interface PreviewPlace {
  listenerArn: string
  /** Where its listener really listens; a request's Host header says which preview it is for. */
  url: string
}

/** Makes the load balancer with its one listener, which answers 404 until rules are added, and the launch template. */
export const makePreviewPlace = async ({
  balancers,
  network,
  templates
}: {
  balancers: Balancers
  network: Network
  templates: Templates
}): Promise<PreviewPlace> => {
  network.addSecurityGroup({
    ...{ id: PREVIEW_BALANCER_GROUP, name: 'example-previews-balancer', vpcId: VPC, inbound: [PUBLIC] }
  })
  network.addSecurityGroup({
    ...{ id: PREVIEW_INSTANCE_GROUP, name: 'example-previews-instances', vpcId: VPC },
    inbound: [admits(PREVIEW_BALANCER_GROUP)]
  })
  templates.add(
    { id: PREVIEW_TEMPLATE_ID, name: PREVIEWS.launchTemplate },
    { profile: PREVIEWS.instanceProfile, securityGroups: [PREVIEW_INSTANCE_GROUP] }
  )
  const subnets = network.subnets().filter(({ vpcId }) => vpcId === VPC)
  const balancer = balancers.create({
    ...{ name: PREVIEWS.balancer, scheme: 'internet-facing', vpcId: VPC, tags: new Map() },
    subnets: subnets.slice(0, 2).map(({ id }) => id),
    securityGroups: [PREVIEW_BALANCER_GROUP]
  })
  const { arn, plane } = await balancers.listen({
    ...{ balancer, protocol: 'HTTP', asked: 80, tags: new Map() },
    action: { type: 'fixed-response', status: '404', contentType: 'text/plain', body: 'No such preview.\n' }
  })
  return { listenerArn: arn, url: plane.url }
}
