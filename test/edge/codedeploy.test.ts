import type { CodeDeploy } from '../../src/ports.js'
import { describe, expect, test } from '@jest/globals'
import { ACTIVE_STATUSES } from '../../src/domain/deployment.js'
import { faultOf } from '../../src/domain/fault.js'
import { codeDeploy } from '../../src/edge/codedeploy.js'
import { virtualClock } from '../fakes/clock.js'
import { fleet, order, sha, stored, tagged } from '../fakes/nouns.js'
import { exception, wiredClient, type WireAnswer, type WireCall } from '../fakes/wire.js'

interface Wired {
  service: CodeDeploy
  calls: WireCall[]
  told: string[]
  renewals: number
}

const wired = (answer: (call: WireCall) => WireAnswer): Wired => {
  const told: string[] = []
  const { client, calls } = wiredClient(answer)
  const result: Wired = {
    calls,
    told,
    renewals: 0,
    service: codeDeploy(client, {
      clock: virtualClock(),
      patienceMs: 60_000,
      tell: (sentence) => told.push(sentence),
      renewCredentials: () => {
        result.renewals++
      }
    })
  }
  return result
}

/** Answers in turn; the last answer repeats. */
const answers = (...given: WireAnswer[]): ((call: WireCall) => WireAnswer) => {
  let at = 0
  return () => given[Math.min(at++, given.length - 1)] ?? { json: {} }
}

