import { describe, expect, test } from '@jest/globals'
import type { Credentials, IdentityInputs } from '../../src/domain/identity.js'
import { UserError } from '../../src/errors.js'
import { zoneOf } from '../../src/report/times.js'
import { identify, type IdentitySources } from '../../src/steps/identify.js'
import { START } from '../fakes/clock.js'
import { broken, refusal } from '../fakes/nouns.js'
import { token } from '../fakes/token.js'

const ROLE = 'arn:aws:iam::123456789012:role/deploy'
const LIFE_MS = 15 * 60_000

const inputs = (members: Partial<IdentityInputs> = {}): IdentityInputs => ({
  region: 'us-east-1',
  roleToAssume: ROLE,
  roleSessionName: 'GitHubActions',
  roleDurationSeconds: 900,
  audience: 'sts.amazonaws.com',
  allowedAccountIds: [],
  ...members
})

const outside = (members: Partial<IdentitySources> = {}) => {
  const told: string[] = []
  const masked: string[] = []
  let now = START
  let made = 0
  const credentials = (): Credentials => {
    made++
    return {
      accessKeyId: `KEY${made}`,
      secretAccessKey: `secret-${made}`,
      sessionToken: `session-${made}`,
      expiration: new Date(now + LIFE_MS)
    }
  }
  let tokens = 0
  const sources: IdentitySources = {
    now: () => now,
    zone: zoneOf('Asia/Seoul'),
    mayRequestToken: true,
    requestToken: () => Promise.resolve(token({ jti: ++tokens })),
    assumeRole: () => Promise.resolve(credentials()),
    ambient: () => Promise.resolve({ accessKeyId: 'AKIA', secretAccessKey: 'ambient-secret' }),
    account: () => Promise.resolve('123456789012'),
    mask: (secret) => {
      masked.push(secret)
    },
    tell: (sentence) => {
      told.push(sentence)
    },
    ...members
  }
  return {
    sources,
    told,
    masked,
    tokens: () => tokens,
    made: () => made,
    pass: (ms: number) => {
      now += ms
    },
    credentials
  }
}

const errorOf = async (work: Promise<unknown>): Promise<UserError> => {
  const error: unknown = await work.catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(UserError)
  return error as UserError
}

describe('who the calls are made as', () => {
  test('the role of the job, with token and secrets masked before they are used', async () => {
    const run = outside()
    const asked: object[] = []
    const { identity, account } = await identify(inputs(), {
      ...run.sources,
      assumeRole: (request) => {
        expect(run.masked).toContain(request.token)
        asked.push(request)
        return run.sources.assumeRole(request)
      }
    })
    expect(asked).toMatchObject([{ roleArn: ROLE, sessionName: 'GitHubActions', durationSeconds: 900 }])
    expect(await account).toBe('123456789012')
    expect(run.masked).toEqual(expect.arrayContaining(['secret-1', 'session-1']))
    expect((await identity.credentials()).accessKeyId).toBe('KEY1')
  })

  test("the job's own credentials without a role, and no token is requested", async () => {
    const run = outside()
    const { account } = await identify({ ...inputs(), roleToAssume: undefined }, run.sources)
    expect(await account).toBe('123456789012')
    expect([run.tokens(), run.masked]).toEqual([0, ['ambient-secret']])
  })

  test('long-lived credentials are never renewed', async () => {
    const run = outside()
    const { identity } = await identify({ ...inputs(), roleToAssume: undefined }, run.sources)
    run.pass(1_000 * LIFE_MS)
    expect((await identity.credentials()).accessKeyId).toBe('AKIA')
    expect(run.masked).toHaveLength(1)
  })
})

