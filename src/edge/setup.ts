import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  type CreateAutoScalingGroupType,
  DescribeAutoScalingGroupsCommand
} from '@aws-sdk/client-auto-scaling'
import {
  CodeDeployClient,
  CreateApplicationCommand,
  CreateDeploymentConfigCommand,
  CreateDeploymentGroupCommand,
  GetApplicationCommand,
  GetDeploymentConfigCommand,
  GetDeploymentGroupCommand,
  UpdateDeploymentGroupCommand
} from '@aws-sdk/client-codedeploy'
import {
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { ACTIVE_STATUSES } from '../domain/deployment.js'
import type { FleetWish } from '../domain/group-wish.js'
import type { Identity } from '../domain/identity.js'
import type { SetupService } from '../setup-port.js'
import { type Connecting, open, patience } from './aws.js'
import { aborting } from './client-config.js'
import { codeDeploy } from './codedeploy.js'
import { createdGroup, presentGroup, updatedGroup } from './group-settings.js'
import { unless, unlessNamed } from './expected.js'
import { retrying } from './retry.js'

/** Nothing else happens meanwhile, so a call may keep failing for two minutes before the run gives up. */
const PATIENCE_MS = 2 * 60_000

/** What CodeDeploy, Auto Scaling and the load balancer have of a deployment group, and the calls that make it. */
export const connectSetup = (region: string, identity: Identity, connecting: Connecting): SetupService => {
  const policy = patience(connecting, PATIENCE_MS, identity)
  const client = open(CodeDeployClient, region, identity, connecting)
  const deployments = codeDeploy(client, policy)
  const autoScaling = open(AutoScalingClient, region, identity, connecting)
  const balancing = open(ElasticLoadBalancingV2Client, region, identity, connecting)
  const call = <T>(name: string, send: (options: ReturnType<typeof aborting>) => Promise<T>): Promise<T> =>
    retrying(name, (signal) => send(aborting(signal)), policy)

  return {
    application: async (applicationName) =>
      (await unless(
        call('GetApplication', (options) =>
          client.send(new GetApplicationCommand({ applicationName }), options)
        ),
        'ApplicationDoesNotExist'
      )) !== undefined,
    createApplication: (applicationName) => {
      const answer = call('CreateApplication', (options) =>
        client.send(new CreateApplicationCommand({ applicationName, computePlatform: 'Server' }), options)
      )
      return unlessNamed(answer, 'ApplicationAlreadyExists')
    },
    group: async (applicationName, deploymentGroupName) => {
      const answer = await unless(
        call('GetDeploymentGroup', (options) =>
          client.send(new GetDeploymentGroupCommand({ applicationName, deploymentGroupName }), options)
        ),
        'ApplicationDoesNotExist',
        'DeploymentGroupDoesNotExist'
      )
      return answer && presentGroup(answer.deploymentGroupInfo ?? {})
    },
    active: (application, group) =>
      deployments.deploymentIds(
        { application, group, statuses: ACTIVE_STATUSES },
        (found) => found.length > 0
      ),
    config: async (deploymentConfigName) =>
      (await unless(
        call('GetDeploymentConfig', (options) =>
          client.send(new GetDeploymentConfigCommand({ deploymentConfigName }), options)
        ),
        'DeploymentConfigDoesNotExist'
      )) !== undefined,
    createConfig: (deploymentConfigName, minimumHealthyHosts) => {
      const answer = call('CreateDeploymentConfig', (options) =>
        client.send(
          new CreateDeploymentConfigCommand({
            deploymentConfigName,
            minimumHealthyHosts,
            computePlatform: 'Server'
          }),
          options
        )
      )
      return unlessNamed(answer, 'DeploymentConfigAlreadyExists')
    },
    fleet: async (name) => {
      const { AutoScalingGroups: [group] = [] } = await call('DescribeAutoScalingGroups', (options) =>
        autoScaling.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }), options)
      )
      const instances = group?.Instances ?? []
      return (
        group && {
          desired: group.DesiredCapacity ?? 0,
          inService: instances.filter(({ LifecycleState }) => LifecycleState === 'InService').length
        }
      )
    },
    targetGroups: async (names) => {
      // One unknown name makes the service refuse all of them (docs/service.md, reference 2.7).
      const groups = await Promise.all(
        names.map((name) =>
          unless(
            call('DescribeTargetGroups', (options) =>
              balancing.send(new DescribeTargetGroupsCommand({ Names: [name] }), options)
            ),
            'TargetGroupNotFound'
          )
        )
      )
      return new Map(
        groups
          .flatMap((answer) => answer?.TargetGroups ?? [])
          .map(({ TargetGroupName = '', TargetGroupArn = '' }) => [TargetGroupName, TargetGroupArn])
      )
    },
    createFleet: (name, wish, targetGroupArns) => {
      const answer = call('CreateAutoScalingGroup', (options) =>
        autoScaling.send(
          new CreateAutoScalingGroupCommand(fleetRequest(name, wish, targetGroupArns)),
          options
        )
      )
      // The client has its own name for the service's `AlreadyExists`.
      return unlessNamed(answer, 'AlreadyExists')
    },
    createGroup: (wish) =>
      unlessNamed(
        call('CreateDeploymentGroup', (options) =>
          client.send(new CreateDeploymentGroupCommand(createdGroup(wish)), options)
        ),
        'DeploymentGroupAlreadyExists'
      ),
    updateGroup: async (wish, present) => {
      await call('UpdateDeploymentGroup', (options) =>
        client.send(new UpdateDeploymentGroupCommand(updatedGroup(wish, present)), options)
      )
    }
  }
}

/**
 * API: CreateAutoScalingGroup. `$Default` lets a later deployment start from a newer version of the template. Health is that of EC2:
 * nothing answers the load balancer before the first deployment, which would otherwise end the instances again.
 */
const fleetRequest = (
  name: string,
  { launchTemplate, subnets, min, max, desired }: FleetWish,
  targetGroupArns: readonly string[]
): CreateAutoScalingGroupType => ({
  AutoScalingGroupName: name,
  LaunchTemplate: { LaunchTemplateName: launchTemplate, Version: '$Default' },
  MinSize: min,
  MaxSize: max,
  DesiredCapacity: desired,
  VPCZoneIdentifier: subnets.join(','),
  TargetGroupARNs: [...targetGroupArns],
  HealthCheckType: 'EC2',
  Tags: [{ Key: 'Name', Value: name, PropagateAtLaunch: true }]
})
