import { VPC } from '../loadbalancing/model.js'

/** Networks, subnets and security groups, which are there from the start; no call makes any. */

export interface Subnet {
  id: string
  vpcId: string
  zone: string
  cidr: string
}

/** One permission of a security group: who may connect to which ports. */
export interface Inbound {
  protocol: 'tcp' | '-1'
  from?: number
  to?: number
  /** Ids of security groups. */
  groups: string[]
  /** IPv4 ranges. */
  ranges: string[]
}

export interface SecurityGroup {
  id: string
  name: string
  vpcId: string
  inbound: Inbound[]
}

export interface Network {
  hasVpc(id: string): boolean
  subnet(id: string): Subnet | undefined
  subnets(): Subnet[]
  /** A test may change what it admits. */
  securityGroup(id: string): SecurityGroup | undefined
  securityGroups(): SecurityGroup[]
  addSecurityGroup(group: SecurityGroup): void
}

/** A second network, in which nothing of the seed is. */
export const OTHER_VPC = 'vpc-0fedcba9876543210'
/** The security groups of the seed: that of its load balancer, and that of the instances behind it. */
export const BALANCER_GROUP = 'sg-0123456789abcdef0'
export const INSTANCE_GROUP = 'sg-0123456789abcdef1'

/** What a load balancer with this security group may connect to: its instances on port 80. */
export const admits = (group: string): Inbound => ({
  ...{ protocol: 'tcp', from: 80, to: 80 },
  ...{ groups: [group], ranges: [] }
})
/** Everybody on port 80. */
export const PUBLIC: Inbound = {
  ...{ protocol: 'tcp', from: 80, to: 80 },
  ...{ groups: [], ranges: ['0.0.0.0/0'] }
}

const subnetsOf = (region: string): Subnet[] => [
  { id: 'subnet-0123456789abcdef0', vpcId: VPC, zone: `${region}a`, cidr: '10.0.0.0/20' },
  { id: 'subnet-0123456789abcdef1', vpcId: VPC, zone: `${region}b`, cidr: '10.0.16.0/20' },
  // As examples of setup files call them.
  { id: 'subnet-1', vpcId: VPC, zone: `${region}a`, cidr: '10.0.32.0/20' },
  { id: 'subnet-2', vpcId: VPC, zone: `${region}b`, cidr: '10.0.48.0/20' },
  { id: 'subnet-0fedcba9876543210', vpcId: OTHER_VPC, zone: `${region}a`, cidr: '10.1.0.0/20' }
]

/** The network of the account. */
export const createNetwork = (region: string): Network => {
  const subnets = new Map(subnetsOf(region).map((subnet) => [subnet.id, subnet]))
  const groups = new Map<string, SecurityGroup>()
  const add = (group: SecurityGroup): void => void groups.set(group.id, group)
  add({ id: BALANCER_GROUP, name: 'example-balancer', vpcId: VPC, inbound: [PUBLIC] })
  add({ id: INSTANCE_GROUP, name: 'example-instances', vpcId: VPC, inbound: [admits(BALANCER_GROUP)] })
  return {
    hasVpc: (id) => id === VPC || id === OTHER_VPC,
    subnet: (id) => subnets.get(id),
    subnets: () => [...subnets.values()],
    securityGroup: (id) => groups.get(id),
    securityGroups: () => [...groups.values()],
    addSecurityGroup: add
  }
}