describe('who is refused', () => {
  const sts = (error: Error): Partial<IdentitySources> => ({ assumeRole: () => Promise.reject(error) })
  const ambient = { roleToAssume: undefined } as unknown as Partial<IdentityInputs>
  const denied = refusal('AccessDenied', 'Not authorized to perform sts:AssumeRoleWithWebIdentity', 403)

  test.each<[string, Partial<IdentitySources>, Partial<IdentityInputs>, RegExp[], RegExp[]]>([
    [
      'no id-token permission',
      { mayRequestToken: false },
      {},
      [/may not request an OIDC token/],
      [/`permissions: id-token: write`/]
    ],
    [
      'no token from GitHub',
      { requestToken: () => Promise.reject(new Error('Error Code : 503')) },
      {},
      [/Error Code : 503/],
      [/githubstatus/]
    ],
    [
      'a trust policy that does not match',
      sts(denied),
      {},
      [
        /Not authorized to perform sts:AssumeRoleWithWebIdentity \(AccessDenied\)/,
        /sub=repo:org\/app:ref:refs\/heads\/main aud=sts\.amazonaws\.com repository=org\/app environment=\(none\)/
      ],
      [
        /"token\.actions\.githubusercontent\.com:sub": "repo:org\/app:ref:refs\/heads\/main"/,
        /arn:aws:iam::123456789012:oidc-provider/,
        /repo:org@\*\/app@\*:ref:refs\/heads\/main \(under StringLike\)/
      ]
    ],
    [
      'the same for a new repository',
      {
        ...sts(denied),
        requestToken: () =>
          Promise.resolve(token({ sub: 'repo:org@1/app@2:environment:prod', environment: 'prod' }))
      },
      {},
      [/environment=prod/],
      [/"repo:org@1\/app@2:environment:prod"/, /other form.*: repo:org\/app:environment:prod$/m]
    ],
    [
      'no provider in the account',
      sts(
        refusal(
          'InvalidIdentityTokenException',
          'No OpenIDConnect provider found in your account for https://token.actions.githubusercontent.com'
        )
      ),
      {},
      [/No OpenIDConnect provider found/, /iss=https:\/\/token\.actions/],
      [/Create the IAM OIDC provider/]
    ],
    [
      'another audience',
      sts(refusal('InvalidIdentityToken', 'Incorrect token audience')),
      {},
      [/Incorrect token audience/, /aud=sts\.amazonaws\.com/],
      [/`audience`/]
    ],
    [
      'too long a session',
      sts(
        refusal(
          'ValidationError',
          'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.'
        )
      ),
      {},
      [/DurationSeconds exceeds/],
      [/Lower `role-duration-seconds`/]
    ],
    [
      'an invalid ARN',
      sts(refusal('ValidationError', 'Request ARN is invalid')),
      {},
      [/Request ARN is invalid \(ValidationError\)/],
      [/`role-to-assume`/]
    ],
    [
      'a region that is off',
      sts(refusal('RegionDisabledException', 'STS is not activated in this region', 403)),
      {},
      [/not activated/],
      [/`aws-region`/]
    ],
    [
      'a claim that is rejected',
      sts(refusal('IDPRejectedClaim', 'The token was rejected', 403)),
      {},
      [/rejected/],
      [/`role-to-assume`/]
    ],
    [
      'a token that is too old',
      sts(refusal('ExpiredTokenException', 'Token expired')),
      {},
      [/Token expired/],
      [/Run the job again/]
    ],
    ['STS out of reach', sts(broken('ENOTFOUND')), {}, [/\(ENOTFOUND\)/], [/`aws-region`/]],
    [
      'an unreadable token',
      { ...sts(denied), requestToken: () => Promise.resolve('nonsense') },
      {},
      [/Not authorized/],
      [/trust policy/]
    ],
    [
      'no credentials at all',
      { ambient: () => Promise.reject(new Error('Could not load credentials from any providers')) },
      ambient,
      [/`role-to-assume` is empty/],
      [/Set `role-to-assume`/]
    ],
    [
      'credentials that expired',
      {
        account: () =>
          Promise.reject(
            refusal('ExpiredToken', 'The security token included in the request is expired', 403)
          )
      },
      ambient,
      [/is expired \(ExpiredToken\)/],
      [/they may have expired/]
    ],
    [
      'another account',
      {},
      { ...ambient, allowedAccountIds: ['210987654321'] },
      [/account 123456789012, which `allowed-account-ids` \(210987654321\) does not list/],
      [/Nothing was done/]
    ],
    [
      "another account than the role's",
      {},
      { allowedAccountIds: ['210987654321'] },
      [/account 123456789012/],
      [/`role-to-assume`/]
    ]
  ])('%s', async (_, members, given, what, next) => {
    const error = await errorOf(
      identify(inputs(given), outside(members).sources).then(({ account }) => account)
    )
    for (const words of what) expect(error.message).toMatch(words)
    for (const words of next) expect(error.hint).toMatch(words)
  })

  test('a cancel is not a refusal', async () => {
    const canceled = Object.assign(new Error('aborted'), { name: 'AbortError' })
    await expect(identify(inputs(), outside(sts(canceled)).sources)).rejects.toBe(canceled)
  })

  test('is asked only once: AccessDenied is an answer', async () => {
    let asked = 0
    await errorOf(
      identify(
        inputs(),
        outside({
          assumeRole: () => {
            asked++
            return Promise.reject(denied)
          }
        }).sources
      )
    )
    expect(asked).toBe(1)
  })
})

