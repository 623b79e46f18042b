import type { Outcome } from '../../src/domain/deployment.js'
import type { LifecycleEvent, Target } from '../../src/domain/event.js'
import type { Story } from '../../src/report/story.js'
import { at } from './clock.js'
import {
  ALLOW,
  BLOCK,
  blocked,
  deployment,
  done,
  events,
  failedDiagnostics,
  GREEN_EVENTS,
  INSTALL,
  instance,
  returned,
  served,
  serviceRollback,
  sha,
  stored,
  target,
  unrun
} from './nouns.js'
import { UTC } from './times.js'

/** The commit that a story deploys, and the one before it. */
export const NEW = sha('a')
export const OLD = sha('b')

/** The traffic has moved, and blue is waiting to be terminated. */
export const outcome = (members: Partial<Outcome> = {}): Outcome => ({
  name: 'succeeded',
  deployment: deployment(),
  targets: [
    ...[95, 97, 99].map((start, index) => served(instance(index + 1), start)),
    ...[165, 166, 167].map((start, index) => blocked(instance(index + 4), start))
  ],
  blueStillAlive: true,
  ...members
})

export const story = (members: Partial<Story> = {}): Story => ({
  command: 'deploy',
  ending: outcome(),
  region: 'ap-northeast-2',
  now: at(200),
  zone: UTC,
  commit: NEW,
  subject: '[BE] 축제 지도 캐시 수정 (#412)',
  previousCommit: OLD,
  repository: { serverUrl: 'https://github.com', name: 'shop/server' },
  groupId: '11111111-2222-3333-4444-555555555555',
  referencedGroups: ['web-asg'],
  bundle: {
    size: 4_812_345,
    uploadedBytes: 4_812_345,
    contentHash: '00c0ffee'.repeat(8),
    address: 's3://bundles/codedeploy/shop/key.zip'
  },
  ...members
})

/** Its first event that failed has these diagnostics. */
const diagnosed = (its: Target, diagnostics = failedDiagnostics()): Target => ({
  ...its,
  events: its.events.map((event) => (event.status === 'Failed' ? { ...event, diagnostics } : event))
})

/** A green instance whose ValidateService fails; later events are skipped. */
export const failing = (n: number, start: number, diagnostics = failedDiagnostics()): Target =>
  diagnosed(
    target(instance(n), 'green', [...events(INSTALL, start, done(6, 'Failed')), ...unrun(ALLOW, 'Skipped')]),
    diagnostics
  )

/** The event of an instance that failed. */
const failureOf = (its: Target): { target: Target; event: LifecycleEvent } => {
  const event = its.events.find(({ status }) => status === 'Failed')
  if (event === undefined) throw new Error(`no event of ${its.id} failed`)
  return { target: its, event }
}

/** Failed before the traffic moved. */
export const failedOutcome = (): Outcome => {
  const first = failing(1, 95)
  const second = [...events(INSTALL.slice(0, 3), 97), ...unrun([...INSTALL.slice(3), ...ALLOW], 'Skipped')]
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
    targets: [first, target(instance(2), 'green', second, 'Skipped')],
    firstFailure: failureOf(first)
  })
}

/** Failed after traffic had started to move; the service moved it back with a rollback deployment. */
export const rolledBackOutcome = (): Outcome => {
  const rollback = serviceRollback({ status: 'Succeeded', revision: stored(OLD) })
  const broken = diagnosed(
    target(instance(2), 'green', events(GREEN_EVENTS, 97, done(9, 'Failed'))),
    failedDiagnostics({
      scriptName: 'scripts/smoke.sh',
      message: 'Script at specified location: scripts/smoke.sh failed with exit code 1'
    })
  )
  return outcome({
    name: 'rolled-back',
    blueStillAlive: false,
    deployment: deployment({ status: 'Failed', rollback: { by: rollback.id } }),
    targets: [
      served(instance(1), 95),
      broken,
      ...[4, 5].map((n) => target(instance(n), 'blue', unrun(BLOCK, 'Skipped'), 'Skipped'))
    ],
    rollback,
    rollbackTargets: [
      returned(instance(4), 180),
      returned(instance(5), 182),
      target(instance(1), 'green', events(BLOCK, 205)),
      target(instance(2), 'green', events(BLOCK, 206))
    ],
    firstFailure: failureOf(broken)
  })
}
