import {
  BatchGetDeploymentTargetsCommand,
  CreateDeploymentCommand,
  GetDeploymentCommand,
  ListDeploymentTargetsCommand,
  type CodeDeployClient
} from '@aws-sdk/client-codedeploy'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { steppedClock, type SteppedClock } from '../clock.js'
import { startCloud, type Cloud } from '../start.js'
import { clientsOf, roleCredentials } from './clients.js'

let clock: SteppedClock
let cloud: Cloud
beforeEach(async () => {
  clock = steppedClock(Date.now())
  cloud = await startCloud({ scripted: true, clock, terminationWait: 1, script: { eventSeconds: 10 } })
})
afterEach(() => cloud.stop())

/** Clients with the credentials of the role. */
const asRole = async (): Promise<ReturnType<typeof clientsOf>> =>
  clientsOf(cloud, { credentials: await roleCredentials(cloud) })

const KEY = 'codedeploy/ExampleApp/app.zip'

const create = (): CreateDeploymentCommand =>
  new CreateDeploymentCommand({
    applicationName: cloud.env['APPLICATION_NAME'],
    deploymentGroupName: cloud.env['DEPLOYMENT_GROUP_NAME'],
    revision: {
      revisionType: 'S3',
      s3Location: { bucket: cloud.env['S3_BUCKET'], key: KEY, bundleType: 'zip' }
    }
  })

const statusOf = async (codedeploy: CodeDeployClient, deploymentId: string): Promise<string | undefined> =>
  (await codedeploy.send(new GetDeploymentCommand({ deploymentId }))).deploymentInfo?.status

test('the documented policy is enough for a whole deployment, on a clock that the test advances', async () => {
  const { s3, codedeploy } = await asRole()
  await s3.send(new PutObjectCommand({ Bucket: cloud.env['S3_BUCKET'], Key: KEY, Body: 'PK' }))
  const { deploymentId = '' } = await codedeploy.send(create())
  const seen: (string | undefined)[] = []
  for (let tick = 0; tick < 100 && seen.at(-1) !== 'Succeeded'; tick++) {
    seen.push(await statusOf(codedeploy, deploymentId))
    await clock.advance(15_000)
  }
  expect(seen.at(-1)).toBe('Succeeded')
  expect(seen).toContain('InProgress')
  const { targetIds = [] } = await codedeploy.send(new ListDeploymentTargetsCommand({ deploymentId }))
  const found = await codedeploy.send(new BatchGetDeploymentTargetsCommand({ deploymentId, targetIds }))
  expect(found.deploymentTargets).toHaveLength(4)
  expect(found.deploymentTargets?.[0]?.instanceTarget?.lastUpdatedAt).toBeInstanceOf(Date)
  const reads = cloud.requests.filter((request) => request.operation === 'GetDeployment')
  expect(reads).toHaveLength(seen.length)
  expect(cloud.planes.inspect.faults()).toEqual([])
})

test('the refusal to register a revision names the action and the application', async () => {
  cloud.role.policy.Statement.push({
    Effect: 'Deny',
    Action: 'codedeploy:RegisterApplicationRevision',
    Resource: '*'
  })
  const { codedeploy } = await asRole()
  await expect(codedeploy.send(create())).rejects.toMatchObject({
    name: 'AccessDeniedException',
    message: expect.stringContaining(
      'is not authorized to perform: codedeploy:RegisterApplicationRevision on resource: arn:aws:codedeploy:ap-northeast-2:123456789012:application:ExampleApp'
    )
  })
  expect(cloud.planes.inspect.deployments()).toEqual([])
})

test('an answer lost after the work was done leaves a deployment', async () => {
  const { codedeploy } = await asRole()
  cloud.faults.add('CreateDeployment:reset-after')
  await expect(codedeploy.send(create())).rejects.toThrow('ECONNRESET')
  expect(cloud.planes.inspect.deployments()).toHaveLength(1)
})
