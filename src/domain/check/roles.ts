import type { CheckedRole } from './facts.js'
import { type CheckFinding, ok, problem, warning } from './finding.js'

const SERVICE_ROLE = 'Service role'
const SERVICE_RIGHTS = 'Rights of the service role'
const INSTANCE_RIGHTS = 'Rights of the instances'

/** `codedeploy.amazonaws.com`, that of one region, or of China (user guide, "Create a service role for CodeDeploy"). */
const CODEDEPLOY = /^codedeploy(\.[a-z0-9-]+)?\.amazonaws\.com(\.cn)?$/

/** The last part of the ARN of a role or of an instance profile, which is its name. */
export const nameIn = (arn: string): string => arn.split('/').at(-1) ?? arn

/** Whether CodeDeploy can assume the service role, which is undefined when IAM does not know one of that name. */
export const serviceRoleFindings = (arn: string, role: CheckedRole | undefined): CheckFinding[] => {
  const name = nameIn(arn)
  const why =
    'CodeDeploy cannot act for the deployment group, so every deployment ends with IAM_ROLE_MISSING or IAM_ROLE_PERMISSIONS.'
  if (role === undefined)
    return [
      problem(
        SERVICE_ROLE,
        `${name} does not exist`,
        why,
        'Create it, with AWSCodeDeployRole and docs/iam/service-role-policy.json (docs/setup-by-hand.md); the stack makes one (docs/setup.md).'
      )
    ]
  return role.trusted.some((service) => CODEDEPLOY.test(service))
    ? [ok(SERVICE_ROLE, `CodeDeploy may assume ${name}`)]
    : [
        problem(
          SERVICE_ROLE,
          `${name} does not trust codedeploy.amazonaws.com, only ${role.trusted.join(', ') || 'no service'}`,
          why,
          `Let the service codedeploy.amazonaws.com assume it: \`aws iam update-assume-role-policy --role-name ${name} …\`.`
        )
      ]
}

/** What CodeDeploy needs for a copy whose instances come from a launch template (user guide, same page): AWSCodeDeployRole has none of it. */
export const LAUNCH_ACTIONS = ['ec2:RunInstances', 'ec2:CreateTags']
export const PASS_ACTION = 'iam:PassRole'

/** A simulation does not know every condition of a live call, so a refusal is only a warning. */
export const serviceRightsFindings = (arn: string, refused: readonly string[]): CheckFinding[] => [
  refused.length === 0
    ? ok(SERVICE_RIGHTS, `${nameIn(arn)} may launch instances from the launch template`)
    : warning(
        SERVICE_RIGHTS,
        `IAM's simulation refuses ${nameIn(arn)} ${refused.join(', ')}`,
        'CodeDeploy could then not launch the new fleet, and every deployment would fail at its start.',
        'Give the role docs/iam/service-role-policy.json, with the role of your instances.'
      )
]

/** Whether instances may download bundles; a policy of the bucket could allow what the role's own do not. */
export const instanceRightsFindings = (
  arn: string,
  objects: string,
  refused: readonly string[]
): CheckFinding[] => [
  refused.length === 0
    ? ok(INSTANCE_RIGHTS, `${nameIn(arn)} may read ${objects}`)
    : warning(
        INSTANCE_RIGHTS,
        `IAM's simulation refuses ${nameIn(arn)} ${refused.join(', ')} on ${objects}`,
        'Unless the bucket allows it, DownloadBundle fails on every instance.',
        'Give the role docs/iam/instance-policy.json.'
      )
]

/** The profile that a launch template names. */
export const profileRoleFindings = (profile: string): CheckFinding[] => [
  problem(
    'Instance profile',
    `${profile} does not exist, or has no role`,
    'The agent cannot download bundles from S3, so no deployment event ever starts.',
    `Give it a role: \`aws iam add-role-to-instance-profile --instance-profile-name ${profile} --role-name …\`.`
  )
]
