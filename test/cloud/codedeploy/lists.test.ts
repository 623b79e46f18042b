import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { scriptedCloud, START, type ScriptedCloud } from '../scripted/cloud.js'
import { deploy, deployed, refusalOf, targetsOf } from '../scripted/look.js'

let cloud: ScriptedCloud

beforeEach(async () => {
  cloud = await scriptedCloud({
    control: { pageSize: 2 },
    seed: { instances: 5, terminationWaitMinutes: 0 }
  })
})

afterEach(async () => {
  await cloud.planes.stop()
})

const group = { applicationName: 'web', deploymentGroupName: 'web-blue-green' }

const listed = async (input: Record<string, unknown>): Promise<string[]> => {
  const found: string[] = []
  let nextToken: unknown
  do {
    const page = await cloud.call<{ deployments: string[]; nextToken?: string }>('ListDeployments', {
      ...input,
      ...(nextToken === undefined ? {} : { nextToken })
    })
    expect(page.deployments.length).toBeLessThanOrEqual(2)
    found.push(...page.deployments)
    nextToken = page.nextToken
  } while (nextToken !== undefined)
  return found
}

describe('ListDeployments', () => {
  test('returns every deployment once, through pages, in no reliable order', async () => {
    const made: string[] = []
    for (let n = 0; n < 7; n++) made.push(await deployed(cloud, `v${n}.zip`))
    const found = await listed(group)
    expect([...found].sort()).toEqual([...made].sort())
    expect(found).not.toEqual(made)
    expect(await listed({})).toEqual(found)
  })

  test('filters by status and by time of creation', async () => {
    const old = await deployed(cloud, 'v1.zip')
    const later = await deploy(cloud, 'v2.zip')
    expect(await listed({ ...group, includeOnlyStatuses: ['Succeeded'] })).toEqual([old])
    expect(
      await listed({ ...group, includeOnlyStatuses: ['Created', 'Queued', 'InProgress', 'Baking', 'Ready'] })
    ).toEqual([later])
    expect(await listed({ ...group, createTimeRange: { end: START / 1000 + 60 } })).toEqual([old])
    expect(await listed({ ...group, createTimeRange: { start: START / 1000 + 60 } })).toEqual([later])
  })

  const rows: [name: string, input: Record<string, unknown>, refusal: string][] = [
    ['an application alone', { applicationName: 'web' }, 'DeploymentGroupNameRequiredException'],
    ['a group alone', { deploymentGroupName: 'web-blue-green' }, 'ApplicationNameRequiredException'],
    ['an unknown status', { includeOnlyStatuses: ['Done'] }, 'InvalidDeploymentStatusException'],
    [
      'a range that ends before it starts',
      { createTimeRange: { start: 2, end: 1 } },
      'InvalidTimeRangeException'
    ],
    ['a time as text', { createTimeRange: { start: '2026-01-01' } }, 'SerializationException'],
    ['an unknown token', { nextToken: 'abc' }, 'InvalidNextTokenException']
  ]

  test.each(rows)('refuses %s', async (_name, input, refusal) => {
    expect(await refusalOf(cloud.call('ListDeployments', input))).toContain(refusal)
  })

  test('refuses a token of another query', async () => {
    for (let n = 0; n < 3; n++) await deployed(cloud, `v${n}.zip`)
    const { nextToken } = await cloud.call('ListDeployments', group)
    const other = { ...group, includeOnlyStatuses: ['Succeeded'], nextToken }
    expect(await refusalOf(cloud.call('ListDeployments', other))).toContain('InvalidNextTokenException')
  })
})

