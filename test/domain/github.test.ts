import { describe, expect, test } from '@jest/globals'
import { explainCall, githubError, isGitHubError, judge, type FailedCall } from '../../src/domain/github.js'

const NOW = Date.parse('2026-11-26T12:00:00Z')
const failed = (status: number | undefined, message = '', more: Partial<FailedCall> = {}): FailedCall => ({
  ...{ status, message, headers: {} },
  ...more
})

const SECONDARY = 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.'
const LACKS = 'Resource not accessible by integration'
const reset = (seconds: number): string => String(NOW / 1000 + seconds)

describe('a failed call', () => {
  test.each<[string, FailedCall, object]>([
    [
      'retry-after counts first',
      failed(403, SECONDARY, {
        headers: { 'retry-after': '30', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset(99) }
      }),
      { kind: 'limited', afterMs: 30_000 }
    ],
    [
      'then the reset, if nothing remains',
      failed(403, 'API rate limit exceeded', {
        headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset(40) }
      }),
      { kind: 'limited', afterMs: 41_000 }
    ],
    [
      "by GitHub's own clock",
      failed(429, '', {
        headers: {
          'x-ratelimit-remaining': '0',
          'x-ratelimit-reset': reset(40),
          date: new Date(NOW + 30_000).toUTCString()
        }
      }),
      { kind: 'limited', afterMs: 11_000 }
    ],
    [
      'which may be over',
      failed(429, '', { headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset(-40) } }),
      { kind: 'limited', afterMs: 1_000 }
    ],
    [
      'a reset does not count while calls remain',
      failed(403, 'Forbidden', { headers: { 'x-ratelimit-remaining': '7', 'x-ratelimit-reset': reset(40) } }),
      { kind: 'denied' }
    ],
    ['else a minute', failed(429), { kind: 'limited', afterMs: 60_000 }],
    ['also for a 403 that says so', failed(403, SECONDARY), { kind: 'limited', afterMs: 60_000 }],
    [
      'a lack of permission is no limit',
      failed(403, LACKS, { headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset(40) } }),
      { kind: 'denied' }
    ],
    ['nor is a bad token', failed(401, 'Bad credentials'), { kind: 'denied' }],
    [
      'nor a rule of the organization',
      failed(403, 'Although you appear to have the correct authorization …'),
      { kind: 'denied' }
    ],
    ['a page of a broken server', failed(503, 'a page in HTML'), { kind: 'lost', afterMs: undefined }],
    [
      'which may say when it is back',
      failed(503, '', { headers: { 'retry-after': '5' } }),
      { kind: 'lost', afterMs: 5_000 }
    ],
    ['a request that took too long', failed(408), { kind: 'lost', afterMs: undefined }],
    [
      'a lost connection',
      failed(undefined, 'read ECONNRESET', { cause: Object.assign(new Error(), { code: 'ECONNRESET' }) }),
      { kind: 'lost' }
    ],
    [
      'a certificate that is not trusted',
      failed(undefined, '', { cause: Object.assign(new Error(), { code: 'CERT_REVOKED' }) }),
      { kind: 'unavailable' }
    ],
    ['what does not exist', failed(404, 'Not Found'), { kind: 'gone' }],
    ['what was deleted', failed(410, 'This issue was deleted'), { kind: 'gone' }],
    ['what is not valid', failed(422, 'Validation Failed'), { kind: 'refused' }],
    ['a conflict', failed(409, 'Conflict'), { kind: 'refused' }]
  ])('%s', (_name, call, verdict) => {
    expect(judge(call, 0, NOW)).toEqual(verdict)
  })

  test('that is limited without a time waits twice as long each time', () => {
    expect([0, 1, 2].map((attempt) => judge(failed(429), attempt, NOW))).toEqual(
      [60_000, 120_000, 240_000].map((afterMs) => ({ kind: 'limited', afterMs }))
    )
  })
})

describe('the error', () => {
  const call = { what: 'create a comment on #12', permission: 'pull-requests: write' }

  test.each<[Parameters<typeof explainCall>[1], Parameters<typeof explainCall>[2], string]>([
    [
      failed(403, LACKS),
      { kind: 'denied' },
      'GitHub does not allow this job to create a comment on #12: Resource not accessible by integration (HTTP 403). Add `pull-requests: write` to the `permissions:` of the job.'
    ],
    [
      failed(401, 'Bad credentials'),
      { kind: 'denied' },
      "GitHub does not accept the token to create a comment on #12: Bad credentials (HTTP 401). Check the input github-token; a job's own token ends with the job."
    ],
    [
      failed(403, SECONDARY),
      { kind: 'limited', afterMs: 3_000_500 },
      'GitHub limits the calls of this token, and would create a comment on #12 only in 3001 s: You have exceeded a secondary rate limit. Please wait a few minutes before you try again (HTTP 403). Run the job again later.'
    ],
    [
      failed(410, 'This issue was deleted'),
      { kind: 'gone' },
      'GitHub could not create a comment on #12: This issue was deleted (HTTP 410). It does not exist, or the token may not see it.'
    ],
    [
      failed(undefined, 'read ECONNRESET'),
      { kind: 'unavailable' },
      'GitHub gave no answer to the request to create a comment on #12: read ECONNRESET. Run the job again.'
    ],
    [
      failed(422, 'Validation Failed: Body is too long'),
      { kind: 'refused' },
      'GitHub refused to create a comment on #12: Validation Failed: Body is too long (HTTP 422).'
    ],
    [
      failed(422, ''),
      { kind: 'refused' },
      'GitHub refused to create a comment on #12: no message (HTTP 422).'
    ]
  ])('of %j', (answer, verdict, message) => {
    expect(explainCall(call, answer, verdict)).toMatchObject({
      name: 'GitHubError',
      kind: verdict.kind,
      message
    })
  })

  test('names the permission only if it is what the token lacks', () => {
    expect(explainCall(call, failed(403, LACKS), { kind: 'denied' }).permission).toBe('pull-requests: write')
    expect(explainCall(call, failed(401), { kind: 'denied' }).permission).toBeUndefined()
    expect(explainCall(call, failed(422), { kind: 'refused' }).permission).toBeUndefined()
  })

  test('is known by its name and kind', () => {
    const error = githubError('gone', 'no')
    expect([isGitHubError(error), isGitHubError(error, 'gone'), isGitHubError(error, 'denied')]).toEqual([
      true,
      true,
      false
    ])
    expect([isGitHubError(new Error('no')), isGitHubError(undefined)]).toEqual([false, false])
  })
})
