import { noSuchTemplate } from '../../autoscaling/launch.js'
import type { BrokenRole } from '../state.js'

/** Ends a deployment as Failed, with errorInformation in the service's wording (docs/service.md, reference 1.6). */
export class DeploymentFailure extends Error {
  override readonly name = 'DeploymentFailure'
  readonly code: string
  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

/** Too many instances failed; the message is the service's own. */
export const healthConstraints = (): DeploymentFailure =>
  new DeploymentFailure(
    'HEALTH_CONSTRAINTS',
    'The overall deployment failed because too many individual instances failed deployment, too few healthy instances are available for deployment, or some instances in your deployment group are experiencing problems.'
  )

/** Blue has no instance in service, so there is no size to copy. */
export const noBlueInstances = (): DeploymentFailure =>
  new DeploymentFailure(
    'NO_INSTANCES',
    'The deployment failed because no instances were found in your blue fleet.'
  )

/** An in-place group matches no instance. */
export const noInstances = (): DeploymentFailure =>
  new DeploymentFailure(
    'NO_INSTANCES',
    'The deployment failed because no instances were found for your deployment group. Check your deployment group settings to make sure the tags for your EC2 instances or Auto Scaling groups correctly identify the instances you want to deploy to, and then try again.'
  )

/**
 * The service role may not launch from a launch template; reported as an Auto Scaling permission (docs/service.md, captures 9).
 */
export const roleCannotLaunch = (role: string): DeploymentFailure => roleCannot(role, 'AmazonAutoScaling')

/** The service role may not read alarms. The sentence is the one for Auto Scaling; nobody has seen this one. */
export const roleCannotReadAlarms = (role: string): DeploymentFailure => roleCannot(role, 'AmazonCloudWatch')

/** The service role is gone or cannot be assumed; the messages follow the documentation (UG: error-codes). */
export const roleIsBroken = (role: string, how: BrokenRole): DeploymentFailure =>
  how === 'gone'
    ? new DeploymentFailure(
        'IAM_ROLE_MISSING',
        'The deployment failed because no service role exists with the service role name specified for the deployment group. Make sure you are using the correct service role name.'
      )
    : new DeploymentFailure(
        'IAM_ROLE_PERMISSIONS',
        `AWS CodeDeploy does not have the permissions required to assume the role ${role}.`
      )

/** Auto Scaling refuses the copy, because its launch template is gone. Nobody has seen the code or the message (a switch). */
export const templateIsGone = (code: string, id: string): DeploymentFailure =>
  new DeploymentFailure(code, noSuchTemplate(id))

const roleCannot = (role: string, service: string): DeploymentFailure =>
  new DeploymentFailure(
    'IAM_ROLE_PERMISSIONS',
    `The IAM role ${role} does not give you permission to perform operations in the following AWS service: ${service}. Contact your AWS administrator if you need help. If you are an AWS administrator, you can grant permissions to your users or groups by creating IAM policies.`
  )
