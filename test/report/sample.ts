import type { Deployment, Outcome } from '../../src/domain/deployment.js'
import type { Diagnostics, EventStatus, Fleet, LifecycleEvent, Target } from '../../src/domain/event.js'
import type { HistoryRow } from '../../src/domain/history.js'
import type { StoredLocation } from '../../src/domain/revision.js'
import type { Story } from '../../src/report/story.js'
import { UTC } from '../fakes/times.js'

export const NEW = '9108d4a3c0ffee00000000000000000000000001'
export const OLD = '1f2e3d4c5b6a79880000000000000000000000ab'
export const ID = 'd-ABCDEF123'

/** This many seconds after 12:00:00 UTC on the sample day. */
export const at = (seconds: number): Date => new Date(Date.UTC(2026, 10, 22, 12, 0, 0) + seconds * 1000)

export const INSTALL = [
  'ApplicationStop',
  'DownloadBundle',
  'BeforeInstall',
  'Install',
  'AfterInstall',
  'ApplicationStart',
  'ValidateService'
]
export const ALLOW = ['BeforeAllowTraffic', 'AllowTraffic', 'AfterAllowTraffic']
export const BLOCK = ['BeforeBlockTraffic', 'BlockTraffic', 'AfterBlockTraffic']

const LENGTHS: Partial<Record<string, number>> = {
  DownloadBundle: 2.4,
  Install: 3.2,
  AfterInstall: 5.5,
  ApplicationStart: 12,
  ValidateService: 8,
  AllowTraffic: 21,
  BlockTraffic: 31
}

/** Events that run one after another from the given time, all succeeded. */
export const events = (names: readonly string[], start: number): LifecycleEvent[] => {
  let clock = start
  return names.map((name) => {
    const startTime = at(clock)
    clock += LENGTHS[name] ?? 0.4
    return { name, status: 'Succeeded', startTime, endTime: at(clock) }
  })
}

/** Events that have not run. */
export const unrun = (names: readonly string[], status: EventStatus = 'Pending'): LifecycleEvent[] =>
  names.map((name) => ({ name, status }))

export const instance = (n: number): string => `i-0a1b2c3d4e5f6${String(n).padStart(4, '0')}`

export const target = (n: number, fleet: Fleet, its: LifecycleEvent[], status = 'Succeeded'): Target => ({
  id: instance(n),
  fleet,
  status,
  events: its
})

export const green = (n: number, start: number): Target =>
  target(n, 'green', [...events(INSTALL, start), ...events(ALLOW, start + 40)])

export const blue = (n: number, start: number): Target => target(n, 'blue', events(BLOCK, start))

/** Traffic has moved, and blue is waiting to be terminated. */
export const moving = (over: Partial<Deployment> = {}): Deployment => ({
  id: ID,
  application: 'festabook',
  group: 'production',
  status: 'InProgress',
  creator: 'user',
  description: '9108d4a3 [BE] DEV -> PROD merge | run 42.1 by mina',
  createdAt: at(0),
  startedAt: at(1),
  style: 'BLUE_GREEN',
  terminationWaitStarted: false,
  waits: {
    readyMinutes: 0,
    readyAction: 'CONTINUE_DEPLOYMENT',
    terminationMinutes: 480,
    blueAction: 'TERMINATE'
  },
  greenAutoScalingGroup: `CodeDeploy_production_${ID}`,
  ...over
})

/** A completed deployment. */
export const deployment = (over: Partial<Deployment> = {}): Deployment =>
  moving({ status: 'Succeeded', completedAt: at(260), ...over })

export const outcome = (over: Partial<Outcome> = {}): Outcome => ({
  name: 'succeeded',
  deployment: moving(),
  targets: [green(1, 95), green(2, 97), green(3, 99), blue(4, 165), blue(5, 166), blue(6, 167)],
  blueStillAlive: true,
  ...over
})

export const story = (over: Partial<Story> = {}): Story => ({
  command: 'deploy',
  ending: outcome(),
  region: 'ap-northeast-2',
  now: at(200),
  zone: UTC,
  commit: NEW,
  subject: '[BE] 축제 지도 캐시 수정 (#412)',
  previousCommit: OLD,
  repository: { serverUrl: 'https://github.com', name: 'festabook/server' },
  groupId: '11111111-2222-3333-4444-555555555555',
  referencedGroups: ['web-asg'],
  bundle: {
    size: 4_812_345,
    uploadedBytes: 4_812_345,
    contentHash: '00c0ffee'.repeat(8),
    address: 's3://bundles/codedeploy/festabook/key.zip'
  },
  ...over
})

export const failedDiagnostics = (over: Partial<Diagnostics> = {}): Diagnostics => ({
  errorCode: 'ScriptFailed',
  scriptName: 'scripts/validate.sh',
  message: 'Script at specified location: scripts/validate.sh failed with exit code 3',
  logTail:
    'LifecycleEvent - ValidateService\nScript - scripts/validate.sh\n[stdout]waiting for http://localhost:8080/health\n[stderr]curl: (7) Failed to connect to localhost port 8080\n[stderr]/opt/codedeploy-agent/deployment-root/g/d/deployment-archive/scripts/validate.sh: line 12: [: : integer expression expected\n',
  ...over
})

