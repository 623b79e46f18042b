import { describe, expect, test } from '@jest/globals'
import type { Deployment } from '../../src/domain/deployment.js'
import type { Target } from '../../src/domain/event.js'
import { closing, closingLines } from '../../src/report/outcome.js'
import { rollbackClosing, type RollbackWay } from '../../src/report/rollback.js'
import { type Ending, type Story, timings } from '../../src/report/story.js'
import { at } from '../fakes/clock.js'
import { failedOutcome, failing, NEW, OLD, outcome, rolledBackOutcome, story } from '../fakes/endings.js'
import {
  ALLOW,
  BLOCK,
  blocked,
  deployment,
  events,
  ID,
  INSTALL,
  instance,
  NOT_REQUIRED,
  served,
  target,
  unrun,
  waits
} from '../fakes/nouns.js'

const told = (ending: Ending, over: Partial<Story> = {}) => closing(story({ ending, ...over }))
const READ_OUTPUT = 'Read its last lines of output. To see more, run it by hand on a server as the same user.'
const DELETE = `aws autoscaling delete-auto-scaling-group --auto-scaling-group-name 'CodeDeploy_web_${ID}' --force-delete --region ap-northeast-2`
const LEFT = `The Auto Scaling group CodeDeploy_web_${ID} was left behind and keeps costing money. Delete it once you no longer need to inspect its instances (an error that it is not found is fine).`

describe('succeeded', () => {
  test('traffic has moved, and says until when an instant rollback is possible', () => {
    expect(told(outcome())).toEqual({
      fails: false,
      headline: 'aaaaaaaa is live on shop/web after 2 min 40 s',
      sentences: [
        'The blue fleet keeps running until 20:03. Until then, `command: rollback` can send traffic back to it without a new fleet, and other deployments of the group must wait.'
      ],
      commands: []
    })
  })

  test.each([
    [
      'the old fleet is gone',
      {},
      /^The blue fleet \(3 instances\) was terminated, so from now on a rollback /
    ],
    ['the old fleet is kept', { waits: waits({ blueAction: 'KEEP_ALIVE' }) }, /^The blue fleet is kept run/],
    ['in place, nothing', { style: 'IN_PLACE' }, undefined],
    ['nothing is claimed when the waits of the group are not known', { waits: undefined }, undefined]
  ] as const)('completely: %s', (_, over, expected) => {
    const [sentence] = told(
      outcome({ deployment: deployment({ status: 'Succeeded', ...over }), blueStillAlive: false })
    ).sentences
    if (expected === undefined) expect(sentence).toBeUndefined()
    else expect(sentence).toMatch(expected)
  })

  test('with instances that failed or were skipped', () => {
    const { sentences, fails } = told(
      outcome({
        deployment: deployment({ status: 'Succeeded' }),
        blueStillAlive: false,
        targets: [served(instance(1), 95), failing(2, 95)]
      })
    )
    expect(fails).toBe(false)
    expect(sentences[0]).toMatch(/^1 of 2 instances failed or was skipped: i-0a1b2c3d4e5f60002\./)
  })

  test('names ten of a thousand failed instances', () => {
    const targets = Array.from({ length: 1000 }, (_, n) => failing(n, 0))
    const [sentence = ''] = told(
      outcome({ deployment: deployment({ status: 'Succeeded' }), blueStillAlive: false, targets })
    ).sentences
    expect(sentence).toContain('and 990 more')
    expect(sentence.length).toBeLessThan(450)
  })

  test('and blue is kept running', () => {
    expect(
      told(
        outcome({
          deployment: deployment({ waits: waits({ terminationMinutes: 0, blueAction: 'KEEP_ALIVE' }) })
        })
      ).sentences[0]
    ).toContain('until someone deletes')
  })
})

