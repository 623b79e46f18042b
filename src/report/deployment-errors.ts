import type { Explanation } from './event-errors.js'

/** Codes of platforms other than EC2: they appear only when this action does not support the group's platform. */
const foreign = (platform: string): Explanation => ({
  meaning: `The deployment belongs to ${platform}, which this action does not support.`,
  next: 'Check `application-name` and `deployment-group-name`: the application must use the compute platform Server (EC2/On-premises).'
})

const SERVICE_ROLE =
  'Attach the managed policy AWSCodeDeployRole to the service role of the group. If the Auto Scaling group uses a launch template, also allow ec2:RunInstances, ec2:CreateTags and iam:PassRole.'

/**
 * Every value of errorInformation.code (API: ErrorCode; docs/service.md, reference 1.6), and UNABLE_TO_SEND_ASG, which is documented
 * but not in the model. `explainDeploymentError` covers codes that AWS adds later.
 */
export const DEPLOYMENT_ERRORS: Readonly<Record<string, Explanation>> = {
  AGENT_ISSUE: {
    meaning: 'The CodeDeploy agent on the instances did not answer, or is too old for this deployment.',
    next: 'On one instance, check `systemctl status codedeploy-agent` and /var/log/aws/codedeploy-agent/codedeploy-agent.log. Update the agent, or launch instances from an image that has a current one.'
  },
  ALARM_ACTIVE: {
    meaning: 'A CloudWatch alarm of the deployment group fired, so the service stopped the deployment.',
    next: "Check the alarm that the service names. If this revision did not cause it, clear it (or remove it from the group's alarms) and deploy again. To go back to an earlier revision while it is active, run `command: rollback`."
  },
  APPLICATION_MISSING: {
    meaning: 'The CodeDeploy application was deleted or renamed during the deployment.',
    next: 'Check `application-name`, recreate the application if it is gone, and deploy again.'
  },
  AUTOSCALING_VALIDATION_ERROR: {
    meaning: 'The Auto Scaling group cannot be copied or changed in its current state.',
    next: 'Check that the group exists, that its launch template and subnets exist, and that no instance refresh is running; then deploy again.'
  },
  AUTO_SCALING_CONFIGURATION: {
    meaning: 'The Auto Scaling group could not be created or changed with its current configuration.',
    next: "Fix what the service's message names, often a launch template, image or subnet that is gone, and run this again. If it names nothing, read the group's activity history (`aws autoscaling describe-scaling-activities`); AWS may have no capacity for the instance type."
  },
  AUTO_SCALING_IAM_ROLE_PERMISSIONS: {
    meaning:
      'The service role of the deployment group lacks a permission that Auto Scaling needs, usually one to launch instances from a launch template.',
    next: SERVICE_ROLE
  },
  CLOUDFORMATION_STACK_FAILURE: foreign('CloudFormation'),
  CODEDEPLOY_RESOURCE_CANNOT_BE_FOUND: {
    meaning:
      'Something the deployment refers to (application, group, configuration or revision) no longer exists.',
    next: 'Check that nobody deleted it during the deployment, and deploy again.'
  },
  CUSTOMER_APPLICATION_UNHEALTHY: {
    meaning: 'The application did not become healthy on the instances in time.',
    next: 'Check the failed events and the health of the target group. Compare the path and port of the health check with what the application serves.'
  },
  DEPLOYMENT_GROUP_MISSING: {
    meaning: 'The deployment group was deleted or renamed during the deployment.',
    next: 'Check `deployment-group-name`, recreate the group if it is gone, and deploy again.'
  },
  ECS_UPDATE_ERROR: foreign('Amazon ECS'),
  ELASTIC_LOAD_BALANCING_INVALID: {
    meaning:
      'The load balancer or target group in the deployment group cannot be used: it is gone, has the wrong type, or is in the wrong list.',
    next: 'Use a target group with targets of type `instance`. Configure it under target groups (not classic load balancers), by its name, not its ARN.'
  },
  ELB_INVALID_INSTANCE: {
    meaning:
      'An instance could not be registered with the load balancer, often because it was terminated or is in another VPC or zone.',
    next: "Check that the target group and the instances are in the same VPC and that the load balancer's zones cover them. Look for scaling activity at that time."
  },
  HEALTH_CONSTRAINTS: {
    meaning:
      'Too few instances completed the deployment. This code only sums up the result; the cause is the first failed event of an instance.',
    next: 'Check the first failed event: its script and log tail show the cause. If all events of an instance were skipped, its agent never answered.'
  },
  HEALTH_CONSTRAINTS_INVALID: {
    meaning: 'The deployment configuration asks for more healthy instances than the fleet can have.',
    next: 'Lower the minimum number of healthy hosts, or add instances. CodeDeployDefault.AllAtOnce works with a single instance.'
  },
  HOOK_EXECUTION_FAILURE: {
    meaning: 'A hook script of the revision failed.',
    next: 'Fix the script named in the failed event; its last lines of output are shown there.'
  },
  IAM_ROLE_MISSING: {
    meaning:
      'The service role of the deployment group does not exist, or CodeDeploy is not allowed to assume it.',
    next: 'Recreate it with codedeploy.amazonaws.com as its trusted principal, or set another role in the deployment group.'
  },
  IAM_ROLE_PERMISSIONS: {
    meaning:
      'CodeDeploy is not allowed to assume the service role of the deployment group, or that role lacks a permission that the deployment needs.',
    next: `Check that its trust policy names codedeploy.amazonaws.com. ${SERVICE_ROLE}`
  },
  INTERNAL_ERROR: {
    meaning: 'Something failed inside AWS CodeDeploy.',
    next: 'Deploy again. If it keeps failing, check the AWS Health Dashboard and give the deployment ID to AWS Support.'
  },
  INVALID_ECS_SERVICE: foreign('Amazon ECS'),
  INVALID_LAMBDA_CONFIGURATION: foreign('AWS Lambda'),
  INVALID_LAMBDA_FUNCTION: foreign('AWS Lambda'),
  INVALID_REVISION: {
    meaning: 'The revision cannot be used: its archive or its AppSpec is invalid.',
    next: 'Run this action with `command: preview` on the same source: it reports each error with its file and line.'
  },
  MANUAL_STOP: {
    meaning:
      'Somebody stopped the deployment: a person, a canceled job, or another run with `on-conflict: supersede`, which is the default of a rollback.',
    next: 'Check what is live now (`command: history`) and who stopped it (StopDeployment in CloudTrail). If this revision is still wanted, run this again.'
  },
  MISSING_BLUE_GREEN_DEPLOYMENT_CONFIGURATION: {
    meaning: 'The deployment group has the type blue/green but no blue/green configuration.',
    next: 'Set its three parts: how the green fleet is provisioned, when traffic moves, and what happens to the blue fleet (`aws deploy update-deployment-group --blue-green-deployment-configuration`).'
  },
  MISSING_ELB_INFORMATION: {
    meaning: 'The deployment group controls traffic but names no load balancer or target group.',
    next: 'Add the target group to the deployment group (`aws deploy update-deployment-group --load-balancer-info`).'
  },
  MISSING_GITHUB_TOKEN: {
    meaning: 'The revision is on GitHub, and CodeDeploy has no token to fetch it.',
    next: 'Deploy a bundle from S3, as this action does, or connect the application with GitHub in the console.'
  },
  NO_EC2_SUBSCRIPTION: {
    meaning: 'The account is not subscribed to Amazon EC2 in this region.',
    next: 'Check `aws-region` and `allowed-account-ids`, and finish the sign-up of the account.'
  },
  NO_INSTANCES: {
    meaning:
      'There is no instance to deploy to: the blue fleet has none in service, or the deployment group refers to an Auto Scaling group that is empty or gone.',
    next: 'Set the desired capacity of the Auto Scaling group to at least 1, wait until an instance is InService, and check that the deployment group refers to this Auto Scaling group.'
  },
  OVER_MAX_INSTANCES: {
    meaning: 'The deployment has more instances than the quota allows.',
    next: 'Deploy to fewer instances, split the group, or ask AWS to raise the quota for instances per deployment.'
  },
  RESOURCE_LIMIT_EXCEEDED: {
    meaning: 'The account has reached a quota; copying the fleet needs room for twice the instances.',
    next: 'Delete Auto Scaling groups that failed deployments left behind (names beginning with CodeDeploy_), or ask AWS to raise the quota for vCPUs or Auto Scaling groups.'
  },
  REVISION_MISSING: {
    meaning: 'The revision is not registered, or its object is no longer in the bucket.',
    next: 'Check whether a lifecycle rule of the bucket or a person deleted it. Deploying the same commit uploads it again.'
  },
  THROTTLED: {
    meaning: 'AWS throttled CodeDeploy: there were too many calls in this account and region.',
    next: 'Wait a few minutes and deploy again. Do not run other deployments and scripts in the account at the same time.'
  },
  TIMEOUT: {
    meaning:
      'CodeDeploy stopped waiting: an instance did not start, an agent did not answer, or a health check never passed.',
    next: 'Check the last event that started. If there is none, the activity history of the new Auto Scaling group (`aws autoscaling describe-scaling-activities`) says why nothing was launched, and its instances and their agents why they did not answer. If it is AllowTraffic, check the health check of the target group.'
  },
  UNABLE_TO_SEND_ASG: {
    meaning: 'The deployment group and its Auto Scaling group are not connected correctly.',
    next: 'Remove the Auto Scaling group from the deployment group and add it again (`aws deploy update-deployment-group`), so that the service recreates its lifecycle hook.'
  }
}