/** A green instance whose ValidateService fails; later events are skipped. */
export const failing = (n: number, start: number, diagnostics = failedDiagnostics()): Target => {
  const its = events(INSTALL, start).map((event) =>
    event.name === 'ValidateService' ? { ...event, status: 'Failed', diagnostics } : event
  )
  return target(n, 'green', [...its, ...unrun(ALLOW, 'Skipped')], 'Failed')
}

export const failedOutcome = (): Outcome => {
  const first = failing(1, 95)
  const event = first.events[6]
  return outcome({
    name: 'failed',
    blueStillAlive: false,
    deployment: deployment({
      status: 'Failed',
      error: {
        code: 'HEALTH_CONSTRAINTS',
        message:
          'The overall deployment failed because too many individual instances failed deployment, too few healthy instances are available for deployment, or some instances in your deployment group are experiencing problems.'
      }
    }),
    targets: [
      first,
      target(
        2,
        'green',
        [
          ...events(INSTALL.slice(0, 3), 97),
          ...unrun(INSTALL.slice(3), 'Skipped'),
          ...unrun(ALLOW, 'Skipped')
        ],
        'Skipped'
      )
    ],
    ...(event === undefined ? {} : { firstFailure: { target: first, event } })
  })
}

/** Failed after traffic had started to move; the service moved it back with a rollback deployment. */
export const rolledBackOutcome = (): Outcome => {
  const broken = green(1, 95)
  const at2 = target(
    2,
    'green',
    [
      ...events(INSTALL, 97),
      ...events(ALLOW, 137).map((event) =>
        event.name === 'AfterAllowTraffic'
          ? {
              ...event,
              status: 'Failed',
              diagnostics: failedDiagnostics({
                scriptName: 'scripts/smoke.sh',
                message: 'Script at specified location: scripts/smoke.sh failed with exit code 1'
              })
            }
          : event
      )
    ],
    'Failed'
  )
  const event = at2.events[9]
  return outcome({
    name: 'rolled-back',
    blueStillAlive: false,
    deployment: deployment({ status: 'Failed', rollback: { by: 'd-ROLLBACK1' } }),
    targets: [
      broken,
      at2,
      target(4, 'blue', unrun(BLOCK, 'Skipped'), 'Skipped'),
      target(5, 'blue', unrun(BLOCK, 'Skipped'), 'Skipped')
    ],
    rollback: deployment({
      id: 'd-ROLLBACK1',
      creator: 'codeDeployRollback',
      rollback: { of: ID },
      revision: {
        kind: 's3',
        bucket: 'bundles',
        key: `codedeploy/festabook/${OLD}-0123456789ab.zip`,
        bundleType: 'zip'
      }
    }),
    rollbackTargets: [
      target(4, 'blue', events(ALLOW, 180)),
      target(5, 'blue', events(ALLOW, 182)),
      target(1, 'green', events(BLOCK, 205)),
      target(2, 'green', events(BLOCK, 206))
    ],
    ...(event === undefined ? {} : { firstFailure: { target: at2, event } })
  })
}

/** Where the bundle of a commit is stored. */
export const bundleOf = (commit: string, hash = '0123456789ab'): StoredLocation => ({
  kind: 's3',
  bucket: 'bundles',
  key: `codedeploy/festabook/${commit}-${hash}.zip`,
  bundleType: 'zip'
})

export const row = (over: Partial<HistoryRow> = {}): HistoryRow => ({
  deploymentId: ID,
  commit: NEW,
  subject: '[BE] DEV -> PROD merge',
  status: 'Succeeded',
  who: 'mina',
  startedAt: at(0),
  completedAt: at(29_640),
  timeToTrafficMs: 192_000,
  durationMs: 29_640_000,
  live: false,
  served: true,
  creator: 'user',
  available: true,
  addressable: true,
  revisionText: 's3://bundles/key',
  revision: bundleOf(over.commit ?? NEW),
  ...over
})

/** Subjects that break tables, pages and logs unless these escape them. */
export const NASTY_SUBJECTS: readonly string[] = [
  '[BE] 한글 커밋 메시지: 축제 지도 🎪 수정',
  'pipe | and \\| and \\\\| again',
  'ticks ` and ``` and `code`',
  '<script>document.title = "owned"</script>',
  '<img src=x onerror="document.title=\'owned\'">',
  'first line\nsecond line\r\n::error::third line',
  '::error file=a.js::injected',
  '##[error]injected',
  '\u001b[31mred\u001b[0m \u001b]8;;https://example.com\u0007link\u001b]8;;\u0007',
  '[link](javascript:alert(1)) ![image](https://example.com/x.png)',
  '</details></td></tr></table><h1>out</h1>',
  'a\u0301\u0302\u0303 \u202eright to left\u202c 👨‍👩‍👧‍👦 🇰🇷',
  'x'.repeat(300),
  '가'.repeat(300)
]
