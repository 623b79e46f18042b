import { describe, expect, test } from '@jest/globals'
import { retrying, type RetryPolicy } from '../../src/edge/retry.js'
import { noSignal, START, virtualClock } from '../fakes/clock.js'
import { broken, refusal } from '../fakes/nouns.js'

interface Told {
  patience: RetryPolicy
  told: string[]
  renewals: number[]
}

const patient = (members: Partial<RetryPolicy> = {}): Told & { now: () => number } => {
  const clock = virtualClock()
  const told: string[] = []
  const renewals: number[] = []
  return {
    told,
    renewals,
    now: () => clock.now(),
    patience: {
      clock,
      patienceMs: 600_000,
      signal: noSignal(),
      tell: (sentence) => told.push(sentence),
      renewCredentials: () => renewals.push(clock.now()),
      ...members
    }
  }
}

/** Fails with each error in turn and then answers; with `forEver`, the last error repeats instead. */
const failing = (errors: readonly Error[], forEver = false) => {
  let calls = 0
  return {
    count: () => calls,
    call: () => {
      const error = errors[forEver ? Math.min(calls, errors.length - 1) : calls]
      calls++
      return error === undefined ? Promise.resolve('answer') : Promise.reject(error)
    }
  }
}

const times = <T>(count: number, item: T): T[] => Array.from({ length: count }, () => item)

describe('a call that fails for a while', () => {
  test.each([
    ['throttled', times(12, refusal('ThrottlingException', 'Rate exceeded'))],
    [
      'an HTML page',
      times(5, Object.assign(new SyntaxError('Unexpected token <'), { $metadata: { httpStatusCode: 502 } }))
    ],
    ['a 503 without a body', times(5, refusal('Unknown', 'UnknownError', 503))],
    ['resets', times(5, broken())],
    ['DNS', times(5, broken('ENOTFOUND'))],
    ['an expired token', [refusal('ExpiredTokenException')]],
    ['a wrong clock', [refusal('InvalidSignatureException', 'Signature not yet current')]],
    [
      'one after another',
      [
        broken(),
        broken(),
        refusal('ExpiredTokenException'),
        broken(),
        refusal('RequestTimeTooSkewed'),
        refusal('Throttling')
      ]
    ]
  ])('%s: answers in the end, reported once', async (_, errors) => {
    const { patience, told, now } = patient()
    const { call, count } = failing(errors)
    await expect(retrying('GetDeployment', call, patience)).resolves.toBe('answer')
    expect(count()).toBe(errors.length + 1)
    expect(told).toHaveLength(2)
    expect(told[0]).toMatch(/^GetDeployment failed: .+\. Retrying for up to 600 s\.$/)
    expect(told[1]).toBe('GetDeployment works again.')
    expect(now() - START).toBeLessThanOrEqual(600_000)
  })

  test('an immediate answer is not reported', async () => {
    const { patience, told } = patient()
    await retrying('GetDeployment', () => Promise.resolve(1), patience)
    expect(told).toEqual([])
  })

  test('credentials are renewed once for each refusal', async () => {
    const { patience, renewals } = patient()
    await retrying('GetDeployment', failing([refusal('ExpiredToken')]).call, patience)
    expect(renewals).toHaveLength(1)
  })
})

describe('a call that keeps failing', () => {
  test.each([
    ['throttled', refusal('ThrottlingException', 'Rate exceeded')],
    ['broken', broken()],
    ['5xx', refusal('InternalServerError', 'sorry', 500)]
  ])('%s: throws its own error within the time limit', async (_, error) => {
    const { patience, told, now } = patient({ patienceMs: 60_000 })
    await expect(retrying('GetDeployment', failing([error], true).call, patience)).rejects.toBe(error)
    expect(told).toHaveLength(1)
    expect(now() - START).toBeLessThanOrEqual(60_000)
    expect(now() - START).toBeGreaterThan(30_000)
  })

  test.each([
    ['AccessDenied', refusal('AccessDeniedException', 'no', 400)],
    ['a 403', refusal('Unknown', 'UnknownError', 403)],
    ['validation', refusal('InvalidDeploymentIdException')],
    ['a missing group', refusal('DeploymentGroupDoesNotExistException')],
    ['a bug of our own', new TypeError('x is not a function')]
  ])('%s: final at once, with nothing reported', async (_, error) => {
    const { patience, told, now } = patient()
    const { call, count } = failing([error], true)
    await expect(retrying('GetDeployment', call, patience)).rejects.toBe(error)
    expect([count(), told.length, now() - START]).toEqual([1, 0, 0])
  })

  test.each([
    ['signature', refusal('SignatureDoesNotMatch', 'wrong key', 403)],
    ['token', refusal('ExpiredTokenException')]
  ])('a %s that is refused even after renewal is final within seconds', async (_, error) => {
    const { patience, now } = patient()
    const { call, count } = failing([error], true)
    await expect(retrying('GetDeployment', call, patience)).rejects.toBe(error)
    expect(count()).toBe(3)
    expect(now() - START).toBeLessThan(2_000)
  })

  test('an expired token that nobody can renew is final at once', async () => {
    const { patience } = patient({ renewCredentials: undefined })
    const { call, count } = failing([refusal('ExpiredTokenException')], true)
    await expect(retrying('AssumeRoleWithWebIdentity', call, patience)).rejects.toThrow('refused')
    expect(count()).toBe(1)
  })
})

test('a cancel ends the waiting at once, with its own reason', async () => {
  const controller = new AbortController()
  const { patience, now } = patient({ signal: controller.signal })
  const reason = new Error('canceled')
  patience.clock.sleep(1_000).then(
    () => controller.abort(reason),
    () => undefined
  )
  await expect(retrying('GetDeployment', failing([broken()], true).call, patience)).rejects.toBe(reason)
  expect(now() - START).toBe(1_000)
})

test('a first attempt that fails after the whole time limit, on a slow connection, is retried', async () => {
  const clock = virtualClock()
  let calls = 0
  const answer = await retrying(
    'UploadPart 1',
    async () => {
      if (++calls === 2) return 'stored'
      await clock.sleep(600_000)
      throw broken()
    },
    { clock, patienceMs: 120_000 }
  )
  expect([answer, calls]).toEqual(['stored', 2])
})
