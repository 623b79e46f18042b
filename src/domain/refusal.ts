import { UserError } from '../errors.js'
import { factsOf, faultOf, isDenied } from './fault.js'
import { networkAdvice } from './network-advice.js'
import { allowIt } from './rights.js'

/** What to do about an exception of the service, by its name (docs/service.md, reference 4.6 and 7). */
const ADVICE: Record<string, string> = {
  ApplicationDoesNotExistException:
    'Check `application-name`, and that `aws-region` and the account are those of the application. `command: setup` makes one that does not exist yet.',
  DeploymentGroupDoesNotExistException:
    'Check `deployment-group-name`, and that `aws-region` and the account are those of the group. `command: setup` makes one that does not exist yet.',
  DeploymentConfigDoesNotExistException:
    'Check `deployment-config-name`; a configuration of your own exists in one region only.',
  RevisionDoesNotExistException:
    'Check `s3-bucket` and `s3-prefix`; the bundle may have been deleted in the meantime.',
  RevisionRequiredException: 'The service did not accept the revision. Check `s3-bucket` and `source`.',
  InvalidRevisionException:
    'The service did not accept the revision. EC2 instances take zip, tgz and tar from S3.',
  InvalidRoleException:
    'Check the service role of the deployment group: that it exists, that its trust policy names codedeploy.amazonaws.com, and that AWSCodeDeployRole is attached. CodeDeploy cannot assume it, or it lacks permissions for Auto Scaling.',
  InvalidAutoScalingGroupException:
    "The group's Auto Scaling group is gone, or `green-auto-scaling-group` names one that does not exist. Point the deployment group at the one that serves now.",
  InvalidTargetInstancesException:
    'Check `green-auto-scaling-group` or `green-tags`, that instances with these tags run, and the blue/green settings of the group: only DISCOVER_EXISTING takes a green fleet.',
  InvalidLoadBalancerInfoException:
    "The group's load balancer or target group was renamed or deleted. Fix it in the deployment group.",
  InvalidAutoRollbackConfigException: 'Check `auto-rollback-events`.',
  InvalidAlarmConfigException: "The group's alarm settings are broken; fix them in the deployment group.",
  AlarmsLimitExceededException: 'The group has more alarms than CodeDeploy allows; remove some.',
  DescriptionTooLongException: 'Shorten `description`: 256 characters at most.',
  InvalidFileExistsBehaviorException: 'Check `file-exists-behavior`.',
  DeploymentLimitExceededException:
    'Another deployment holds the group, or the account has reached its limit of deployments. Try again later, or set `on-conflict`.',
  DeploymentDoesNotExistException: 'Check the deployment id, the region and the account.',
  UnrecognizedClientException:
    'AWS does not know these credentials. Check the step that sets them, or use `role-to-assume`.',
  InvalidClientTokenId:
    'AWS does not know these credentials. Check the step that sets them, or use `role-to-assume`.',
  InvalidAccessKeyId:
    'AWS does not know these credentials. Check the step that sets them, or use `role-to-assume`.',
  InvalidSignatureException:
    'The credentials are wrong, or the clock of this machine is. Compare it with the real time.',
  SignatureDoesNotMatch:
    'The credentials are wrong, or the clock of this machine is. Compare it with the real time.',
  ExpiredToken: 'The credentials expired. With `role-to-assume`, the action renews them itself.',
  ExpiredTokenException: 'The credentials expired. With `role-to-assume`, the action renews them itself.',
  RegionDisabledException: 'The region is not enabled in that account. Check `aws-region`.'
}

const NETWORK =
  'Run the job again. If it keeps failing, check `aws-region`, the proxy and the DNS of the runner, and status.aws.amazon.com.'

const THROTTLED =
  'AWS throttled the calls for longer than this run could wait. Run the job again; polling from fewer jobs at once helps.'

const adviceFor = (error: unknown): string => {
  const { name } = factsOf(error)
  const known = ADVICE[name]
  if (known !== undefined) return known
  // A wrong name gives the same denial.
  if (isDenied(error))
    return `Check that \`application-name\`, \`deployment-group-name\`, \`s3-bucket\` and \`aws-region\` are right: a role that may use one group or bucket gets the same refusal for any other. If they are, ${allowIt(error)}.`
  const advice = networkAdvice(error)
  if (advice !== undefined) return advice
  const fault = faultOf(error)
  if (fault === 'throttled') return THROTTLED
  if (fault === 'unknown-fate') return NETWORK
  return 'The service refused the request. Its message above says why; docs/troubleshooting.md has more.'
}

/** True for errors of a service or the network, as opposed to a bug of our own. */
const isFromOutside = (error: unknown): boolean => {
  const { code, httpStatus, name, proxy } = factsOf(error)
  return (
    proxy !== '' || httpStatus !== undefined || code !== '' || faultOf(error) !== 'final' || name in ADVICE
  )
}

/** An exception of a service or the network as a UserError; anything else is returned as it is. */
export const explained = (error: unknown): unknown => {
  if (error instanceof UserError || !isFromOutside(error)) return error
  const { operation, name, message, code, httpStatus, proxy } = factsOf(error)
  const kind = [
    name === 'Error' || name === 'Unknown' ? '' : name,
    code,
    httpStatus === undefined ? '' : `HTTP ${httpStatus}`,
    proxy === '' || httpStatus !== undefined ? '' : `through the proxy ${proxy}`
  ]
  const said = message === '' || message === 'UnknownError' ? 'no message' : message
  return new UserError(
    `AWS ${httpStatus === undefined ? 'did not answer' : 'answered'}${operation === '' ? '' : ` ${operation}`}: ${said} (${kind.filter((part) => part !== '').join(', ') || 'no code'})`,
    adviceFor(error),
    { cause: error }
  )
}
