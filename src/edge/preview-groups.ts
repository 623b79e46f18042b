import {
  type CodeDeployClient,
  CreateApplicationCommand,
  CreateDeploymentGroupCommand,
  DeleteDeploymentGroupCommand,
  GetDeploymentGroupCommand,
  ListDeploymentGroupsCommand,
  ListTagsForResourceCommand
} from '@aws-sdk/client-codedeploy'
import { ACTIVE_STATUSES } from '../domain/deployment.js'
import type { CodeDeploy } from '../ports.js'
import type { PreviewGroups } from '../preview-port.js'
import { everyPage } from './pages.js'
import type { Call } from './client-config.js'
import { unless, unlessNamed } from './expected.js'

const GONE = ['ApplicationDoesNotExist', 'DeploymentGroupDoesNotExist'] as const

/** Deployment groups of previews. */
export const previewGroups = (
  client: CodeDeployClient,
  deployments: Pick<CodeDeploy, 'deploymentIds' | 'stop'>,
  call: Call
): PreviewGroups => ({
  createApplication: (applicationName) =>
    unlessNamed(
      call('CreateApplication', (options) =>
        client.send(new CreateApplicationCommand({ applicationName, computePlatform: 'Server' }), options)
      ),
      'ApplicationAlreadyExists'
    ),
  list: (applicationName) =>
    everyPage(async (nextToken) => {
      const answer = await unless(
        call('ListDeploymentGroups', (options) =>
          client.send(new ListDeploymentGroupsCommand({ applicationName, nextToken }), options)
        ),
        'ApplicationDoesNotExist'
      )
      return { items: answer?.deploymentGroups ?? [], nextToken: answer?.nextToken }
    }),
  find: async (applicationName, deploymentGroupName) => {
    const answer = await unless(
      call('GetDeploymentGroup', (options) =>
        client.send(new GetDeploymentGroupCommand({ applicationName, deploymentGroupName }), options)
      ),
      ...GONE
    )
    return answer && { pushedAt: answer.deploymentGroupInfo?.lastAttemptedDeployment?.createTime }
  },
  tags: async (ResourceArn) => {
    const tags = await everyPage(async (NextToken) => {
      const answer = await unless(
        call('ListTagsForResource', (options) =>
          client.send(new ListTagsForResourceCommand({ ResourceArn, NextToken }), options)
        ),
        ...GONE
      )
      return { items: answer?.Tags ?? [], nextToken: answer?.NextToken }
    })
    return Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]))
  },
  create: ({ application, name, serviceRole, fleet, tags }) =>
    unlessNamed(
      call('CreateDeploymentGroup', (options) =>
        client.send(
          new CreateDeploymentGroupCommand({
            ...{ applicationName: application, deploymentGroupName: name, serviceRoleArn: serviceRole },
            autoScalingGroups: [fleet],
            deploymentConfigName: 'CodeDeployDefault.AllAtOnce',
            deploymentStyle: {
              deploymentType: 'IN_PLACE',
              deploymentOption: 'WITHOUT_TRAFFIC_CONTROL'
            },
            tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))
          }),
          options
        )
      ),
      'DeploymentGroupAlreadyExists'
    ),
  active: async (application, group) =>
    (await unless(deployments.deploymentIds({ application, group, statuses: ACTIVE_STATUSES }), ...GONE)) ??
    [],
  stop: async (deployment) => {
    await unless(deployments.stop(deployment, false), 'DeploymentAlreadyCompleted', 'DeploymentDoesNotExist')
  },
  delete: async (applicationName, deploymentGroupName) => {
    const answer = await unless(
      call('DeleteDeploymentGroup', (options) =>
        client.send(new DeleteDeploymentGroupCommand({ applicationName, deploymentGroupName }), options)
      ),
      ...GONE
    )
    return (answer?.hooksNotCleanedUp ?? []).flatMap(({ name, hook }) => name ?? hook ?? [])
  }
})