describe('credentials of fifteen minutes', () => {
  const POLL_MS = 15_000

  test('last through nine hours: renewed in time, each from a new token', async () => {
    const run = outside()
    const { identity } = await identify(inputs(), run.sources)
    for (let passed = 0; passed < 9 * 3_600_000; passed += POLL_MS) {
      run.pass(POLL_MS)
      const { expiration } = await identity.credentials()
      expect(expiration?.getTime() ?? 0).toBeGreaterThan(run.sources.now())
    }
    expect(run.made()).toBeGreaterThanOrEqual(36)
    expect(run.made()).toBeLessThanOrEqual(60)
    expect(run.tokens()).toBe(run.made())
    expect(run.told).toEqual([])
  })

  /** Renewals fail from the second set on, as long as `fails` says so. */
  const refusing = async (fails: (calls: number) => boolean) => {
    let calls = 0
    const run = outside()
    const { identity } = await identify(inputs(), {
      ...run.sources,
      requestToken: (audience) => {
        calls++
        return calls > 1 && fails(calls)
          ? Promise.reject(new Error('endpoint refused'))
          : run.sources.requestToken(audience)
      }
    })
    const poll = async (ms: number) => {
      run.pass(ms)
      const now = await identity.credentials()
      // A renewal runs in the background; here it gets its turn.
      await new Promise((resolve) => setImmediate(resolve))
      return now
    }
    return { run, identity, poll, calls: () => calls }
  }

  test('a refused renewal is tolerated while they are valid, reported once, then thrown', async () => {
    const { run, poll, calls } = await refusing(() => true)
    let lasted = 0
    let error: unknown
    while (error === undefined && lasted < LIFE_MS * 2) {
      await poll(POLL_MS).then(
        () => {
          lasted += POLL_MS
        },
        (thrown: unknown) => {
          error = thrown
        }
      )
    }
    expect(error).toBeInstanceOf(UserError)
    expect((error as UserError).message).toContain('endpoint refused')
    expect(lasted).toBeGreaterThanOrEqual(LIFE_MS - POLL_MS)
    expect(run.told).toHaveLength(1)
    expect(run.told[0]).toContain('used until 2026-11-22 21:15 (Asia/Seoul), and')
    expect(calls()).toBeLessThanOrEqual(14)
  })

  test('a renewal that works again is used, and a later refusal is reported again', async () => {
    const { run, poll } = await refusing((calls) => calls < 5 || calls === 6)
    const keys = new Set<string>()
    for (let passed = 0; passed < 4 * LIFE_MS; passed += POLL_MS) keys.add((await poll(POLL_MS)).accessKeyId)
    expect(keys.size).toBeGreaterThanOrEqual(4)
    expect(run.told).toHaveLength(2)
  })

  test('no call waits for a hanging renewal while the current set is valid', async () => {
    const run = outside()
    let hangs = false
    const { identity } = await identify(inputs(), {
      ...run.sources,
      requestToken: (audience) =>
        hangs ? new Promise<never>(() => undefined) : run.sources.requestToken(audience)
    })
    hangs = true
    run.pass(11 * 60_000)
    expect((await identity.credentials()).accessKeyId).toBe('KEY1')
    expect((await identity.credentials()).accessKeyId).toBe('KEY1')
  })

  test('expired credentials are fetched again, only once for all concurrent calls', async () => {
    const run = outside()
    const { identity } = await identify(inputs(), run.sources)
    identity.renew()
    const keys = await Promise.all([1, 2, 3].map(async () => (await identity.credentials()).accessKeyId))
    expect(keys).toEqual(['KEY2', 'KEY2', 'KEY2'])
    expect(run.made()).toBe(2)
  })

  test('a failed first fetch is retried by the next call', async () => {
    const { identity, poll } = await refusing((calls) => calls === 2)
    identity.renew()
    await expect(poll(0)).rejects.toThrow('endpoint refused')
    expect((await poll(0)).accessKeyId).toBe('KEY2')
  })
})
