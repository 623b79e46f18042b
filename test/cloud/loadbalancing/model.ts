import type { HealthCheck, ListenerPlane, TargetGroupPlane } from '../contract.js'

/** Load balancers, listeners, rules and target groups as ELBv2 remembers them. */

/** The network of everything in the account. */
export const VPC = 'vpc-0123456789abcdef0'

export interface TargetGroup {
  name: string
  arn: string
  protocol: string
  port: number
  vpcId: string
  check: HealthCheck
  attributes: Map<string, string>
  tags: Map<string, string>
  createdAt: number
  plane: TargetGroupPlane
}

export interface LoadBalancer {
  name: string
  arn: string
  dnsName: string
  scheme: string
  vpcId: string
  subnets: string[]
  securityGroups: string[]
  tags: Map<string, string>
  createdAt: number
}

/** A target group's share of the requests that an action forwards. */
export interface Share {
  arn: string
  weight: number
}

/** The end of a rule: what happens to the request. */
export type Action =
  | { type: 'forward'; groups: readonly Share[]; stickinessSeconds?: number | undefined }
  | { type: 'fixed-response'; status: string; contentType?: string | undefined; body?: string | undefined }
  | {
      type: 'redirect'
      status: 'HTTP_301' | 'HTTP_302'
      protocol: string
      host: string
      port: string
      path: string
      query: string
    }

export type Field =
  'host-header' | 'path-pattern' | 'http-header' | 'query-string' | 'http-request-method' | 'source-ip'

export interface Condition {
  field: Field
  values: readonly string[]
  /** Of `http-header`. */
  header?: string
  /** Of `query-string`, which has these instead of values. */
  pairs?: readonly { key?: string; value: string }[]
}

export interface Rule {
  arn: string
  priority: number
  conditions: readonly Condition[]
  action: Action
  tags: Map<string, string>
}

export interface Listener {
  arn: string
  balancer: LoadBalancer
  protocol: string
  /** The port that the request named; the listener really listens on another one, `url`. */
  asked: number
  action: Action
  /** Lowest priority first. */
  rules: Rule[]
  tags: Map<string, string>
  plane: ListenerPlane
}

/** The groups that an action forwards to. */
export const groupsOf = (action: Action): readonly string[] =>
  action.type === 'forward' ? action.groups.map(({ arn }) => arn) : []