describe('failed', () => {
  test('the same way on several instances: how many of how many, and where first', () => {
    const targets = [failing(1, 95), failing(2, 97), served(instance(3), 99)]
    expect(told({ ...failedOutcome(), targets }).cause?.what).toBe(
      'ValidateService failed on 2 of 3 green instances, first on i-0a1b2c3d4e5f60001.'
    )
  })

  test('in the log: the cause, the next act, what serves, and last what was left behind', () => {
    const lines = closingLines(told(failedOutcome()))
    expect(lines.slice(0, 3)).toEqual([
      'Deploying aaaaaaaa to shop/web failed. ValidateService failed first, on i-0a1b2c3d4e5f60001 (green).',
      READ_OUTPUT,
      'The traffic never moved: bbbbbbbb never stopped serving.'
    ])
    expect(lines.slice(-2)).toEqual([LEFT, `    ${DELETE}`])
  })

  test('before the traffic moved: the old version never stopped serving', () => {
    expect(told(failedOutcome())).toEqual({
      fails: true,
      headline: 'Deploying aaaaaaaa to shop/web failed',
      cause: { what: 'ValidateService failed first, on i-0a1b2c3d4e5f60001 (green).', next: READ_OUTPUT },
      sentences: ['The traffic never moved: bbbbbbbb never stopped serving.'],
      commands: [],
      cleanUp: { sentence: LEFT, commands: [DELETE] }
    })
  })

  test.each<[string, Partial<Deployment>, Target[], string, RegExp]>([
    [
      'before any instance was there: what the code means',
      { error: { code: 'IAM_ROLE_MISSING', message: 'No role.' } },
      [],
      'The service role of the deployment group does not exist, or CodeDeploy is not allowed to assume it (IAM_ROLE_MISSING: No role).',
      /^Recreate it with codedeploy\.amazonaws\.com/
    ],
    [
      'without any agent that answered',
      { error: { code: 'HEALTH_CONSTRAINTS', message: 'Too many.' } },
      [1, 2, 3].map((n) => target(instance(n), 'green', unrun(INSTALL, 'Skipped'), 'Skipped')),
      'No agent answered on i-0a1b2c3d4e5f60001 and 2 more instances.',
      /^Check in this order: the agent is installed/
    ]
  ])('%s', (_, over, targets, what, next) => {
    const ending = outcome({
      name: 'failed',
      blueStillAlive: false,
      deployment: deployment({ status: 'Failed', ...over }),
      targets
    })
    expect(told(ending).cause).toEqual({ what, next: expect.stringMatching(next) })
  })

  test('by an event whose message says more than its code: what that message asks for', () => {
    const change = { errorCode: 'ScriptFailed', scriptName: 's.sh', logTail: '' }
    const message = 'Script at specified location: s.sh failed with exit code 127'
    const first = failing(1, 95, { ...change, message })
    const event = first.events.find(({ status }) => status === 'Failed')
    if (event === undefined) throw new Error('nothing failed')
    const ending = { ...failedOutcome(), targets: [first], firstFailure: { target: first, event } }
    expect(told(ending).cause?.next).toMatch(/^Install the program before the script needs it/)
  })

  const half = [
    served(instance(1), 0),
    target(instance(2), 'green', [...events(INSTALL, 0), ...unrun(ALLOW, 'Skipped')], 'Failed'),
    target(instance(3), 'blue', unrun(BLOCK))
  ]
  const failedWith = (targets: Target[], over = {}): Ending =>
    outcome({
      name: 'failed',
      blueStillAlive: false,
      deployment: deployment({ status: 'Failed', ...over }),
      targets
    })

  test.each([
    [
      'while it moved',
      failedWith(half),
      'Traffic had started to move, so both revisions may be serving (traffic: green 1/2 · blue 1/1).'
    ],
    [
      'while the fleet was provisioned',
      failedWith([]),
      'The traffic never moved: bbbbbbbb never stopped serving.'
    ],
    [
      'unseen, although there were instances',
      failedWith([], { overview: { Failed: 1 } }),
      'It is not known whether traffic had started to move. Check the target group to see which instances are serving.'
    ],
    [
      'unseen, but the service says why it created no rollback',
      failedWith([], {
        overview: { Failed: 1 },
        rollback: { message: NOT_REQUIRED }
      }),
      'The traffic never moved: bbbbbbbb never stopped serving.'
    ],
    [
      'in place',
      failedWith([], { style: 'IN_PLACE' }),
      'The instances that it reached have already changed; the others still run the previous revision.'
    ]
  ])('%s', (_, ending, expected) => {
    expect(told(ending).sentences).toContain(expected)
  })

  test('and its rollback failed too', () => {
    const ending = {
      ...rolledBackOutcome(),
      name: 'failed' as const,
      rollback: deployment({ id: 'd-R', status: 'Failed' })
    }
    expect(told(ending).sentences).toContain(
      'Its rollback d-R did not succeed either (Failed). Check the target group to see which instances are serving.'
    )
  })
})

