import type { CheckedFleet, CheckedGroup, CheckedHook } from './facts.js'
import { type CheckFinding, ok, problem, warning } from './finding.js'
import { kindOf } from './group.js'

const AREA = 'Auto Scaling group'
/** The start of each name that CodeDeploy gives to a launch hook. */
const MANAGED_HOOK = 'CodeDeploy-managed-automatic-launch-deployment-hook-'

/** What follows from an Auto Scaling group, which is undefined when the service does not know one of that name. */
export const fleetFindings = (
  name: string,
  fleet: CheckedFleet | undefined,
  { group, planned }: CheckedGroup
): CheckFinding[] => {
  if (fleet === undefined && planned !== undefined) return [unmadeFinding(name, planned.create !== undefined)]
  if (fleet === undefined)
    return [
      problem(
        AREA,
        `${name} does not exist`,
        'CodeDeploy has nothing to deploy to.',
        'Give the deployment group the Auto Scaling group that serves now (`aws deploy update-deployment-group --auto-scaling-groups …`).'
      )
    ]
  const copies = kindOf(group) === 'copy'
  return [
    ...stateFindings(fleet),
    ...suspendedFindings(fleet),
    ...(copies && group.waits.blueAction === 'TERMINATE' ? [protectionFinding(fleet)] : []),
    ...(copies ? copyFindings(fleet) : [])
  ]
}

/** One that the setup file names. */
const unmadeFinding = (name: string, isCreated: boolean): CheckFinding =>
  problem(
    AREA,
    `${name} does not exist yet`,
    'CodeDeploy has nothing to deploy to.',
    isCreated
      ? 'Run `command: setup` with `dry-run: false`, which creates it as the setup file says.'
      : 'Add `create` to `auto-scaling-group` in the setup file, and run `command: setup` with `dry-run: false`; or create the Auto Scaling group.'
  )

const stateFindings = ({ name, instances, desired, status }: CheckedFleet): CheckFinding[] => {
  const inService = instances.length
  if (status !== undefined)
    return [
      problem(
        AREA,
        `${name}: ${status}`,
        'It will be gone before it can be deployed to.',
        'Give the deployment group the Auto Scaling group that serves now.'
      )
    ]
  if (inService === 0)
    return [
      problem(
        AREA,
        `${name} has no instance in service`,
        'CodeDeploy copies as many instances as there are, so a deployment would have none.',
        `Set its desired capacity to 1 or more: \`aws autoscaling set-desired-capacity --auto-scaling-group-name ${name} --desired-capacity 1\`.`
      )
    ]
  if (inService !== desired)
    return [
      warning(
        AREA,
        `${name} has ${inService} of ${desired} instances in service`,
        'It is scaling, or cannot launch what it lacks.',
        `Wait until it has them; \`aws autoscaling describe-scaling-activities --auto-scaling-group-name ${name}\` says what it does.`
      )
    ]
  return [ok(AREA, `${name} has all ${desired} instances in service`)]
}

const suspendedFindings = ({ name, suspended }: CheckedFleet): CheckFinding[] => {
  if (suspended.length === 0) return [ok('Scaling processes', 'none is suspended')]
  const resume = `\`aws autoscaling resume-processes --auto-scaling-group-name ${name} --scaling-processes ${suspended.join(' ')}\``
  const found = `${suspended.join(', ')} suspended`
  return suspended.includes('Launch')
    ? [problem('Scaling processes', found, 'Without Launch, no new instance starts.', `Run ${resume}.`)]
    : [
        warning(
          'Scaling processes',
          found,
          'A suspended process can break a deployment.',
          `Run ${resume}, unless that is intended.`
        )
      ]
}

/** CodeDeploy deletes blue with ForceDelete (docs/service.md, captures 7). */
const protectionFinding = ({ name, deletionProtection }: CheckedFleet): CheckFinding =>
  deletionProtection === 'none'
    ? ok('Deletion protection', 'off, so CodeDeploy can delete the old group')
    : problem(
        'Deletion protection',
        `${name} has ${deletionProtection}`,
        'CodeDeploy deletes the old group by force after a deployment, which the protection refuses.',
        `Run \`aws autoscaling update-auto-scaling-group --auto-scaling-group-name ${name} --deletion-protection none\`.`
      )

const copyFindings = ({ name, warmPool, mixedInstances }: CheckedFleet): CheckFinding[] => [
  ...(warmPool
    ? [
        warning(
          'Warm pool',
          `${name} has one`,
          "CodeDeploy's launch hook and a warm pool do not work together reliably.",
          `Remove it if deployments hang: \`aws autoscaling delete-warm-pool --auto-scaling-group-name ${name}\`.`
        )
      ]
    : []),
  ...(mixedInstances
    ? [
        warning(
          'Mixed instances',
          `${name} has a mixed instances policy`,
          'Whether CodeDeploy copies it is not documented.',
          'Look at the new Auto Scaling group after the first deployment.'
        )
      ]
    : [])
]

/** Compares the launch hooks of a fleet with those that the deployment group knows. */
export const hookFindings = (
  fleet: string,
  hooks: readonly CheckedHook[],
  { hooks: known }: CheckedGroup
): CheckFinding[] => {
  const names = hooks.map(({ name }) => name)
  const missing = known.filter((name) => !names.includes(name))
  const others = names.filter((name) => name.startsWith(MANAGED_HOOK) && !known.includes(name))
  if (missing.length + others.length === 0)
    return [ok('Launch hooks', 'those of the deployment group, and no left-over one')]
  return [
    ...missing.map((name) =>
      problem(
        'Launch hooks',
        `${fleet} lacks ${name}`,
        'Instances that it launches when it scales out get no code.',
        'Update the deployment group with the same Auto Scaling group (`aws deploy update-deployment-group --auto-scaling-groups …`); CodeDeploy then adds the hook again.'
      )
    ),
    ...others.map((name) =>
      warning(
        'Launch hooks',
        `${fleet} has ${name}, which is not of this deployment group`,
        'If its deployment group is gone, each launch waits for it in vain and is abandoned.',
        `If no other deployment group uses it: \`aws autoscaling delete-lifecycle-hook --auto-scaling-group-name ${fleet} --lifecycle-hook-name ${name}\`.`
      )
    )
  ]
}
