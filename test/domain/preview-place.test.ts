import { describe, expect, test } from '@jest/globals'
import {
  addressOf,
  type InboundRule,
  objectionTo,
  type PreviewListener,
  type PreviewPlace
} from '../../src/domain/preview/place.js'
import { LIKE, LISTENER, placeOf, TEMPLATE } from '../fakes/preview-place.js'

const objection = (members: Partial<PreviewPlace> = {}, sharesRole = false) =>
  objectionTo(placeOf(members), { launchTemplate: 'festival-preview', sharesRole })

const balancer = (members: Partial<PreviewListener['balancer']>): PreviewListener => ({
  ...LISTENER,
  balancer: { ...LISTENER.balancer, ...members }
})

const inbound = (members: Partial<InboundRule> = {}): InboundRule => ({
  ...{ protocol: 'tcp', fromPort: 8080, toPort: 8080, fromGroups: ['sg-balancer'], fromAddresses: false },
  ...members
})

test('nothing speaks against an ordinary place', () => expect(objection()).toBeUndefined())

test.each(['network', 'gateway'])('a %s load balancer cannot tell hosts apart', (type) => {
  expect(objection({ listener: balancer({ type }) })).toMatchObject({
    message: `The load balancer previews of \`preview-listener-arn\` is of type ${type}; only an Application Load Balancer tells hosts apart.`,
    hint: 'Pass the ARN of a listener of an Application Load Balancer. Nothing was made.'
  })
})

test('a load balancer in another VPC reaches no preview', () => {
  expect(objection({ listener: balancer({ vpc: 'vpc-2' }) })?.message).toBe(
    "The load balancer previews is in vpc-2, and production's target group web-tg is in vpc-1; a preview's target group is made like it, and a load balancer reaches only those of its own VPC."
  )
})

describe('the instance profile of production', () => {
  const shared = (instanceProfile: string | undefined, productionProfiles: string[]) =>
    ({ template: { ...TEMPLATE, instanceProfile }, productionProfiles }) as const

  test.each([
    ['web', ['web']],
    ['web', ['api', 'arn:aws:iam::111122223333:instance-profile/web']],
    ['arn:aws:iam::111122223333:instance-profile/team/web', ['web']],
    ['arn:aws:iam::111122223333:instance-profile/web', ['arn:aws:iam::111122223333:instance-profile/web']]
  ])('is not for code that nobody has reviewed: %s, %j', (profile, production) => {
    const found = objection(shared(profile, production))
    expect(found?.message).toBe(
      'The launch template festival-preview has the instance profile web, with which production runs, so the code of every pull request would get the rights of production.'
    )
    expect(found?.hint).toContain('`preview-shares-production-role: true`')
    expect(objection(shared(profile, production), true)).toBeUndefined()
  })

  test.each([
    ['preview', ['web']],
    ['webs', ['web']],
    ['preview', []],
    [undefined, ['web']]
  ])('is not that of a template with %s, beside %j', (profile, production) => {
    expect(objection(shared(profile, production))).toBeUndefined()
  })
})

describe('the load balancer gets in', () => {
  test.each<[string, Partial<InboundRule>]>([
    ['on exactly the port', {}],
    ['on a range of ports', { fromPort: 8000, toPort: 9000 }],
    ['at the end of a range', { fromPort: 8000, toPort: 8080 }],
    ['at the start of a range', { fromPort: 8080, toPort: 9000 }],
    ['on every TCP port', { fromPort: undefined, toPort: undefined }],
    ['on everything', { protocol: '-1', fromPort: undefined, toPort: undefined }],
    ['from addresses, which may be its own', { fromGroups: [], fromAddresses: true }],
    ['by one of several groups', { fromGroups: ['sg-x', 'sg-balancer'] }]
  ])('%s', (_, rule) =>
    expect(objection({ inbound: [inbound({ protocol: 'udp' }), inbound(rule)] })).toBeUndefined()
  )

  test.each<[string, Partial<PreviewPlace>]>([
    ['when security groups may not be read', { inbound: undefined }],
    ['of a template without security groups', { inbound: [], template: { ...TEMPLATE, securityGroups: [] } }],
    ['when it has no security groups', { inbound: [], listener: balancer({ securityGroups: [] }) }]
  ])('as far as is known %s', (_, members) => expect(objection(members)).toBeUndefined())
})

describe('the load balancer does not get in', () => {
  test.each<[string, InboundRule[]]>([
    ['without a rule', []],
    ['below the range', [inbound({ fromPort: 8081, toPort: 9000 })]],
    ['above the range', [inbound({ fromPort: 8000, toPort: 8079 })]],
    ['over UDP', [inbound({ protocol: 'udp' })]],
    ['over ICMP', [inbound({ protocol: 'icmp', fromPort: -1, toPort: -1 })]],
    ['from another group', [inbound({ fromGroups: ['sg-x'] })]],
    ['from nowhere', [inbound({ fromGroups: [] })]],
    ['on everything from another group', [inbound({ protocol: '-1', fromGroups: ['sg-x'] })]],
    [
      'where port and group are in different rules',
      [inbound({ fromGroups: ['sg-x'] }), inbound({ fromPort: 1, toPort: 2 })]
    ]
  ])('%s', (_, rules) => {
    expect(objection({ inbound: rules })).toMatchObject({
      message:
        'The security groups of the launch template festival-preview (sg-preview) let nothing from the load balancer previews (sg-balancer) in on port 8080, so no preview would ever answer.',
      hint: 'Add an inbound rule for port 8080 from sg-balancer. Nothing was made.'
    })
  })

  test('on the port of production, whatever that is', () => {
    expect(objection({ like: { ...LIKE, port: 80 } })?.message).toContain('in on port 80,')
  })
})

test.each([
  ['HTTPS', 443, 'https://pr-7.example.com/'],
  ['HTTPS', 8443, 'https://pr-7.example.com:8443/'],
  ['HTTPS', 80, 'https://pr-7.example.com:80/'],
  ['HTTP', 80, 'http://pr-7.example.com/'],
  ['HTTP', 8080, 'http://pr-7.example.com:8080/'],
  ['HTTP', 443, 'http://pr-7.example.com:443/']
])('%s on port %i is opened at %s', (protocol, port, address) => {
  expect(addressOf('pr-7.example.com', { protocol, port })).toBe(address)
})