describe('batches', () => {
  test('of deployments accept 25, leave out unknown ids, and refuse malformed ones', async () => {
    const id = await deployed(cloud, 'v1.zip')
    const answer = await cloud.call<{ deploymentsInfo: { deploymentId: string }[] }>('BatchGetDeployments', {
      deploymentIds: [id, 'd-ZZZZZZZZZ']
    })
    expect(answer.deploymentsInfo.map((info) => info.deploymentId)).toEqual([id])
    const call = (deploymentIds: string[]): Promise<string> =>
      refusalOf(cloud.call('BatchGetDeployments', { deploymentIds }))
    expect(await call(Array.from({ length: 26 }, () => id))).toContain('BatchLimitExceededException')
    expect(await call([])).toContain('DeploymentIdRequiredException')
    expect(await call(['x'])).toContain('InvalidDeploymentIdException')
  })

  test('of targets come in another order than requested', async () => {
    const deploymentId = await deployed(cloud, 'v1.zip')
    const targetIds = (await targetsOf(cloud, deploymentId)).map((target) => target.targetId)
    expect(new Set(targetIds).size).toBe(10)
    const answer = await cloud.call<{ deploymentTargets: { instanceTarget: { targetId: string } }[] }>(
      'BatchGetDeploymentTargets',
      { deploymentId, targetIds }
    )
    const order = answer.deploymentTargets.map((target) => target.instanceTarget.targetId)
    expect(order).not.toEqual(targetIds)
    expect([...order].sort()).toEqual([...targetIds].sort())
  })

  const rows: [name: string, ids: string[], refusal: string][] = [
    ['more than 25', Array.from({ length: 26 }, () => 'i-00000000000000000'), 'BatchLimitExceededException'],
    ['none', [], 'DeploymentTargetIdRequiredException'],
    ['no instance id', ['x'], 'InvalidDeploymentTargetIdException'],
    ['an unknown instance', ['i-00000000000000000'], 'DeploymentTargetDoesNotExistException']
  ]

  test.each(rows)('of targets refuse %s', async (_name, targetIds, refusal) => {
    const deploymentId = await deployed(cloud, 'v1.zip')
    expect(await refusalOf(cloud.call('BatchGetDeploymentTargets', { deploymentId, targetIds }))).toContain(
      refusal
    )
  })
})

describe('targets', () => {
  test('can be filtered by label and status, through pages', async () => {
    const deploymentId = await deployed(cloud, 'v1.zip')
    const page = await cloud.call<{ targetIds: string[]; nextToken: string }>('ListDeploymentTargets', {
      deploymentId,
      targetFilters: { ServerInstanceLabel: ['Blue'], TargetStatus: ['Succeeded'] }
    })
    expect(page.targetIds).toHaveLength(2)
    const blue = await cloud.call<{ deploymentTarget: object }>('GetDeploymentTarget', {
      deploymentId,
      targetId: page.targetIds[0]
    })
    expect(blue).toMatchObject({
      deploymentTarget: {
        deploymentTargetType: 'InstanceTarget',
        instanceTarget: {
          instanceLabel: 'Blue',
          targetArn: `arn:aws:ec2:ap-northeast-2:123456789012:instance/${page.targetIds[0] ?? ''}`
        }
      }
    })
  })

  test('refuse filters that do not exist', async () => {
    const deploymentId = await deployed(cloud, 'v1.zip')
    const call = (targetFilters: object): Promise<string> =>
      refusalOf(cloud.call('ListDeploymentTargets', { deploymentId, targetFilters }))
    expect(await call({ Color: ['Blue'] })).toContain('InvalidTargetFilterNameException')
    expect(await call({ TargetStatus: ['Done'] })).toContain('InvalidInstanceStatusException')
    expect(await call({ ServerInstanceLabel: ['Red'] })).toContain('InvalidInstanceTypeException')
  })

  test('also appear under their old names, with the ARN as id', async () => {
    const deploymentId = await deployed(cloud, 'v1.zip')
    const { instancesList } = await cloud.call<{ instancesList: string[] }>('ListDeploymentInstances', {
      deploymentId
    })
    const { instancesSummary } = await cloud.call<{ instancesSummary: { instanceId: string }[] }>(
      'BatchGetDeploymentInstances',
      { deploymentId, instanceIds: instancesList }
    )
    expect(instancesSummary.map((one) => one.instanceId)).toEqual(
      instancesList.map((id) => `arn:aws:ec2:ap-northeast-2:123456789012:instance/${id}`)
    )
  })
})
