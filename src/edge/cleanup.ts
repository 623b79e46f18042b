import {
  type AutoScalingGroup,
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  type Filter
} from '@aws-sdk/client-auto-scaling'
import { CodeDeployClient, ListDeploymentGroupsCommand } from '@aws-sdk/client-codedeploy'
import type { CleanupService } from '../cleanup-port.js'
import type { CopiedFleet } from '../domain/cleanup.js'
import type { Identity } from '../domain/identity.js'
import { type Connecting, open, patience } from './aws.js'
import { aborting } from './client-config.js'
import { deleteFleet } from './delete-fleet.js'
import { everyPage } from './pages.js'
import { retrying } from './retry.js'

/** Nothing waits for a cleanup, so a call may keep failing for two minutes before it gives up. */
const PATIENCE_MS = 2 * 60_000

/** CodeDeploy tags the groups that it makes (docs/service.md, captures 7). */
const TAG = 'CodeDeployProvisioningDeploymentId'

/** Auto Scaling's and CodeDeploy's calls of a cleanup. */
export const connectCleanup = (
  region: string,
  identity: Identity,
  connecting: Connecting
): CleanupService => {
  const policy = patience(connecting, PATIENCE_MS, identity)
  const codeDeploy = open(CodeDeployClient, region, identity, connecting)
  const autoScaling = open(AutoScalingClient, region, identity, connecting)
  const call = <T>(name: string, send: (options: ReturnType<typeof aborting>) => Promise<T>): Promise<T> =>
    retrying(name, (signal) => send(aborting(signal)), policy)

  const described = (
    input: { AutoScalingGroupNames: string[] } | { Filters: Filter[] }
  ): Promise<CopiedFleet[]> =>
    everyPage(async (NextToken) => {
      const { AutoScalingGroups = [], NextToken: nextToken } = await call(
        'DescribeAutoScalingGroups',
        (options) => autoScaling.send(new DescribeAutoScalingGroupsCommand({ ...input, NextToken }), options)
      )
      return { items: AutoScalingGroups.flatMap(toFleet), nextToken }
    })
  const copy = async (name: string): Promise<CopiedFleet | undefined> =>
    (await described({ AutoScalingGroupNames: [name] })).find((fleet) => fleet.name === name)

  return {
    groups: (applicationName) =>
      everyPage(async (nextToken) => {
        const answer = await call('ListDeploymentGroups', (options) =>
          codeDeploy.send(new ListDeploymentGroupsCommand({ applicationName, nextToken }), options)
        )
        return { items: answer.deploymentGroups ?? [], nextToken: answer.nextToken }
      }),
    copies: () => described({ Filters: [{ Name: 'tag-key', Values: [TAG] }] }),
    copy,
    deleteCopy: (name) => deleteFleet(name, copy, { client: autoScaling, call })
  }
}

/** Status is set only while the group is being deleted (API: AutoScalingGroup). */
const toFleet = ({
  AutoScalingGroupName: name = '',
  Tags = [],
  Instances = [],
  CreatedTime,
  Status
}: AutoScalingGroup): CopiedFleet[] => {
  const madeBy = Tags.find(({ Key }) => Key === TAG)?.Value
  if (madeBy === undefined || CreatedTime === undefined) return []
  return [
    {
      ...{ name, madeBy, createdAt: CreatedTime, isGoing: Status !== undefined },
      instances: Instances.flatMap(({ InstanceId }) => InstanceId ?? [])
    }
  ]
}
