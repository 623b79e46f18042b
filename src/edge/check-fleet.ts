import {
  type AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  DescribeInstanceRefreshesCommand,
  DescribeLifecycleHooksCommand
} from '@aws-sdk/client-auto-scaling'
import { DescribeLaunchTemplateVersionsCommand, type EC2Client } from '@aws-sdk/client-ec2'
import type { CheckReads } from '../check-port.js'
import { factsOf } from '../domain/fault.js'
import type { Call } from './client-config.js'
import { everyPage } from './pages.js'

/** Statuses of an instance refresh that changes nothing any more (API: InstanceRefreshStatus). */
const ENDED = /^(Successful|Failed|Cancelled|RollbackFailed|RollbackSuccessful)$/

/** What `check` reads of an Auto Scaling group and of what it launches. */
export const ofFleet = (
  client: AutoScalingClient,
  ec2: EC2Client,
  call: Call
): Pick<CheckReads, 'fleet' | 'hooks' | 'refreshes' | 'fleetNames' | 'template'> => ({
  fleet: async (name) => {
    const { AutoScalingGroups: [found] = [] } = await call('DescribeAutoScalingGroups', (options) =>
      client.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }), options)
    )
    if (found === undefined) return undefined
    const instances = (found.Instances ?? [])
      .filter(({ LifecycleState }) => LifecycleState === 'InService')
      .flatMap(({ InstanceId }) => InstanceId ?? [])
    return {
      name,
      instances,
      desired: found.DesiredCapacity ?? 0,
      suspended: (found.SuspendedProcesses ?? []).flatMap(({ ProcessName }) => ProcessName ?? []),
      status: found.Status,
      deletionProtection: found.DeletionProtection ?? 'none',
      warmPool: found.WarmPoolConfiguration !== undefined,
      mixedInstances: found.MixedInstancesPolicy !== undefined,
      template: found.LaunchTemplate && {
        id: found.LaunchTemplate.LaunchTemplateId ?? '',
        version: found.LaunchTemplate.Version ?? '$Default'
      }
    }
  },
  hooks: async (fleet) => {
    const { LifecycleHooks = [] } = await call('DescribeLifecycleHooks', (options) =>
      client.send(new DescribeLifecycleHooksCommand({ AutoScalingGroupName: fleet }), options)
    )
    return LifecycleHooks.map(({ LifecycleHookName: name = '', LifecycleTransition: transition = '' }) => ({
      ...{ name, transition }
    }))
  },
  refreshes: async (fleet) => {
    const { InstanceRefreshes = [] } = await call('DescribeInstanceRefreshes', (options) =>
      client.send(new DescribeInstanceRefreshesCommand({ AutoScalingGroupName: fleet }), options)
    )
    return InstanceRefreshes.flatMap(({ Status }) => Status ?? []).filter((status) => !ENDED.test(status))
  },
  fleetNames: () =>
    everyPage(async (token) => {
      const { AutoScalingGroups = [], NextToken: nextToken } = await call(
        'DescribeAutoScalingGroups',
        (options) =>
          client.send(new DescribeAutoScalingGroupsCommand({ NextToken: token, MaxRecords: 100 }), options)
      )
      return { items: AutoScalingGroups.flatMap((group) => group.AutoScalingGroupName ?? []), nextToken }
    }),
  template: async ({ id, version, isName = false }) => {
    try {
      const { LaunchTemplateVersions: [found] = [] } = await call(
        'DescribeLaunchTemplateVersions',
        (options) =>
          ec2.send(
            new DescribeLaunchTemplateVersionsCommand({
              ...(isName ? { LaunchTemplateName: id } : { LaunchTemplateId: id }),
              Versions: [version]
            }),
            options
          )
      )
      const profile = found?.LaunchTemplateData?.IamInstanceProfile
      return found && { instanceProfile: profile?.Arn ?? profile?.Name }
    } catch (error) {
      // EC2 has one name for a lost template, and one for a lost version (EC2 API: error codes).
      if (/^InvalidLaunchTemplate\w*\..*NotFound/.test(factsOf(error).name)) return undefined
      throw error
    }
  }
})
