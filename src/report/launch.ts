import { counted } from '../domain/counted.js'
import { encodedPart, type LaunchFailure, readableMessage } from '../domain/launch.js'
import { cutLine } from './columns.js'
import { seenFrom, type Times } from './times.js'

/** Why Auto Scaling cannot launch an instance, found in its message. */
export interface LaunchCause {
  name: string
  pattern: RegExp
  meaning: string
  next: string
}

/**
 * The messages of failed scaling activities (Auto Scaling user guide, "Troubleshoot Amazon EC2 Auto Scaling: EC2 instance launch
 * failures"; EC2 user guide, "Instance launch issues"). The first that fits counts.
 */
export const LAUNCH_CAUSES: readonly LaunchCause[] = [
  {
    name: 'No capacity',
    pattern: /do not have sufficient .*capacity|InsufficientInstanceCapacity|no Spot capacity/i,
    meaning: 'AWS has no room for this instance type in that Availability Zone now.',
    next: 'Auto Scaling keeps trying by itself. If it lasts, stop the deployment, and let the Auto Scaling group use more zones or more instance types.'
  },
  {
    name: 'No such image',
    pattern: /image id '?\[?[^']*'? does not exist|InvalidAMIID/i,
    meaning: 'The image of the launch template is gone, or is not shared with this account.',
    next: 'Stop the deployment, set an image that exists in the launch template, and deploy again.'
  },
  {
    name: 'No such launch template',
    pattern: /launch template.*(does not exist|not found)|InvalidLaunchTemplate/i,
    meaning: 'The launch template of the Auto Scaling group is gone, or has no such version.',
    next: 'Stop the deployment, give the Auto Scaling group a launch template that exists, and deploy again.'
  },
  {
    name: 'Not allowed',
    pattern: /not authorized to perform|UnauthorizedOperation|AccessDenied/i,
    meaning: "A right is missing, usually one of the deployment group's service role.",
    next: 'Allow it. To launch from a launch template, the service role needs ec2:RunInstances, ec2:CreateTags and iam:PassRole (docs/iam/service-role-policy.json).'
  },
  {
    name: 'Quota reached',
    pattern: /vCPU (capacity|limit)|VcpuLimitExceeded|InstanceLimitExceeded|quota allows/i,
    meaning:
      'The account may not run more instances of this type; a blue/green deployment needs room for both fleets.',
    next: 'Delete fleets that failed deployments left behind (names beginning with CodeDeploy_), or ask AWS to raise the quota.'
  },
  {
    name: 'No free address',
    pattern: /free addresses|InsufficientFreeAddressesInSubnet/i,
    meaning: 'The subnet has no free addresses left for a second fleet.',
    next: 'Give the Auto Scaling group larger or more subnets, or free addresses.'
  },
  {
    name: 'Encrypted volume',
    pattern: /Client\.InternalError|client error on launch|KMS/i,
    meaning:
      'The instance ends right after its launch, usually because Auto Scaling may not use the key of an encrypted volume.',
    next: 'Grant the service-linked role AWSServiceRoleForAutoScaling the use of the KMS key.'
  },
  {
    name: 'Something else is gone',
    pattern:
      /(security group|key pair|subnet|placement group).*(does not exist|not exist)|Invalid(Group|KeyPair|SubnetID|Subnet)\b/i,
    meaning: 'Something that the launch template or the Auto Scaling group names does not exist any more.',
    next: 'Stop the deployment, correct the launch template or the group, and deploy again.'
  },
  {
    name: 'Instance type not supported',
    pattern: /instance type.*not supported|not supported in your requested Availability Zone|Unsupported/i,
    meaning: 'The Availability Zone, or the image, does not support this instance type.',
    next: 'Take the zone out of the Auto Scaling group, or choose another instance type.'
  }
]

const UNKNOWN = {
  meaning: 'Auto Scaling gives no other reason.',
  next: "Look the message up in the Auto Scaling user guide (launch failures), and see the group's activities."
}

/** Cells of the service's own words. */
const MESSAGE_CELLS = 400

/** What Auto Scaling says, in one sentence. */
export const launchSentence = (
  { group, message, count, since, refusal }: LaunchFailure,
  times: Times
): string => {
  const began = since === undefined ? '' : ` since ${seenFrom(times, since)}`
  const attempts = count > 1 ? ` (${counted(count, 'attempt')})` : ''
  const said = cutLine(readableMessage(message), MESSAGE_CELLS) || 'it gives no reason'
  const who =
    refusal === undefined ? '' : ` (${refusal.principal} lacks ${refusal.action} on ${refusal.resource})`
  return `Auto Scaling has launched no instance of ${group}${began}${attempts}: ${said}${who}.`
}

/** What it means and what to do about it. */
export const launchAdvice = ({ group, message, refusal }: LaunchFailure): string => {
  const { meaning, next } = LAUNCH_CAUSES.find(({ pattern }) => pattern.test(message)) ?? UNKNOWN
  const isEncoded = encodedPart(message) !== undefined && refusal === undefined
  const decode = isEncoded
    ? ` To see which right, read the whole message with \`aws autoscaling describe-scaling-activities --auto-scaling-group-name ${group}\`, and decode its end with \`aws sts decode-authorization-message\`.`
    : ''
  return `${meaning} ${next}${decode}`
}
