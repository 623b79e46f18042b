import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { describeByUser } from '../../src/domain/description.js'
import { chooseGreen, greenMisfit } from '../../src/domain/green-choice.js'
import { unfit } from '../../src/domain/group.js'
import { explained } from '../../src/domain/refusal.js'
import { UserError } from '../../src/errors.js'
import { parseInputs } from '../../src/inputs/parse.js'
import { resolveConflict } from '../../src/steps/conflict.js'
import { identify, type IdentitySources } from '../../src/steps/identify.js'
import { locate } from '../../src/steps/locate.js'
import { start } from '../../src/steps/start.js'
import { noSignal, START, virtualClock } from '../fakes/clock.js'
import { groupWorld } from '../fakes/codedeploy-group.js'
import {
  broken,
  deployment,
  fixedGroup,
  fleet,
  green,
  group,
  order,
  refusal,
  row,
  sha,
  stored
} from '../fakes/nouns.js'
import { UTC } from '../fakes/times.js'
import { token } from '../fakes/token.js'

// Every error that a person may meet says what happened (with the value), why, and what to do next.

const ROLE = 'arn:aws:iam::123456789012:role/deploy'

const identifying = (
  members: Partial<IdentitySources>,
  allowed: string[] = [],
  role: 'none' | typeof ROLE = ROLE
) =>
  identify(
    {
      region: 'us-east-1',
      roleSessionName: 'x',
      roleDurationSeconds: 900,
      audience: 'sts.amazonaws.com',
      allowedAccountIds: allowed,
      roleToAssume: role === 'none' ? undefined : role
    },
    {
      now: () => START,
      zone: UTC,
      mayRequestToken: true,
      requestToken: () => Promise.resolve(token()),
      assumeRole: () => Promise.resolve({ accessKeyId: 'a', secretAccessKey: 'b' }),
      ambient: () => Promise.resolve({ accessKeyId: 'a', secretAccessKey: 'b' }),
      account: () => Promise.resolve('123456789012'),
      mask: () => undefined,
      tell: () => undefined,
      ...members
    }
  ).then(({ account }) => account)
const ambient = (members: Partial<IdentitySources>) => identifying(members, [], 'none')

const locating = (wanted: string, rows = [row()]) =>
  locate(wanted, rows, {
    store: { list: () => Promise.resolve([]), pin: () => Promise.resolve(undefined) },
    bucket: 'bundles',
    folder: 'codedeploy/shop/',
    zone: UTC
  })

const holding = (policy: 'wait' | 'fail') => {
  const clock = virtualClock()
  const holder = deployment({ id: 'd-HOLDER000' })
  return resolveConflict(
    holder,
    {
      deployment: () => Promise.resolve(holder),
      targetIds: () => Promise.resolve(['i-1']),
      targets: () => Promise.resolve([green('i-1')]),
      stop: () => Promise.resolve({ pending: true, message: '' }),
      endWait: () => Promise.resolve()
    },
    {
      policy,
      endTerminationWait: undefined,
      zone: UTC,
      clock,
      signal: noSignal(),
      deadline: START + 1_000,
      pollMs: 1_000,
      tellHolder: () => undefined,
      tell: () => undefined
    }
  )
}

const starting = (given: Parameters<typeof groupWorld>[1]) => {
  const clock = virtualClock()
  return start(order(), groupWorld(clock, given), {
    clock,
    signal: noSignal(),
    runId: '1',
    checkOrder: true,
    resolveConflict: () => Promise.resolve(),
    tell: () => undefined
  })
}

const thrown = async (work: () => unknown): Promise<unknown> => {
  try {
    return await work()
  } catch (error) {
    return error
  }
}

