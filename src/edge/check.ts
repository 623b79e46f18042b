import { AutoScalingClient } from '@aws-sdk/client-auto-scaling'
import {
  BatchGetDeploymentGroupsCommand,
  CodeDeployClient,
  GetDeploymentConfigCommand,
  GetDeploymentGroupCommand,
  ListDeploymentGroupsCommand
} from '@aws-sdk/client-codedeploy'
import { EC2Client } from '@aws-sdk/client-ec2'
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2'
import { IAMClient } from '@aws-sdk/client-iam'
import { S3Client } from '@aws-sdk/client-s3'
import { SSMClient } from '@aws-sdk/client-ssm'
import type { CheckReads } from '../check-port.js'
import type { NeighborGroup } from '../domain/check/facts.js'
import type { Identity } from '../domain/identity.js'
import { type Connecting, open, patience } from './aws.js'
import { aborting, type Timeouts } from './client-config.js'
import { ofInventory } from './check-agents.js'
import { ofBalancing } from './check-balancing.js'
import { ofBucket } from './check-bucket.js'
import { ofFleet } from './check-fleet.js'
import { ofRoles } from './check-roles.js'
import type { Call } from './client-config.js'
import { toGroup } from './codedeploy-shapes.js'
import { everyPage } from './pages.js'
import { retrying } from './retry.js'

/** A check must end soon, so no read is waited for long; one that fails is a line of the report, not of the log. */
const PATIENCE_MS = 5_000
const TIMEOUTS: Timeouts = { connectMs: 3_000, requestMs: 5_000, silenceMs: 5_000 }
/** API: BatchGetDeploymentGroups. */
const MOST_GROUPS = 100

/** What `check` reads of CodeDeploy, Auto Scaling, EC2, Elastic Load Balancing, IAM, S3 and Systems Manager. */
export const connectCheck = (
  { region, expectedBucketOwner }: { region: string; expectedBucketOwner?: string | undefined },
  identity: Identity,
  { timeouts = TIMEOUTS, ...given }: Connecting
): CheckReads => {
  const connecting = { ...given, timeouts, tell: () => undefined }
  const policy = patience(connecting, PATIENCE_MS, identity)
  const call: Call = (name, send) => retrying(name, (signal) => send(aborting(signal)), policy)
  return {
    ...ofGroup(open(CodeDeployClient, region, identity, connecting), call),
    ...ofFleet(
      open(AutoScalingClient, region, identity, connecting),
      open(EC2Client, region, identity, connecting),
      call
    ),
    ...ofBalancing(open(ElasticLoadBalancingV2Client, region, identity, connecting), call),
    ...ofInventory(open(SSMClient, region, identity, connecting), call),
    ...ofRoles(open(IAMClient, region, identity, connecting), call),
    ...ofBucket(open(S3Client, region, identity, connecting), call, expectedBucketOwner)
  }
}

const ofGroup = (
  client: CodeDeployClient,
  call: Call
): Pick<CheckReads, 'group' | 'neighbors' | 'healthyHosts'> => ({
  group: async (application, name) => {
    const { deploymentGroupInfo: info } = await call('GetDeploymentGroup', (options) =>
      client.send(
        new GetDeploymentGroupCommand({ applicationName: application, deploymentGroupName: name }),
        options
      )
    )
    return {
      group: toGroup(info, application, name),
      hooks: (info?.autoScalingGroups ?? []).flatMap(({ hook }) => hook ?? []),
      serviceRole: info?.serviceRoleArn ?? '',
      listedAlarms: (info?.alarmConfiguration?.alarms ?? []).flatMap((alarm) => alarm.name ?? [])
    }
  },
  neighbors: async (applicationName) => {
    const names = await everyPage(async (token) => {
      const { deploymentGroups: items = [], nextToken } = await call('ListDeploymentGroups', (options) =>
        client.send(new ListDeploymentGroupsCommand({ applicationName, nextToken: token }), options)
      )
      return { items, nextToken }
    })
    const found: NeighborGroup[] = []
    for (let at = 0; at < names.length; at += MOST_GROUPS) {
      const deploymentGroupNames = names.slice(at, at + MOST_GROUPS)
      const { deploymentGroupsInfo = [] } = await call('BatchGetDeploymentGroups', (options) =>
        client.send(new BatchGetDeploymentGroupsCommand({ applicationName, deploymentGroupNames }), options)
      )
      for (const { deploymentGroupName: name = '', autoScalingGroups = [] } of deploymentGroupsInfo)
        found.push({ name, autoScalingGroups: autoScalingGroups.flatMap((fleet) => fleet.name ?? []) })
    }
    return found
  },
  healthyHosts: async (deploymentConfigName) => {
    const { deploymentConfigInfo } = await call('GetDeploymentConfig', (options) =>
      client.send(new GetDeploymentConfigCommand({ deploymentConfigName }), options)
    )
    const { type = '', value = 0 } = deploymentConfigInfo?.minimumHealthyHosts ?? {}
    return { type, value }
  }
})