describe('rolled back', () => {
  test('says which deployment did it, what is live, and how many instances prove it', () => {
    expect(told(rolledBackOutcome())).toEqual({
      fails: true,
      headline: 'aaaaaaaa was rolled back on shop/web: bbbbbbbb is live again',
      cause: { what: 'AfterAllowTraffic failed first, on i-0a1b2c3d4e5f60002 (green).', next: READ_OUTPUT },
      sentences: [`${ID} was rolled back by d-BACK00000; 2 of its previous instances are in service.`],
      commands: [],
      cleanUp: { sentence: LEFT, commands: [DELETE] }
    })
  })
})

describe('the other outcomes', () => {
  test('stopped', () => {
    const ending = outcome({
      name: 'stopped',
      blueStillAlive: false,
      deployment: deployment({ status: 'Stopped' }),
      targets: []
    })
    expect(told(ending)).toMatchObject({
      fails: true,
      headline: 'Deploying aaaaaaaa to shop/web was stopped',
      cleanUp: { commands: [DELETE] }
    })
  })

  test('stopped while an event ran: not the event, but the stop is the cause', () => {
    const { cause } = told({
      ...failedOutcome(),
      name: 'stopped',
      deployment: deployment({ status: 'Stopped', error: { code: 'MANUAL_STOP', message: 'By a user.' } })
    })
    expect(cause).toEqual({
      what: expect.stringMatching(/^Somebody stopped the deployment: .* \(MANUAL_STOP: By a user\)\.$/),
      next: expect.stringMatching(/^Check what is live now/)
    })
  })

  const byAlarm = (message: string) =>
    outcome({
      name: 'stopped',
      blueStillAlive: false,
      deployment: deployment({ status: 'Stopped', error: { code: 'ALARM_ACTIVE', message } }),
      targets: []
    })

  test.each<[Partial<Story>, string, string]>([
    [{}, 'Deploying aaaaaaaa to', 'Check the alarm that the service names.'],
    [{ command: 'rollback' }, 'Rolling back to aaaaaaaa on', 'Check the alarm that the service names.'],
    [{ command: 'rollback', alarms: 'kept' }, 'Rolling back to aaaaaaaa on', 'Run this again with `alarms-d'],
    [{ command: 'rollback', alarms: 'refused' }, 'Rolling back to aaaaaaaa on', 'Allow the role of the'],
    [{ command: 'rollback', alarms: 'followed' }, 'Rolling back to aaaaaaaa on', 'Run this again: this dep'],
    [{ command: 'rollback', alarms: 'off' }, 'Rolling back to aaaaaaaa on', 'Turn the alarms off in the']
  ])('stopped by an alarm (%j): which one, then what to do', (over, what, next) => {
    const { headline, cause, fails } = told(byAlarm('… Activated alarms: <5xx>'), over)
    expect(fails).toBe(true)
    expect(headline).toBe(`${what} shop/web was stopped by the alarm 5xx`)
    expect(cause).toEqual({ next: expect.stringMatching(new RegExp(`^${next}`)) })
    expect(told(byAlarm('No name.'), over).headline).toContain('by an alarm of the deployment group')
  })

  test('rolled back because of an alarm', () => {
    const ending = rolledBackOutcome()
    const error = { code: 'ALARM_ACTIVE', message: 'Activated alarms: <5xx>' }
    const { cause } = told({ ...ending, deployment: { ...ending.deployment, error } })
    expect(cause).toEqual({
      what: `${ending.deployment.id} was stopped by the alarm 5xx.`,
      next: expect.stringMatching(/^Check the alarm that the service names\./)
    })
  })

  test('timed out: stops nothing, and says how to continue', () => {
    const ending = outcome({ name: 'timed-out', blueStillAlive: false, targets: [] })
    expect(told(ending)).toEqual({
      fails: true,
      headline: `The time limit for watching was reached, but ${ID} is still running`,
      sentences: [
        `To follow it, run this job again: it finds ${ID} and continues where this one ended.`,
        'Nothing was stopped. Its status is InProgress (Provision the green fleet) after 3 min 20 s. To check it by hand:'
      ],
      commands: [`aws deploy get-deployment --deployment-id ${ID} --region ap-northeast-2`]
    })
  })

  test('only started', () => {
    const end = told({ name: 'started', deployment: deployment() })
    expect([end.fails, end.headline]).toEqual([false, `Started ${ID} on shop/web`])
    expect(closingLines(end).at(-1)).toBe(
      `    aws deploy get-deployment --deployment-id ${ID} --region ap-northeast-2`
    )
  })
})