describe('reads', () => {
  test('every page is read, duplicates count once, and a repeated token ends the list', async () => {
    const page = (ids: string[], nextToken?: string): WireAnswer => ({
      json: { deployments: ids, nextToken }
    })
    const { service, calls } = wired(
      answers(page(['d-1', 'd-2'], 'a'), page(['d-2', 'd-3'], 'b'), page(['d-4'], 'a'), page(['d-5']))
    )
    expect(
      await service.deploymentIds({ application: 'shop', group: 'web', statuses: ACTIVE_STATUSES })
    ).toEqual(['d-1', 'd-2', 'd-3', 'd-4'])
    expect(calls).toHaveLength(3)
    expect(calls[0]?.body['includeOnlyStatuses']).toEqual([
      'Created',
      'Queued',
      'InProgress',
      'Baking',
      'Ready'
    ])
  })

  test('times are sent as numbers', async () => {
    const { service, calls } = wired(answers({ json: { deployments: [] } }))
    await service.deploymentIds({ application: 'shop', group: 'web', since: 1_767_225_600_000 })
    expect(calls[0]?.body['createTimeRange']).toEqual({ start: 1_767_225_600 })
  })

  test('a span of time has two ends, and its list stops when it is enough', async () => {
    const { service, calls } = wired((call) => ({
      json: {
        deployments: [`d-${(call.body['nextToken'] as string | undefined) ?? '0'}`],
        nextToken: `${calls.length}`
      }
    }))
    const asked: number[] = []
    const found = await service.deploymentIds(
      { application: 'shop', group: 'web', until: 1_767_225_600_000 },
      (ids) => asked.push(ids.length) === 3
    )
    expect(found).toHaveLength(3)
    expect(asked).toEqual([1, 2, 3])
    expect(calls[0]?.body['createTimeRange']).toEqual({ end: 1_767_225_600 })
  })

  test('a list with no more pages is not asked whether it is enough', async () => {
    const { service } = wired(answers({ json: { deployments: ['d-1'] } }))
    const isEnough = (): boolean => {
      throw new Error('asked')
    }
    expect(await service.deploymentIds({ application: 'shop', group: 'web' }, isEnough)).toEqual(['d-1'])
  })

  test('having no targets yet is not an error', async () => {
    const { service } = wired(answers(exception('DeploymentNotStartedException')))
    expect(await service.targetIds('d-1')).toEqual([])
  })

  test('deployments are read 25 at a time', async () => {
    const ids = Array.from({ length: 60 }, (_, at) => `d-${at}`)
    const { service, calls } = wired((call) => ({
      json: {
        deploymentsInfo: (call.body['deploymentIds'] as string[]).map((deploymentId) => ({ deploymentId }))
      }
    }))
    expect((await service.deployments(ids)).map(({ id }) => id)).toEqual(ids)
    expect(calls.map(({ body }) => (body['deploymentIds'] as string[]).length)).toEqual([25, 25, 10])
  })

  test.each([1, 2, 25, 30])('a vanished instance among %d does not hide the others', async (count) => {
    const ids = Array.from({ length: count }, (_, at) => `i-${at}`)
    const { service } = wired(({ body }) => {
      const asked = body['targetIds'] as string[]
      return asked.includes('i-0')
        ? exception('DeploymentTargetDoesNotExistException')
        : { json: { deploymentTargets: asked.map((targetId) => ({ instanceTarget: { targetId } })) } }
    })
    const found = await service.targets('d-1', ids)
    expect(found.map(({ id }) => id).sort()).toEqual(ids.slice(1).sort())
  })

  test('an empty answer about a deployment gives no invented values', async () => {
    const { service } = wired(answers({ json: {} }))
    expect(await service.deployment('d-1')).toEqual({
      id: 'd-1',
      application: '',
      group: '',
      status: 'Unknown',
      creator: 'unknown',
      description: '',
      createdAt: new Date(0),
      style: 'IN_PLACE',
      terminationWaitStarted: false
    })
  })

  test('an answer becomes nouns', async () => {
    const { service } = wired(
      answers({
        json: {
          deploymentInfo: {
            deploymentId: 'd-1',
            status: 'Pondering',
            createTime: 1_767_225_600,
            startTime: null,
            deploymentStyle: { deploymentType: 'BLUE_GREEN' },
            errorInformation: { message: 'why' },
            rollbackInfo: { rollbackDeploymentId: 'd-2' },
            deploymentOverview: { Pending: 1, Ready: null },
            revision: { revisionType: 'GitHub', gitHubLocation: { repository: 'org/app', commitId: 'abc' } },
            blueGreenDeploymentConfiguration: {
              terminateBlueInstancesOnDeploymentSuccess: {
                action: 'KEEP_ALIVE',
                terminationWaitTimeInMinutes: 5
              }
            },
            targetInstances: { autoScalingGroups: ['CodeDeploy_web_d-1'] }
          }
        }
      })
    )
    expect(await service.deployment('d-1')).toMatchObject({
      status: 'Pondering',
      style: 'BLUE_GREEN',
      createdAt: new Date(1_767_225_600_000),
      error: { code: 'UNKNOWN', message: 'why' },
      rollback: { by: 'd-2' },
      overview: { Pending: 1 },
      revision: { kind: 'foreign', text: 'org/app@abc' },
      waits: {
        readyMinutes: 0,
        readyAction: 'CONTINUE_DEPLOYMENT',
        terminationMinutes: 0,
        blueAction: 'KEEP_ALIVE'
      },
      greenAutoScalingGroup: 'CodeDeploy_web_d-1'
    })
  })

  test.each([
    ['an Auto Scaling group', { autoScalingGroups: ['green-fleet'] }, [fleet('green-fleet')]],
    [
      'one tag',
      { tagFilters: [{ Key: 'Name', Value: 'green', Type: 'KEY_AND_VALUE' }] },
      [tagged('Name=green')]
    ],
    [
      'combined tags',
      {
        ec2TagSet: {
          ec2TagSetList: [[{ Key: 'Name', Value: 'green' }], [{ Key: 'owner', Type: 'KEY_ONLY' }]]
        }
      },
      [tagged('Name=green', 'owner')]
    ],
    ['nothing', { autoScalingGroups: null, tagFilters: [], ec2TagSet: null }, []],
    ['null', null, []]
  ])('the fixed fleet that a deployment names: %s', async (_, targetInstances, fixedGreen) => {
    const deploymentInfo = {
      deploymentStyle: { deploymentType: 'BLUE_GREEN' },
      blueGreenDeploymentConfiguration: { greenFleetProvisioningOption: { action: 'DISCOVER_EXISTING' } },
      targetInstances
    }
    const { service } = wired(answers({ json: { deploymentInfo } }))
    expect(await service.deployment('d-1')).toMatchObject({ fixedGreen })
  })

  test('the tags by which a group finds its instances', async () => {
    const deploymentGroupInfo = (members: object): WireAnswer => ({ json: { deploymentGroupInfo: members } })
    const Key = 'Name'
    const { service } = wired(
      answers(
        deploymentGroupInfo({
          ec2TagFilters: [
            { Key, Value: 'a' },
            { Key, Value: 'b' }
          ]
        }),
        deploymentGroupInfo({ ec2TagSet: { ec2TagSetList: [[{ Key, Value: 'a' }], []] } }),
        deploymentGroupInfo({ ec2TagFilters: [] })
      )
    )
    const tagsOf = async () => (await service.group('shop', 'web')).tags
    expect(await tagsOf()).toEqual([
      [
        { key: Key, value: 'a' },
        { key: Key, value: 'b' }
      ]
    ])
    expect(await tagsOf()).toEqual([[{ key: Key, value: 'a' }]])
    expect(await tagsOf()).toBeUndefined()
  })

  test.each([
    ['an Auto Scaling group', fleet('green-fleet'), { autoScalingGroups: ['green-fleet'] }],
    [
      'one tag',
      tagged('Name=green'),
      { tagFilters: [{ Key: 'Name', Value: 'green', Type: 'KEY_AND_VALUE' }] }
    ],
    [
      'combined tags',
      tagged('Name=green', 'owner'),
      {
        ec2TagSet: {
          ec2TagSetList: [
            [{ Key: 'Name', Value: 'green', Type: 'KEY_AND_VALUE' }],
            [{ Key: 'owner', Type: 'KEY_ONLY' }]
          ]
        }
      }
    ],
    ['none', undefined, undefined]
  ])('the fixed fleet of an order: %s', async (_, green, targetInstances) => {
    const { service, calls } = wired(answers({ json: { deploymentId: 'd-1' } }))
    await service.create(order({ green }))
    expect(calls[0]?.body['targetInstances']).toEqual(targetInstances)
  })

  test('targets of other platforms and without an id are left out', async () => {
    const { service } = wired(
      answers({
        json: {
          deploymentTargets: [
            { lambdaTarget: { targetId: 'x' } },
            { instanceTarget: {} },
            {
              instanceTarget: {
                targetId: 'i-1',
                instanceLabel: 'Blue',
                lifecycleEvents: [{ status: 'Failed', diagnostics: { errorCode: 'ScriptFailed' } }]
              }
            }
          ]
        }
      })
    )
    expect(await service.targets('d-1', ['i-1'])).toEqual([
      {
        id: 'i-1',
        fleet: 'blue',
        status: 'Unknown',
        events: [
          {
            name: 'Unknown',
            status: 'Failed',
            diagnostics: { errorCode: 'ScriptFailed', scriptName: '', message: '', logTail: '' }
          }
        ]
      }
    ])
  })

  test.each<[string, WireAnswer]>([
    ['throttling', exception('ThrottlingException', 'Rate exceeded')],
    ['throttling by its other name', exception('Throttling', 'Rate exceeded')],
    ['an HTML page', { status: 502, text: '<html>Bad Gateway</html>' }],
    ['an empty 503', { status: 503, text: '' }],
    ['a JSON 500', exception('InternalFailure', 'sorry', 500)],
    ['half a body', { text: '{"deploymentInfo": {"deploymentId": "d-' }],
    ['a time that is not a number', { json: { deploymentInfo: { createTime: 'yesterday' } } }],
    ['a reset', Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })],
    ['an expired token', exception('ExpiredTokenException')]
  ])('%s is temporary and reported once', async (_, fault) => {
    const { service, told } = wired(
      answers(fault, fault, { json: { deploymentInfo: { deploymentId: 'd-1', status: 'Ready' } } })
    )
    expect((await service.deployment('d-1')).status).toBe('Ready')
    expect(told).toHaveLength(2)
  })

  test('credentials are fetched before every call, so that one place renews them', async () => {
    let asked = 0
    const { client, calls } = wiredClient(
      () => ({ json: {} }),
      () =>
        Promise.resolve({
          accessKeyId: `KEY${++asked}`,
          secretAccessKey: 's',
          sessionToken: `token-${asked}`
        })
    )
    const service = codeDeploy(client, { clock: virtualClock(), patienceMs: 1_000 })
    await service.deployment('d-1')
    await service.deployment('d-1')
    const sent = calls.map(({ headers }) => headers['x-amz-security-token'])
    expect(new Set(sent).size).toBe(2)
    expect(sent[1]).toBe(`token-${asked}`)
  })
})