/** What is done, and the value that its error must show. */
const cases: [string, string, () => unknown][] = [
  [
    'inputs',
    'seoul',
    () =>
      parseInputs((name) => (name === 'aws-region' ? 'seoul' : ''), {
        commit: '',
        event: 'push',
        repository: ''
      })
  ],
  ['no OIDC token allowed', '`role-to-assume`', () => identifying({ mayRequestToken: false })],
  [
    'no OIDC token given',
    'boom',
    () => identifying({ requestToken: () => Promise.reject(new Error('boom')) })
  ],
  [
    'trust policy',
    ROLE,
    () => identifying({ assumeRole: () => Promise.reject(refusal('AccessDenied', 'no', 403)) })
  ],
  [
    'provider',
    'iss=https://token.actions',
    () => identifying({ assumeRole: () => Promise.reject(refusal('InvalidIdentityToken', 'No provider')) })
  ],
  [
    'STS out of reach',
    'ENOTFOUND',
    () => identifying({ assumeRole: () => Promise.reject(broken('ENOTFOUND')) })
  ],
  ['account', '210987654321', () => identifying({}, ['210987654321'])],
  ['no credentials', '`role-to-assume`', () => ambient({ ambient: () => Promise.reject(new Error('none')) })],
  [
    'dead credentials',
    'ExpiredToken',
    () => ambient({ account: () => Promise.reject(refusal('ExpiredToken')) })
  ],
  ['unknown commit', '1234567', () => locating('1234567')],
  ['unknown deployment', 'd-9', () => locating('d-9')],
  ['expired bundle', 'd-AAAAAAAAA', () => locating('d-AAAAAAAAA', [row({ available: false })])],
  ['no previous', 'previous revision', () => locating('previous', [row({ live: true })])],
  ['ambiguous', 'aaaaaaa', () => locating('aaaaaaa', [row(), row({ commit: `aaaaaaa${'1'.repeat(33)}` })])],
  [
    'foreign revision',
    'org/app@abc',
    () => locating('d-AAAAAAAAA', [row({ revision: { kind: 'foreign', text: 'org/app@abc' } })])
  ],
  ['held', 'd-HOLDER000', () => holding('fail')],
  ['held too long', 'd-HOLDER000', () => holding('wait')],
  [
    'overtaken',
    'run 9',
    () =>
      starting({
        deployments: [
          deployment({
            status: 'Succeeded',
            revision: stored(sha('b')),
            description: describeByUser('x', {
              location: stored(sha('b')),
              run: { id: '9', attempt: '1', actor: 'kim' }
            })
          })
        ]
      })
  ],
  [
    'refused for long',
    'the limit',
    () =>
      starting({
        fates: Array.from({ length: 99 }, () => refusal('DeploymentLimitExceededException', 'the limit'))
      })
  ],
  ['unfit: platform', 'Lambda', () => unfit(group({ computePlatform: 'Lambda' }))],
  ['unfit: no blue fleet', 'DISCOVER_EXISTING', () => unfit(fixedGroup({ autoScalingGroups: [] }))],
  ['green: none', 'DISCOVER_EXISTING', () => greenMisfit(fixedGroup(), [])],
  ['green: copies', 'green-fleet', () => greenMisfit(group(), [fleet('green-fleet')])],
  ['green: in place', 'green-fleet', () => greenMisfit(group({ style: 'IN_PLACE' }), [fleet('green-fleet')])],
  ['green: live', 'blue-fleet', () => chooseGreen(fixedGroup(), [fleet('blue-fleet')], [])],
  ['green: neither', 'a or b', () => chooseGreen(fixedGroup(), [fleet('a'), fleet('b')], [])],
  ['green: elsewhere', 'green-fleet', () => chooseGreen(fixedGroup(), [], [fleet('green-fleet')])],
  ['unfit: groups', '2 Auto Scaling groups (a, b)', () => unfit(group({ autoScalingGroups: ['a', 'b'] }))],
  ['unfit: balancer', 'shop/web', () => unfit(group({ loadBalancers: [] }))],
  ...[
    'ApplicationDoesNotExistException',
    'DeploymentGroupDoesNotExistException',
    'DeploymentConfigDoesNotExistException',
    'RevisionDoesNotExistException',
    'InvalidRevisionException',
    'InvalidRoleException',
    'InvalidAutoScalingGroupException',
    'InvalidTargetInstancesException',
    'InvalidLoadBalancerInfoException',
    'InvalidAutoRollbackConfigException',
    'InvalidAlarmConfigException',
    'AlarmsLimitExceededException',
    'DescriptionTooLongException',
    'InvalidFileExistsBehaviorException',
    'DeploymentLimitExceededException',
    'DeploymentDoesNotExistException',
    'AccessDeniedException',
    'UnrecognizedClientException',
    'InvalidSignatureException',
    'ExpiredTokenException',
    'ThrottlingException',
    'Throttling',
    'RegionDisabledException',
    'ExceptionOfTomorrow'
  ].map((name): [string, string, () => unknown] => [
    name,
    name,
    () => explained(refusal(name, 'the words of the service'))
  ]),
  [
    'HTML page',
    'HTTP 502',
    () =>
      explained(Object.assign(new SyntaxError('Unexpected token <'), { $metadata: { httpStatusCode: 502 } }))
  ],
  ['empty 503', 'HTTP 503', () => explained(refusal('Unknown', 'UnknownError', 503))],
  ['no network', 'ECONNRESET', () => explained(broken())],
  ['no DNS', 'ENOTFOUND', () => explained(broken('ENOTFOUND'))]
]

describe('what, why, next', () => {
  test.each(cases)('%s', async (_, value, work) => {
    const error = await thrown(work)
    expect(error).toBeInstanceOf(UserError)
    const { message, hint } = error as UserError
    expect(message).toContain(value)
    // More than a class name, and a sentence (or a list) that says what to do.
    expect(message.split(/\s+/).length).toBeGreaterThan(4)
    expect(message).not.toMatch(/undefined|\[object|NaN/)
    expect(hint.split(/\s+/).length).toBeGreaterThan(1)
    expect(hint).not.toMatch(/undefined|\[object|NaN/)
  })

  test('an error of our own is not presented as one of the service', () => {
    const own = new TypeError('x is not a function')
    expect(explained(own)).toBe(own)
  })

  test('every message in the source has a next step', () => {
    for (const folder of ['domain', 'steps', 'inputs', 'edge', 'commands'])
      for (const file of readdirSync(`src/${folder}`, { encoding: 'utf8', recursive: true }).filter((name) =>
        name.endsWith('.ts')
      )) {
        const source = readFileSync(`src/${folder}/${file}`, 'utf8')
        expect({ file, empty: /new UserError\([^)]*,\s*(''|"")\s*[,)]/.test(source) }).toEqual({
          file,
          empty: false
        })
      }
  })
})
