import type { Explanation } from './event-errors.js'

/** Codes of platforms other than EC2: they can only show up when the group is none that this action drives. */
const foreign = (platform: string): Explanation => ({
  meaning: `The deployment belongs to ${platform}, which this action does not drive.`,
  next: 'Check `application-name` and `deployment-group-name`: the application must be one of the compute platform Server (EC2/On-premises).'
})

const SERVICE_ROLE =
  'The service role of the group needs the managed policy AWSCodeDeployRole and, since the Auto Scaling group uses a launch template, also ec2:RunInstances, ec2:CreateTags and iam:PassRole.'

/**
 * Every value of errorInformation.code (API: ErrorCode; reference §1.6), and UNABLE_TO_SEND_ASG, which is documented but not in the
 * model. A code of tomorrow is explained by `explainDeploymentError`.
 */
export const DEPLOYMENT_ERRORS: Readonly<Record<string, Explanation>> = {
  AGENT_ISSUE: {
    meaning:
      'The CodeDeploy agent on the instances did not answer, or is too old for what it was told to do.',
    next: 'On one instance look at `systemctl status codedeploy-agent` and at /var/log/aws/codedeploy-agent/codedeploy-agent.log; update the agent, or start instances from an image that has a current one.'
  },
  ALARM_ACTIVE: {
    meaning: 'A CloudWatch alarm of the deployment group went off, and the service stopped the deployment.',
    next: "Look at the alarm that the service names. If it was not caused by this revision, clear it (or take it out of the group's alarms) and deploy again."
  },
  APPLICATION_MISSING: {
    meaning: 'The CodeDeploy application was deleted or renamed while the deployment ran.',
    next: 'Check `application-name`, create the application again if it is gone, and deploy again.'
  },
  AUTOSCALING_VALIDATION_ERROR: {
    meaning: 'The Auto Scaling group is not in a state in which it can be copied or changed.',
    next: 'Check that the group exists, that its launch template and subnets exist, and that no instance refresh is running; then deploy again.'
  },
  AUTO_SCALING_CONFIGURATION: {
    meaning: 'The Auto Scaling group could not be made or changed with its present configuration.',
    next: "Read the sentence of the service and the group's activity history (`aws autoscaling describe-scaling-activities`): often a launch template, image, subnet or instance type that is gone or sold out."
  },
  AUTO_SCALING_IAM_ROLE_PERMISSIONS: {
    meaning:
      'The service role of the deployment group may not do something that Auto Scaling needs, usually to start instances from a launch template.',
    next: SERVICE_ROLE
  },
  CLOUDFORMATION_STACK_FAILURE: foreign('CloudFormation'),
  CODEDEPLOY_RESOURCE_CANNOT_BE_FOUND: {
    meaning:
      'Something the deployment refers to (application, group, configuration or revision) does not exist anymore.',
    next: 'Check that nobody deleted it during the deployment, and deploy again.'
  },
  CUSTOMER_APPLICATION_UNHEALTHY: {
    meaning: 'The application did not become healthy on the instances in time.',
    next: 'Look at the failed events and at the health of the target group; compare the path and port of the health check with what the application serves.'
  },
  DEPLOYMENT_GROUP_MISSING: {
    meaning: 'The deployment group was deleted or renamed while the deployment ran.',
    next: 'Check `deployment-group-name`, create the group again if it is gone, and deploy again.'
  },
  ECS_UPDATE_ERROR: foreign('Amazon ECS'),
  ELASTIC_LOAD_BALANCING_INVALID: {
    meaning:
      'The load balancer or target group in the deployment group cannot be used: it is gone, of the wrong kind, or named in the wrong list.',
    next: 'Use a target group with targets of type `instance`, name it under target groups (not under classic load balancers), and give its name, not its ARN.'
  },
  ELB_INVALID_INSTANCE: {
    meaning:
      'An instance could not be put behind the load balancer, often because it was terminated or is in another VPC or zone.',
    next: "Check that the target group and the instances share one VPC and that the load balancer's zones cover them; look for scaling activity at that time."
  },
  HEALTH_CONSTRAINTS: {
    meaning:
      'Too few instances got through the deployment. This is only the sum; the cause is the first failed event of an instance.',
    next: 'Look at the first failed event: its script and log tail tell the cause. If all events of an instance were skipped, its agent never answered.'
  },
  HEALTH_CONSTRAINTS_INVALID: {
    meaning: 'The deployment configuration asks for more healthy instances than the fleet can have.',
    next: 'Lower the minimum of healthy hosts, or raise the number of instances; CodeDeployDefault.AllAtOnce works with a single instance.'
  },
  HOOK_EXECUTION_FAILURE: {
    meaning: 'A hook script of the revision failed.',
    next: 'Mend the script that is named in the failed event; its last lines of output are shown with it.'
  },
  IAM_ROLE_MISSING: {
    meaning: 'The service role of the deployment group does not exist, or CodeDeploy may not assume it.',
    next: 'Create it again with codedeploy.amazonaws.com as its trusted principal, or name another one in the deployment group.'
  },
  IAM_ROLE_PERMISSIONS: {
    meaning: 'The service role of the deployment group may not do what the deployment needs.',
    next: SERVICE_ROLE
  },
  INTERNAL_ERROR: {
    meaning: 'Something failed inside AWS CodeDeploy.',
    next: 'Deploy again. If it goes on, look at the AWS Health Dashboard and give the deployment id to AWS support.'
  },
  INVALID_ECS_SERVICE: foreign('Amazon ECS'),
  INVALID_LAMBDA_CONFIGURATION: foreign('AWS Lambda'),
  INVALID_LAMBDA_FUNCTION: foreign('AWS Lambda'),
  INVALID_REVISION: {
    meaning: 'The revision cannot be used: its archive or its AppSpec is not what the service expects.',
    next: 'Run this action with `command: preview` on the same source: it names each mistake with file and line.'
  },
  MANUAL_STOP: {
    meaning: 'Somebody, or a canceled job, stopped the deployment.',
    next: 'Find out who in CloudTrail (StopDeployment). Deploy again when it is clear why.'
  },
  MISSING_BLUE_GREEN_DEPLOYMENT_CONFIGURATION: {
    meaning: 'The deployment group is of the kind blue/green but has no blue/green configuration.',
    next: 'Set its three parts: how green comes to be, when traffic moves, and what becomes of blue (`aws deploy update-deployment-group --blue-green-deployment-configuration`).'
  },
  MISSING_ELB_INFORMATION: {
    meaning: 'The deployment group controls traffic but names no load balancer or target group.',
    next: 'Add the target group to the deployment group (`aws deploy update-deployment-group --load-balancer-info`).'
  },
  MISSING_GITHUB_TOKEN: {
    meaning: 'The revision lies on GitHub, and CodeDeploy has no token to fetch it.',
    next: 'Deploy a bundle from S3, as this action does, or connect the application with GitHub in the console.'
  },
  NO_EC2_SUBSCRIPTION: {
    meaning: 'The account is not subscribed to Amazon EC2 in this region.',
    next: 'Check `aws-region` and `allowed-account-ids`, and finish the sign-up of the account.'
  },
  NO_INSTANCES: {
    meaning:
      'There is no instance to deploy to: the blue fleet has none in service, or the group points at an Auto Scaling group that is empty or gone.',
    next: 'Give the Auto Scaling group a desired capacity of at least 1, wait until an instance is InService, and check that the deployment group names that group.'
  },
  OVER_MAX_INSTANCES: {
    meaning: 'More instances than one deployment may have.',
    next: 'Deploy to fewer instances, split the group, or ask AWS for a higher quota of instances per deployment.'
  },
  RESOURCE_LIMIT_EXCEEDED: {
    meaning: 'A quota of the account is used up; copying the fleet needs room for twice the instances.',
    next: 'Delete Auto Scaling groups that failed deployments left behind (names beginning with CodeDeploy_), or ask for a higher quota of vCPUs or groups.'
  },
  REVISION_MISSING: {
    meaning: 'The revision is not registered, or its object is not in the bucket anymore.',
    next: 'Look whether a lifecycle rule of the bucket or a person deleted it. A deploy of the same commit stores it anew.'
  },
  THROTTLED: {
    meaning: 'AWS refused calls of CodeDeploy since there were too many in this account and region.',
    next: 'Wait a few minutes and deploy again; keep other deployments and scripts in the account apart in time.'
  },
  TIMEOUT: {
    meaning:
      'Something took longer than CodeDeploy waits: an instance that did not start, an agent that did not answer, or a health check that never passed.',
    next: 'Look at the last event that began: without any, at the instances of the new group and their agents; at AllowTraffic, at the health check of the target group.'
  },
  UNABLE_TO_SEND_ASG: {
    meaning: 'The deployment group and its Auto Scaling group are not wired correctly to one another.',
    next: 'Take the Auto Scaling group out of the deployment group and add it again (`aws deploy update-deployment-group`), so that the service renews its lifecycle hook.'
  }
}