describe('writes', () => {
  test('the order is sent whole, pinned by version and ETag', async () => {
    const { service, calls } = wired(answers({ json: { deploymentId: 'd-1' } }))
    await service.create(order({ autoRollbackEvents: [] }))
    expect(calls[0]?.body).toEqual({
      applicationName: 'shop',
      deploymentGroupName: 'web',
      description: 'x',
      fileExistsBehavior: 'DISALLOW',
      ignoreApplicationStopFailures: false,
      autoRollbackConfiguration: { enabled: false, events: [] },
      revision: {
        revisionType: 'S3',
        s3Location: {
          bucket: 'bundles',
          key: stored(sha('a')).key,
          bundleType: 'zip',
          version: 'v-aaaa',
          eTag: '"aaaaaaaa"'
        }
      }
    })
  })

  test('an order without alarms overrides those of the group with none', async () => {
    const { service, calls } = wired(answers({ json: { deploymentId: 'd-1' } }))
    await service.create(order({ ignoreAlarms: true }))
    expect(calls[0]?.body).toMatchObject({ overrideAlarmConfiguration: { enabled: false, alarms: [] } })
  })

  test.each<[string, WireAnswer, string]>([
    ['a reset', Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }), 'unknown-fate'],
    ['a 500', exception('InternalFailure', 'sorry', 500), 'unknown-fate'],
    ['an answer without an id', { json: {} }, 'unknown-fate'],
    ['throttling', exception('ThrottlingException'), 'throttled'],
    ['a held group', exception('DeploymentLimitExceededException'), 'final'],
    ['an expired token', exception('ExpiredTokenException'), 'expired']
  ])('create is sent once whatever comes: %s', async (_, answer, fault) => {
    const run = wired(answers(answer))
    const error: unknown = await run.service.create(order()).catch((thrown: unknown) => thrown)
    expect(faultOf(error)).toBe(fault)
    expect(run.calls).toHaveLength(1)
    expect(run.renewals).toBe(fault === 'expired' ? 1 : 0)
  })

  test('stop and continue send their parameters', async () => {
    const { service, calls } = wired(
      answers({ json: { status: 'Pending', statusMessage: 'soon' } }, { text: '' })
    )
    expect(await service.stop('d-1', true)).toEqual({ pending: true, message: 'soon' })
    await service.endWait('d-1', 'TERMINATION_WAIT')
    expect(calls.map(({ operation, body }) => [operation, body])).toEqual([
      ['StopDeployment', { deploymentId: 'd-1', autoRollbackEnabled: true }],
      ['ContinueDeployment', { deploymentId: 'd-1', deploymentWaitType: 'TERMINATION_WAIT' }]
    ])
  })

  test('an answer about a group with most members missing', async () => {
    const { service } = wired(
      answers({
        json: {
          deploymentGroupInfo: {
            autoScalingGroups: [{ name: 'asg' }, {}],
            lastAttemptedDeployment: { status: 'Failed' }
          }
        }
      })
    )
    expect(await service.group('shop', 'web')).toMatchObject({
      style: 'IN_PLACE',
      autoScalingGroups: ['asg'],
      autoRollbackEvents: [],
      alarms: [],
      loadBalancers: []
    })
  })

  test.each([
    [true, ['5xx']],
    [false, []]
  ])('alarms of a group whose monitoring is enabled: %s', async (enabled, names) => {
    const alarmConfiguration = { enabled, alarms: [{ name: '5xx' }, {}] }
    const { service } = wired(answers({ json: { deploymentGroupInfo: { alarmConfiguration } } }))
    expect((await service.group('shop', 'web')).alarms).toEqual(names)
  })

  test.each([
    [false, true],
    [true, undefined]
  ])('a deployment whose own alarms are enabled: %s', async (enabled, ignored) => {
    const overrideAlarmConfiguration = { enabled, alarms: [{ name: '5xx' }] }
    const { service } = wired(answers({ json: { deploymentInfo: { overrideAlarmConfiguration } } }))
    expect((await service.deployment('d-1')).ignoresAlarms).toBe(ignored)
  })
})
