import { ErrorCode, LifecycleErrorCode } from '@aws-sdk/client-codedeploy'
import { describe, expect, test } from '@jest/globals'
import { DEPLOYMENT_ERRORS } from '../../src/report/deployment-errors.js'
import { SCRIPT_ERRORS } from '../../src/report/event-errors.js'
import {
  exitCodeOf,
  explainDeploymentError,
  explainEvent,
  explainScriptError,
  silentTargets
} from '../../src/report/explain.js'
import { failing } from '../fakes/endings.js'
import { ALLOW, events, failedDiagnostics, INSTALL, instance, target, unrun } from '../fakes/nouns.js'

describe('every error code is explained', () => {
  test('every deployment error code in the API, and the one that only the manual has', () => {
    expect(Object.keys(DEPLOYMENT_ERRORS).sort()).toEqual(
      [...Object.values(ErrorCode), 'UNABLE_TO_SEND_ASG'].sort()
    )
  })

  test('every event error code in the API', () => {
    expect(Object.keys(SCRIPT_ERRORS).sort()).toEqual(Object.values(LifecycleErrorCode).sort())
  })

  test.each([...Object.entries(DEPLOYMENT_ERRORS), ...Object.entries(SCRIPT_ERRORS)])(
    '%s has a sentence and a next step, each whole',
    (code, { meaning, next }) => {
      for (const text of [meaning, next]) {
        expect(text).toMatch(/^[A-Z].{20,}[.)]$/)
        expect(text).not.toContain(code)
      }
    }
  )

  test.each(['NEWS_OF_TOMORROW', '', 'constructor', '__proto__'])('%j is reported as unknown', (code) => {
    expect(explainDeploymentError(code).meaning).toContain('does not know')
    expect(explainScriptError(failedDiagnostics({ errorCode: code, message: '' })).meaning).toContain(
      'does not know'
    )
  })
})

describe('the message of an event says more than its code', () => {
  test.each([
    [
      'Script at specified location: s.sh failed with exit code 1',
      'ScriptFailed',
      'exited with a code other than 0'
    ],
    [
      'Script at specified location: s.sh run as user web failed with exit code 127',
      'ScriptFailed',
      'not found'
    ],
    [
      'Script at specified location: s.sh failed with exit code ',
      'ScriptFailed',
      'A signal killed the script'
    ],
    [
      'Script at specified location: s.sh failed to complete in 300 seconds',
      'ScriptTimedOut',
      'longer than its `timeout`'
    ],
    ['Script does not exist at specified location: /opt/x/s.sh', 'ScriptMissing', 'not in the bundle'],
    ['Script at specified location: s.sh failed to close STDOUT', 'UnknownError', 'kept its output open'],
    ['Failing in-progress lifecycle event after an agent restart.', 'UnknownError', 'agent was restarted'],
    [
      's.sh failed with error Errno::ENOENT with message No such file or directory - /opt/s.sh',
      'ScriptFailed',
      'CRLF'
    ],
    ['s.sh failed with error Errno::ENOEXEC with message Exec format error', 'ScriptFailed', 'no `#!` line'],
    ['No space left on device @ rb_sysopen', 'UnknownError', 'disk of the server is full'],
    [
      'The deployment failed because a specified file already exists at this location: /srv/app/x',
      'UnknownError',
      'did not put it there'
    ],
    [
      'CodeDeploy agent was not able to receive the lifecycle event. Check the CodeDeploy agent logs',
      'UnknownError',
      'did not fetch this event'
    ]
  ])('%s', (message, errorCode, expected) => {
    expect(explainScriptError(failedDiagnostics({ message, errorCode })).meaning).toContain(expected)
  })

  test.each([
    ['Script at specified location: s.sh failed with exit code 3', 3],
    ['Script at specified location: s.sh run as user web failed with exit code 255\n', 255],
    ['Script at specified location: s.sh failed with exit code ', undefined],
    ['Script at specified location: s.sh failed to complete in 5 seconds', undefined]
  ])('the exit code in %j is %s', (message, expected) => {
    expect(exitCodeOf(failedDiagnostics({ message }))).toBe(expected)
  })
})

const failed = (
  name: string,
  fleet: 'green' | 'blue' | 'in-place',
  message = '',
  errorCode = 'UnknownError'
) => {
  const event = {
    name,
    status: 'Failed',
    diagnostics: failedDiagnostics({ errorCode, message, scriptName: '' })
  }
  return explainEvent({ target: target(instance(1), fleet, [event], 'Failed'), event })
    .map(({ meaning }) => meaning)
    .join(' ')
}

describe('where an event fails adds to the explanation', () => {
  test.each([
    ['AllowTraffic', 'green', '', 'did not become healthy'],
    [
      'AllowTraffic',
      'green',
      'Role does not have correct permissions. role arn',
      'is not allowed to change the load balancer'
    ],
    [
      'AllowTraffic',
      'green',
      'The specified load balancer does not exist. for activityId=5',
      'names a load balancer that does not exist'
    ],
    ['BeforeBlockTraffic', 'blue', '', 'both fleets may be serving'],
    ['BlockTraffic', 'blue', '', 'both fleets may be serving'],
    ['AfterBlockTraffic', 'blue', '', 'the new fleet has the traffic'],
    ['ApplicationStop', 'in-place', '', 'previously installed'],
    ['DownloadBundle', 'green', 'Access Denied', 'is not allowed to fetch the bundle']
  ] as const)('%s on %s with %j', (name, fleet, message, expected) => {
    expect(failed(name, fleet, message)).toContain(expected)
  })

  test('advice about the old fleet is given for no other fleet', () => {
    expect(failed('BeforeBlockTraffic', 'in-place')).not.toContain('both fleets')
    expect(failed('AllowTraffic', 'green', 'Role does not have correct permissions.')).not.toContain(
      'healthy'
    )
    expect(failed('AfterInstall', 'green', 'Access Denied')).not.toContain('bundle from S3')
  })

  test('an event without diagnostics', () => {
    const event = { name: 'Install', status: 'Failed' }
    const [error] = explainEvent({ target: target(instance(1), 'green', [event], 'Failed'), event })
    expect(error?.meaning).toContain('the instance did not answer')
  })
})

describe('instances that never answered', () => {
  const skipped = target(instance(2), 'green', unrun([...INSTALL, ...ALLOW], 'Skipped'), 'Skipped')
  test.each([
    ['all events skipped and nothing failed anywhere', [skipped], 1],
    ['skipped after another instance had failed', [failing(1, 0), skipped], 0],
    [
      'some events had run',
      [target(instance(1), 'green', [...events(INSTALL, 0), ...unrun(ALLOW, 'Skipped')])],
      0
    ],
    ['no events at all', [target(instance(1), 'green', [])], 0]
  ])('%s', (_, targets, expected) => {
    expect(silentTargets(targets)).toHaveLength(expected)
  })
})
