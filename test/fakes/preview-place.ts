import type { PreviewOwner } from '../../src/domain/preview/environment.js'
import type {
  PreviewListener,
  PreviewPlace,
  PreviewTemplate,
  TargetGroupLike
} from '../../src/domain/preview/place.js'
import type { EnvironmentWish } from '../../src/steps/preview-environment.js'
import type { Surroundings } from '../../src/steps/preview-takedown.js'

/** The owner of the previews that tests are about, and another one in the same account. */
export const OWNER: PreviewOwner = { repository: 'example-org/shop', application: 'shop' }
export const OTHER: PreviewOwner = { repository: 'example-org/other', application: 'shop' }

export const LISTENER: PreviewListener = {
  arn: 'arn:aws:elasticloadbalancing:ap-northeast-2:111122223333:listener/app/previews/50dc6c49/f2f7dc8e',
  protocol: 'HTTPS',
  port: 443,
  balancer: {
    name: 'previews',
    type: 'application',
    vpc: 'vpc-1',
    securityGroups: ['sg-balancer'],
    dnsName: 'previews-1.elb.example.com'
  }
}

/** Production's target group. */
export const LIKE: TargetGroupLike = {
  name: 'web-tg',
  vpc: 'vpc-1',
  protocol: 'HTTP',
  protocolVersion: 'HTTP1',
  port: 8080,
  check: {
    protocol: 'HTTP',
    port: 'traffic-port',
    path: '/health',
    codes: '200',
    intervalSeconds: 10,
    timeoutSeconds: 5,
    healthyCount: 2,
    unhealthyCount: 2
  }
}

export const TEMPLATE: PreviewTemplate = { instanceProfile: 'preview', securityGroups: ['sg-preview'] }

/** A place with nothing to object to. */
export const placeOf = (members: Partial<PreviewPlace> = {}): PreviewPlace => ({
  ...{ listener: LISTENER, like: LIKE, template: TEMPLATE, subnets: ['subnet-a', 'subnet-b'] },
  productionProfiles: ['web'],
  inbound: [
    { protocol: 'tcp', fromPort: 8080, toPort: 8080, fromGroups: ['sg-balancer'], fromAddresses: false }
  ],
  ...members
})

export const SURROUNDINGS: Surroundings = {
  owner: OWNER,
  application: 'shop-previews',
  region: 'ap-northeast-2',
  listener: LISTENER.arn
}

export const hostOf = (number: number): string => `pr-${number}.preview.example.com`

export const wishFor = (number: number, members: Partial<EnvironmentWish> = {}): EnvironmentWish => ({
  host: hostOf(number),
  launchTemplate: 'preview-template',
  instances: 1,
  limit: 10,
  serviceRole: 'arn:aws:iam::111122223333:role/previews',
  ...members
})
