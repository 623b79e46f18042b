import { describe, expect, test } from '@jest/globals'
import type { LaunchFailure } from '../../src/domain/launch.js'
import type { Machine, Silence } from '../../src/domain/machine.js'
import type { Reason } from '../../src/domain/reason.js'
import { LAUNCH_CAUSES } from '../../src/report/launch.js'
import { reasonLines } from '../../src/report/reasons.js'
import { wayOnLines } from '../../src/report/way-on.js'
import { at, START } from '../fakes/clock.js'
import { deployment, ID, target } from '../fakes/nouns.js'
import { timesAt } from '../fakes/times.js'

const times = timesAt(at(300))
const lines = (reason: Reason): string[] => reasonLines(reason, times)

describe('a launch that failed', () => {
  const launch = (members: Partial<LaunchFailure>): string[] =>
    lines({ kind: 'launch', failure: { group: 'green', message: '', count: 1, since: at(120), ...members } })

  test.each([
    [
      'No capacity',
      'We currently do not have sufficient t3.micro capacity in the Availability Zone you requested (a).'
    ],
    ['No capacity', 'InsufficientInstanceCapacity: no room'],
    ['No such image', "The image id '[ami-4edb0327]' does not exist. Launching EC2 instance failed."],
    [
      'No such launch template',
      'You must use a valid fully-formed launch template. The specified launch template, with template ID lt-1, does not exist.'
    ],
    [
      'Not allowed',
      'You are not authorized to perform this operation. Encoded authorization failure message: x'
    ],
    [
      'Quota reached',
      'You have requested more vCPU capacity than your current vCPU limit of 32 allows for the instance bucket'
    ],
    ['Quota reached', 'Your quota allows for 0 more running instance(s). You requested at least 1'],
    [
      'No free address',
      'There are not enough free addresses in subnet subnet-1 to satisfy the requested number of instances.'
    ],
    ['Encrypted volume', 'Client.InternalError: Client error on launch.'],
    ['Something else is gone', "The security group 'sg-1' does not exist in VPC 'vpc-1'"],
    ['Something else is gone', "The key pair 'deploy' does not exist"],
    [
      'Instance type not supported',
      'Your requested instance type (m7i.large) is not supported in your requested Availability Zone (a).'
    ]
  ])('is %s: %s', (name, message) => {
    expect(LAUNCH_CAUSES.find(({ pattern }) => pattern.test(message))?.name).toBe(name)
  })

  test('says which group, since when, how often, the words, what it means and what to do', () => {
    expect(
      launch({ message: "The image id '[ami-1]' does not exist. Launching EC2 instance failed.", count: 3 })
    ).toEqual([
      "Auto Scaling has launched no instance of green since 12:02 (3 attempts): The image id '[ami-1]' does not exist.",
      'The image of the launch template is gone, or is not shared with this account. Stop the deployment, set an image that exists in the launch template, and deploy again.'
    ])
  })

  test('with words that nobody knows only repeats them, and nothing of them is a command', () => {
    expect(launch({ message: 'new\n::error::trouble', since: undefined })).toEqual([
      'Auto Scaling has launched no instance of green: new↵::error::trouble.',
      "Auto Scaling gives no other reason. Look the message up in the Auto Scaling user guide (launch failures), and see the group's activities."
    ])
    expect(launch({ message: '' })[0]).toBe(
      'Auto Scaling has launched no instance of green since 12:02: it gives no reason.'
    )
  })
})

describe('a silent agent', () => {
  const silence = (machine?: Partial<Machine>, members: Partial<Silence> = {}): string[] =>
    lines({
      kind: 'silence',
      silence: {
        ids: ['i-1', 'i-2'],
        since: at(60).getTime(),
        machine: machine && { id: 'i-1', state: 'running', profile: 'web', checks: 'ok', ...machine },
        ...members
      }
    })

  test.each([
    [
      { state: 'terminated', stateReason: 'User initiated' },
      'terminated (instance profile web, status checks ok, User initiated)',
      'It does not run any more.'
    ],
    [{ profile: undefined }, 'running (status checks ok)', 'It has no instance profile'],
    [{ state: 'pending', checks: undefined }, 'pending (instance profile web)', 'It is still booting.'],
    [
      { checks: 'initializing' },
      'running (instance profile web, status checks initializing)',
      'It is still booting.'
    ],
    [
      { checks: 'impaired' },
      'running (instance profile web, status checks impaired)',
      "EC2's status checks fail"
    ],
    [{}, 'running (instance profile web, status checks ok)', 'It has booted and has an instance profile']
  ])('of an instance with %j', (machine, said, meaning) => {
    const [first, second] = silence(machine)
    expect(first).toBe(`No agent has answered on i-1, i-2 since 12:01. EC2 says: ${said}.`)
    expect(second).toContain(meaning)
  })

  test('that EC2 was not asked about', () => {
    const [first, second] = silence()
    expect(first).toBe('No agent has answered on i-1, i-2 since 12:01.')
    expect(second).toMatch(/^On one of them, check `systemctl status codedeploy-agent`/)
  })

  test('in the middle of an event', () => {
    expect(silence({}, { event: { name: 'AfterInstall', limitSeconds: 300 } })[0]).toBe(
      'AfterInstall has run on i-1, i-2 since 12:01, longer than its scripts may (5 min 00 s): the agent has probably stopped. EC2 says: running (instance profile web, status checks ok).'
    )
  })
})

test('a launch hook that nobody completes', () => {
  expect(lines({ kind: 'held', ids: ['i-1'], since: START })[0]).toBe(
    'A launch hook has held i-1 since 12:00 (Pending:Wait).'
  )
})

describe('after ten minutes of silence', () => {
  const waiting = (targets: ReturnType<typeof target>[] = []) => ({
    ...{ deployment: deployment(), targets, since: START, changedAt: START, until: at(7200).getTime() }
  })
  const stop = `    aws deploy stop-deployment --deployment-id ${ID} --auto-rollback-enabled --region eu-west-1`

  test.each([
    [
      'a fleet that does not come up',
      [],
      `    aws autoscaling describe-scaling-activities --auto-scaling-group-name CodeDeploy_web_${ID} --region eu-west-1`
    ],
    [
      'an event that does not end',
      [target('i-1', 'green', [{ name: 'Install', status: 'InProgress', startTime: at(0) }])],
      '    aws ssm start-session --target i-1 --region eu-west-1'
    ]
  ])('%s: the log says once what a person can do', (_, targets, look) => {
    const said = (seconds: number): string[] =>
      wayOnLines(waiting(targets), { now: at(seconds) }, 'eu-west-1')
    expect(said(599)).toEqual([])
    expect(said(600)).toEqual([
      `${ID} has been silent for long. To see more, and to end it with a rollback:`,
      look,
      stop
    ])
    expect(said(900)).toEqual([])
  })

  test('a wait that somebody has set is left alone', () => {
    const ready = {
      ...waiting([target('i-1', 'green', [{ name: 'Install', status: 'Succeeded', endTime: at(0) }])]),
      deployment: deployment({ status: 'Ready' })
    }
    expect(wayOnLines(ready, { now: at(700) }, 'eu-west-1')).toEqual([])
  })
})
