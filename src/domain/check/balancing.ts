import type { CheckedListener, CheckedRule, CheckedTargetGroup, Forward } from './facts.js'
import { type CheckFinding, ok, problem, warning } from './finding.js'

const AREA = 'Target group'
const ROUTES = 'Listeners'
const LONG_DRAIN_SECONDS = 60
/** CodeDeploy ends an event after an hour (docs/service.md, reference 4.5). */
const EVENT_SECONDS = 3600

/** What follows from one target group, which is undefined when the service does not know one of that name. */
export const targetGroupFindings = (name: string, group: CheckedTargetGroup | undefined): CheckFinding[] => {
  if (group === undefined)
    return [
      problem(
        AREA,
        `${name} does not exist`,
        'There is nothing to move the traffic in.',
        'Name the target group of your load balancer (`aws deploy update-deployment-group --load-balancer-info …`), or create it; the stack makes one (docs/setup.md).'
      )
    ]
  const faults = targetGroupFaults(name, group)
  if (faults.length > 0) return faults
  const where = group.port === 'traffic-port' ? 'the port of the application' : `port ${group.port}`
  const what = group.path === '' ? where : `${group.path} on ${where}`
  return [
    group.checksHealth
      ? ok(AREA, `${name} checks ${what}; an instance is healthy after ${healthySeconds(group)} s`)
      : ok(AREA, `${name} checks no health`)
  ]
}

const targetGroupFaults = (name: string, group: CheckedTargetGroup): CheckFinding[] => {
  return [
    ...(group.balancers.length === 0
      ? [
          problem(
            AREA,
            `${name} is attached to no load balancer`,
            'It gets no traffic and checks no health, so no instance ever becomes healthy.',
            'Forward to it from a listener (`aws elbv2 modify-listener …`).'
          )
        ]
      : []),
    ...(group.targetType === 'instance'
      ? []
      : [
          problem(
            AREA,
            `${name} takes targets of type ${group.targetType}`,
            'CodeDeploy registers instances.',
            'Create a target group with `--target-type instance`; the type of an existing one cannot be changed.'
          )
        ])
  ]
}

/** The least time in which a new instance becomes healthy (ELB API: TargetGroup). */
export const healthySeconds = ({
  checksHealth,
  intervalSeconds,
  healthyCount
}: CheckedTargetGroup): number => (checksHealth ? intervalSeconds * healthyCount : 0)

/** A deregistration delay in seconds (docs/service.md, reference 9, item 9). */
export const drainFindings = (name: string, seconds: number): CheckFinding[] => [
  seconds > LONG_DRAIN_SECONDS
    ? warning(
        'Deregistration delay',
        `${seconds} s on ${name}`,
        seconds >= EVENT_SECONDS
          ? 'BlockTraffic takes that long for each batch of instances, and CodeDeploy ends an event after an hour.'
          : 'BlockTraffic takes that long for each batch of instances.',
        'Shorten it to what your longest request takes: `aws elbv2 modify-target-group-attributes --attributes Key=deregistration_delay.timeout_seconds,Value=30 …`.'
      )
    : ok('Deregistration delay', `${seconds} s on ${name}`)
]

/** An instance is registered in each target group of a deployment group (docs/service.md, reference 2.7). */
export const severalFindings = (names: readonly string[]): CheckFinding[] =>
  names.length < 2
    ? []
    : [
        ok(
          'Target groups',
          `each instance is put in each of ${names.join(', ')}, and must become healthy in all of them`
        )
      ]

/** The name in the ARN of a target group, `…:targetgroup/NAME/ID`. */
const nameOf = (arn: string): string => arn.split('/')[1] ?? arn

interface Route {
  where: string
  /** The command that changes it. */
  change: string
  forwards: readonly Forward[]
}

const routesOf = (listeners: readonly (CheckedListener & { rules: readonly CheckedRule[] })[]): Route[] =>
  listeners.flatMap(({ arn, port, forwards, rules }) => [
    {
      where: `port ${port}`,
      change: `aws elbv2 modify-listener --listener-arn ${arn} --default-actions …`,
      forwards
    },
    ...rules.map((rule) => ({
      where: `the rule ${rule.priority} of port ${port}`,
      change: `aws elbv2 modify-rule --rule-arn ${rule.arn} --actions …`,
      forwards: rule.forwards
    }))
  ])

/**
 * Whether visitors reach a target group by the listeners of its load balancers. `managed`: the ARNs of all target groups that the
 * deployment group names. CodeDeploy moves instances in and out of those, and changes neither listeners nor weights
 * (docs/service.md, reference 2.7).
 */
export const routeFindings = (
  { name, arn }: CheckedTargetGroup,
  managed: readonly string[],
  listeners: readonly (CheckedListener & { rules: readonly CheckedRule[] })[]
): CheckFinding[] => {
  const routes = routesOf(listeners).filter(({ forwards }) => forwards.some((one) => one.arn === arn))
  if (routes.length === 0)
    return [
      problem(
        ROUTES,
        `no listener forwards to ${name}`,
        'It gets no traffic and checks no health, so no instance ever becomes healthy.',
        'Forward to it from a listener (`aws elbv2 modify-listener …`).'
      )
    ]
  const findings = routes.flatMap((route) => weightFindings({ name, arn }, managed, route))
  return findings.length > 0
    ? findings
    : [ok(ROUTES, `${name} gets the traffic of ${routes.map(({ where }) => where).join(', ')}`)]
}

const weightFindings = (
  { name, arn }: { name: string; arn: string },
  managed: readonly string[],
  { where, change, forwards }: Route
): CheckFinding[] => {
  const weight = forwards.find((one) => one.arn === arn)?.weight ?? 0
  if (weight === 0)
    return [
      warning(
        ROUTES,
        `${name} has the weight 0 in ${where}`,
        'Visitors do not reach the instances that a deployment puts into it.',
        `Give it a weight (\`${change}\`), unless you are moving the traffic yourself.`
      )
    ]
  const others = forwards.filter((one) => one.weight > 0 && one.arn !== arn && !managed.includes(one.arn))
  if (others.length === 0) return []
  const total = forwards.reduce((sum, one) => sum + one.weight, 0)
  const shares = others.map((one) => `${nameOf(one.arn)} (${one.weight} of ${total})`).join(', ')
  return [
    warning(
      ROUTES,
      `${name} shares the traffic of ${where} with ${shares}`,
      'CodeDeploy does not deploy to the instances there, so those visitors keep what they have.',
      `Forward only to target groups of the deployment group (\`${change}\`), or add the others to it (\`aws deploy update-deployment-group --load-balancer-info …\`).`
    )
  ]
}