describe('the Auto Scaling group that was left behind', () => {
  const failed = (over = {}): Ending =>
    outcome({
      name: 'failed',
      blueStillAlive: false,
      targets: [],
      deployment: deployment({ status: 'Failed', ...over })
    })
  test.each([
    [
      'the deployment group refers to it',
      failed(),
      { referencedGroups: [`CodeDeploy_web_${ID}`] },
      'the deployment group refers to it'
    ],
    [
      'the name belongs to another deployment',
      failed({ greenAutoScalingGroup: 'CodeDeploy_web_d-OTHER' }),
      {},
      'its name does not end in the ID'
    ],
    [
      'instances are in service',
      outcome({
        name: 'failed',
        blueStillAlive: false,
        deployment: deployment({ status: 'Failed' }),
        targets: [served(instance(1), 0)]
      }),
      {},
      'some of its instances are still in service'
    ]
  ])('no command when %s', (_, ending, over, expected) => {
    const { cleanUp } = told(ending, over)
    expect(cleanUp?.sentence).toContain(`Check before you delete it: ${expected}`)
    expect(cleanUp?.commands).toEqual([])
  })

  test('no command when the deployment group was not read', () => {
    const { referencedGroups: _referencedGroups, ...unread } = story({ ending: failed() })
    expect(closing(unread).cleanUp?.commands).toEqual([])
    expect(_referencedGroups).toBeDefined()
  })

  test('does not claim that a group exists when only the naming rule suggests it', () => {
    const { greenAutoScalingGroup, ...unnamed } = deployment({ status: 'Failed', group: "it's mine" })
    const end = told(outcome({ name: 'failed', blueStillAlive: false, targets: [], deployment: unnamed }))
    expect(greenAutoScalingGroup).toBeDefined()
    expect(end.cleanUp?.sentence).toContain('may have been left behind')
    expect(end.cleanUp?.commands[0]).toContain(`'CodeDeploy_it'\\''s mine_${ID}'`)
  })

  test.each([
    ['in place', failed({ style: 'IN_PLACE' })],
    ['a success', outcome()]
  ])('%s leaves nothing behind', (_, ending) => {
    expect(told(ending).cleanUp).toBeUndefined()
  })
})

describe('a rollback that did not work speaks of rolling back', () => {
  const other =
    'To go back to another revision, roll back again with its commit; an empty `commit` lists what is available.'
  test.each<[string, Ending, string]>([
    ['failed', failedOutcome(), 'Rolling back to aaaaaaaa on shop/web failed'],
    [
      'stopped',
      outcome({ name: 'stopped', deployment: deployment({ status: 'Stopped' }), blueStillAlive: false }),
      'Rolling back to aaaaaaaa on shop/web was stopped'
    ],
    [
      'rolled back by the service',
      rolledBackOutcome(),
      'Rolling back to aaaaaaaa on shop/web failed: bbbbbbbb is live again'
    ]
  ])('%s', (_, ending, headline) => {
    const end = told(ending, { command: 'rollback' })
    expect(end.headline).toBe(headline)
    expect(end.sentences).toContain(other)
    expect(end.fails).toBe(true)
    expect([end.headline, ...end.sentences].join()).not.toContain('Deploying')
    expect(told(ending).sentences).not.toContain(other)
  })
})

describe('a rollback whose target is live', () => {
  test.each([
    ['already-live', `aaaaaaaa is already live on shop/web`],
    [
      'never-left',
      'aaaaaaaa is live on shop/web: the running deployment was stopped before its traffic moved'
    ],
    ['fast', 'aaaaaaaa is live on shop/web again after 8.2 s'],
    ['redeploy', 'aaaaaaaa is live on shop/web again after 8.2 s']
  ] as [RollbackWay, string][])('%s', (way, headline) => {
    const end = rollbackClosing({
      way,
      commit: NEW,
      application: 'shop',
      group: 'web',
      tookMs: 8_200
    })
    expect([end.fails, end.headline]).toEqual([false, headline])
    expect(end.sentences.join().includes('launch template')).toBe(way !== 'already-live')
  })
})

test('measures the time to traffic and to the end of the last deployment', () => {
  expect(timings(story())).toEqual({ toTrafficMs: 160_400, totalMs: 200_000 })
  expect(timings(story({ ending: outcome({ targets: [blocked(instance(1), 0)] }) }))).toEqual({
    totalMs: 200_000
  })
  const late = { ...rolledBackOutcome(), rollback: deployment({ status: 'Succeeded', completedAt: at(400) }) }
  expect(timings(story({ ending: late, commit: OLD })).totalMs).toBe(400_000)
})
