import type { CodeDeploy } from '../ports.js'
import {
  BatchGetDeploymentsCommand,
  BatchGetDeploymentTargetsCommand,
  CodeDeployClient,
  ContinueDeploymentCommand,
  CreateDeploymentCommand,
  type DeploymentStatus,
  GetDeploymentCommand,
  GetDeploymentGroupCommand,
  ListDeploymentsCommand,
  ListDeploymentTargetsCommand,
  StopDeploymentCommand,
  type TimeRange
} from '@aws-sdk/client-codedeploy'
import { inTurns } from '../concurrency.js'
import type { Target } from '../domain/event.js'
import { faultOf, ofOperation } from '../domain/fault.js'
import { aborting } from './client-config.js'
import { createRequest, toDeployment, toGroup, toTarget } from './codedeploy-shapes.js'
import { everyPage } from './pages.js'
import { type RetryPolicy, retrying } from './retry.js'

/** The most ids in one BatchGetDeployments or BatchGetDeploymentTargets call (docs/service.md, reference 5). */
export const BATCH = 25

const chunks = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, page) =>
    items.slice(page * size, (page + 1) * size)
  )

/** Error names that only mean that there is nothing to read yet, or no longer (docs/service.md, reference 4.6). */
const NO_TARGETS_YET = 'DeploymentNotStartedException'
const VANISHED = new Set(['DeploymentTargetDoesNotExistException', 'InstanceDoesNotExistException'])

const named = (error: unknown, names: (name: string) => boolean): boolean =>
  error instanceof Error && names(error.name)

const timeRange = (since: number | undefined, until: number | undefined): TimeRange | undefined =>
  since === undefined && until === undefined
    ? undefined
    : {
        start: since === undefined ? undefined : new Date(since),
        end: until === undefined ? undefined : new Date(until)
      }

/** CodeDeploy over the SDK's client. Everything but CreateDeployment is retried. */
export const codeDeploy = (client: CodeDeployClient, patience: RetryPolicy): CodeDeploy => {
  const send = <T>(name: string, call: (options: { abortSignal?: AbortSignal }) => Promise<T>): Promise<T> =>
    retrying(name, (signal) => call(aborting(signal)), patience)

  const batch = async (deploymentId: string, ids: readonly string[]): Promise<Target[]> => {
    try {
      const answer = await send('BatchGetDeploymentTargets', (options) =>
        client.send(new BatchGetDeploymentTargetsCommand({ deploymentId, targetIds: [...ids] }), options)
      )
      return (answer.deploymentTargets ?? []).flatMap(toTarget)
    } catch (error) {
      if (!named(error, (name) => VANISHED.has(name))) throw error
      if (ids.length === 1) return []
      // One vanished instance makes the service refuse the whole batch, so halve it until that instance is alone.
      const halves = chunks(ids, Math.ceil(ids.length / 2))
      return (await Promise.all(halves.map((half) => batch(deploymentId, half)))).flat()
    }
  }

  return {
    group: async (applicationName, deploymentGroupName) => {
      const answer = await send('GetDeploymentGroup', (options) =>
        client.send(new GetDeploymentGroupCommand({ applicationName, deploymentGroupName }), options)
      )
      return toGroup(answer.deploymentGroupInfo, applicationName, deploymentGroupName)
    },

    deployment: async (deploymentId) => {
      const answer = await send('GetDeployment', (options) =>
        client.send(new GetDeploymentCommand({ deploymentId }), options)
      )
      return toDeployment(answer.deploymentInfo, deploymentId)
    },

    deploymentIds: ({ application, group, statuses, since, until }, isEnough) =>
      everyPage(async (nextToken) => {
        const answer = await send('ListDeployments', (options) =>
          client.send(
            new ListDeploymentsCommand({
              applicationName: application,
              deploymentGroupName: group,
              includeOnlyStatuses: statuses === undefined ? undefined : ([...statuses] as DeploymentStatus[]),
              createTimeRange: timeRange(since, until),
              nextToken
            }),
            options
          )
        )
        return { items: answer.deployments ?? [], nextToken: answer.nextToken }
      }, isEnough),

    deployments: async (ids) => {
      const pages = await inTurns(chunks(ids, BATCH), async (deploymentIds) => {
        const answer = await send('BatchGetDeployments', (options) =>
          client.send(new BatchGetDeploymentsCommand({ deploymentIds }), options)
        )
        return answer.deploymentsInfo ?? []
      })
      return pages.flat().map((info) => toDeployment(info, ''))
    },

    targetIds: async (deploymentId) => {
      try {
        return await everyPage(async (nextToken) => {
          const answer = await send('ListDeploymentTargets', (options) =>
            client.send(new ListDeploymentTargetsCommand({ deploymentId, nextToken }), options)
          )
          return { items: answer.targetIds ?? [], nextToken: answer.nextToken }
        })
      } catch (error) {
        if (named(error, (name) => name === NO_TARGETS_YET)) return []
        throw error
      }
    },

    targets: async (deploymentId, ids) =>
      (await Promise.all(chunks(ids, BATCH).map((some) => batch(deploymentId, some)))).flat(),

    create: async (order) => {
      const answer = await client
        .send(new CreateDeploymentCommand(createRequest(order)), aborting(patience.signal))
        .catch((error: unknown) => {
          // With an expired token nothing was created; the step sends the request again, with new credentials.
          if (faultOf(error) === 'expired') patience.renewCredentials?.()
          throw ofOperation(error, 'CreateDeployment', patience.rolePolicy)
        })
      if (answer.deploymentId === undefined)
        throw new SyntaxError('CreateDeployment answered without a deployment id')
      return answer.deploymentId
    },

    stop: async (deploymentId, autoRollbackEnabled) => {
      const answer = await send('StopDeployment', (options) =>
        client.send(new StopDeploymentCommand({ deploymentId, autoRollbackEnabled }), options)
      )
      return { pending: answer.status !== 'Succeeded', message: answer.statusMessage ?? '' }
    },

    endWait: async (deploymentId, deploymentWaitType) => {
      await send('ContinueDeployment', (options) =>
        client.send(new ContinueDeploymentCommand({ deploymentId, deploymentWaitType }), options)
      )
    }
  }
}
