import type { CheckedTemplate, HealthyHosts, LaunchTemplateRef, NeighborGroup } from './facts.js'
import { type CheckFinding, ok, problem, warning } from './finding.js'

const AREA = 'Launch template'

/** What follows from a launch template, which is undefined when EC2 does not know it, or not in that version. */
export const templateFindings = (
  { id, version, isName = false }: LaunchTemplateRef,
  template: CheckedTemplate | undefined
): CheckFinding[] => {
  if (template === undefined)
    return [
      problem(
        AREA,
        `${id} has no version ${version}, or does not exist`,
        'No instance can be launched.',
        isName
          ? 'Correct `launch-template` in the setup file, or create it; the stack makes one (docs/setup.md).'
          : 'Give the Auto Scaling group a launch template that exists (`aws autoscaling update-auto-scaling-group --launch-template …`).'
      )
    ]
  return [
    version === '$Latest'
      ? warning(
          AREA,
          `${id} is used in version $Latest, which changes with each new version`,
          'The new instances may then differ from the old ones by more than the code.',
          'Use `$Default`, or the number of a version, unless that is intended.'
        )
      : ok(AREA, `${id} has version ${version}`),
    template.instanceProfile === undefined
      ? problem(
          'Instance profile',
          `${id} names none`,
          'The agent cannot download bundles from S3, so no deployment event ever starts.',
          'Create a version of the launch template with `IamInstanceProfile`.'
        )
      : ok('Instance profile', template.instanceProfile)
  ]
}

/** `active`: statuses of instance refreshes that have not ended (API: InstanceRefreshStatus). */
export const refreshFindings = (fleet: string, active: readonly string[]): CheckFinding[] => [
  active.length === 0
    ? ok('Instance refresh', 'none is running')
    : warning(
        'Instance refresh',
        `${fleet} has one: ${active.join(', ')}`,
        'It replaces instances while they are deployed to.',
        `Wait for its end, or run \`aws autoscaling cancel-instance-refresh --auto-scaling-group-name ${fleet}\`.`
      )
]

/** CodeDeploy puts a hook of each deployment group on an Auto Scaling group (user guide, "Troubleshoot Auto Scaling issues"). */
export const neighborFindings = (
  group: string,
  fleet: string,
  groups: readonly NeighborGroup[]
): CheckFinding[] => {
  const others = groups.filter(
    ({ name, autoScalingGroups }) => name !== group && autoScalingGroups.includes(fleet)
  )
  if (others.length === 0) return [ok('Other deployment groups', `none of the application uses ${fleet}`)]
  const names = others.map(({ name }) => name).join(', ')
  return [
    problem(
      'Other deployment groups',
      `${names} also uses ${fleet}`,
      'Both deploy to each new instance, and the instance is lost when one of them fails.',
      `Give each deployment group an Auto Scaling group of its own, or delete ${names}.`
    )
  ]
}

/** Whether a deployment of `instances` instances can start and succeed (docs/service.md, reference 1.7). */
export const healthyHostFindings = (
  config: string,
  { type, value }: HealthyHosts,
  instances: number
): CheckFinding[] => {
  const all = type === 'FLEET_PERCENT' ? value >= 100 : type === 'HOST_COUNT' && value >= instances
  if (!all) return [ok('Minimum healthy hosts', `${config} lets ${instances} instances be deployed to`)]
  return [
    problem(
      'Minimum healthy hosts',
      `${config} keeps ${type === 'FLEET_PERCENT' ? `${value} %` : value} healthy, of ${instances}`,
      'No instance may fail, or none may be deployed to at all.',
      'Use a configuration with fewer healthy hosts (`aws deploy update-deployment-group --deployment-config-name …`), or more instances.'
    )
  ]
}

/** Copies that a deployment of this group left behind; CodeDeploy names them by a rule (docs/service.md, captures 7). */
export const leftoverFindings = (
  group: string,
  current: readonly string[],
  fleets: readonly string[]
): CheckFinding[] => {
  const left = fleets.filter((name) => name.startsWith(`CodeDeploy_${group}_d-`) && !current.includes(name))
  if (left.length === 0) return [ok('Left-over fleets', 'none')]
  return [
    warning(
      'Left-over fleets',
      left.join(', '),
      'Unless a deployment is running, or keeps its old fleet, they cost money and count against your quotas.',
      'Run `command: cleanup`, which says which of them nothing needs, and deletes those with `dry-run: false`.'
    )
  ]
}
