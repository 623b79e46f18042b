import { describe, expect, test } from '@jest/globals'
import type { Diagnostics } from '../../src/domain/event.js'
import { failureAnnotation } from '../../src/report/annotation.js'
import { displayWidth } from '../../src/report/columns.js'
import { deploymentErrorLines, failureLines, skippedLines, tailLines } from '../../src/report/failure.js'
import { painter } from '../../src/report/style.js'
import { outcome } from '../fakes/endings.js'
import { deployment, failedDiagnostics, ID, instance, target } from '../fakes/nouns.js'

const plain = painter(false)

const change = (over: Partial<Diagnostics> = {}, name = 'ValidateService') => {
  const event = { name, status: 'Failed', diagnostics: failedDiagnostics(over) }
  return { target: target(instance(1), 'green', [event], 'Failed'), event }
}

describe('a failed event in the log', () => {
  test('script, error, exit code, message, meaning, next step, output and both logs on the server', () => {
    const lines = failureLines(
      change({ logTail: '[stderr]boom' }),
      { deploymentId: ID, groupId: 'group-id' },
      plain
    )
    expect(lines).toEqual([
      '✗ ValidateService failed on i-0a1b2c3d4e5f60001 (green)',
      '    meaning        The script exited with a code other than 0.',
      '    next step      Read its last lines of output. To see more, run it by hand on a server as the same user.',
      '    script         scripts/validate.sh',
      '    error          ScriptFailed, exit code 3',
      '    message        Script at specified location: scripts/validate.sh failed with exit code 3',
      '    last output',
      '      │ [stderr]boom',
      `    on the server  /opt/codedeploy-agent/deployment-root/group-id/${ID}/logs/scripts.log`,
      '                   /var/log/aws/codedeploy-agent/codedeploy-agent.log'
    ])
  })

  test.each([undefined, ''])('without the id of the group (%j), the path has a placeholder', (groupId) => {
    expect(failureLines(change(), { deploymentId: ID, groupId }, plain).join('\n')).toContain(
      `/opt/codedeploy-agent/deployment-root/<deployment-group-id>/${ID}/logs/scripts.log`
    )
  })

  test('an event that the service itself runs has no script and no script log', () => {
    const lines = failureLines(
      change({ scriptName: '', logTail: '', message: '' }, 'AllowTraffic'),
      { deploymentId: ID },
      plain
    )
    expect(lines.join('\n')).not.toMatch(/script {2}|scripts\.log|last output|message/)
  })

  test('the output of a script is never a runner command', () => {
    const logTail = '::error::x\n##[endgroup]\n\u001b[2Jgone\r::set-output name=a::b'
    const lines = failureLines(
      change({ logTail, message: 'a\n::stop-commands::x' }),
      { deploymentId: ID },
      plain
    )
    for (const line of lines) {
      expect(line.trimStart().startsWith('::')).toBe(false)
      // eslint-disable-next-line no-control-regex
      expect(line).not.toMatch(/##\[|[\u0000-\u001f]/)
    }
  })
})

describe('the log tail', () => {
  test.each([
    ['a few lines stay whole', 'a\nb\n', ['a', 'b']],
    ['none has none', '', []]
  ])('%s', (_, given, expected) => {
    expect(tailLines(given)).toEqual(expected)
  })

  test.each([
    [
      '/opt/codedeploy-agent/deployment-root/1111-22/d-A1/deployment-archive/scripts/x.sh: line 3',
      'scripts/x.sh: line 3'
    ],
    ['cp: /a/deployment-root/g/d-A1/deployment-archive/f: no', 'cp: f: no'],
    ['/deployment-root/only/this', '/deployment-root/only/this']
  ])("paths in the agent's copy of the bundle become paths in the bundle: %s", (given, expected) => {
    expect(tailLines(given)).toEqual([expected])
  })

  test('shows the last of many lines, and says that it does', () => {
    const lines = tailLines(Array.from({ length: 100 }, (_, n) => `line ${n}`).join('\n'), 3)
    expect(lines).toEqual(['… 97 earlier lines are not shown', 'line 97', 'line 98', 'line 99'])
  })

  test('a tail of any size ends up small', () => {
    const [line] = tailLines('x'.repeat(5_000_000))
    expect(displayWidth(line ?? '')).toBeLessThanOrEqual(400)
  })
})

describe('the annotation on the hook script', () => {
  test.each([
    ['.', 'scripts/validate.sh', 'scripts/validate.sh'],
    ['deploy/app', 'scripts/validate.sh', 'deploy/app/scripts/validate.sh'],
    ['./app/', './scripts/validate.sh', 'app/scripts/validate.sh'],
    [undefined, 'scripts/validate.sh', undefined],
    ['.', '../../etc/passwd', undefined],
    ['/abs', 'scripts/validate.sh', undefined],
    ['.', '', undefined]
  ])('source %j and script %j give the file %j', (source, scriptName, expected) => {
    expect(failureAnnotation(change({ scriptName }), source)?.file).toBe(expected)
  })

  test.each([
    ['bash names the line', '[stderr]/opt/x/scripts/validate.sh: line 12: foo: command not found', 12],
    ['dash names it, too', '[stderr]/opt/x/scripts/validate.sh: 7: foo: not found', 7],
    ['the last one counts', 'scripts/validate.sh: line 2: a\nscripts/validate.sh: line 9: b', 9],
    ['another script is not meant', 'scripts/other.sh: line 12: foo', undefined],
    ['no line at all', 'boom', undefined]
  ])('%s', (_, logTail, expected) => {
    expect(failureAnnotation(change({ logTail }), '.')?.line).toBe(expected)
  })

  test('title and message say what failed, what to do, and why', () => {
    const annotation = failureAnnotation(change({ logTail: '[stderr]boom' }), '.')
    expect(annotation?.title).toBe('ValidateService failed on i-0a1b2c3d4e5f60001 (green)')
    expect(annotation?.message.split('\n')).toEqual([
      'Script at specified location: scripts/validate.sh failed with exit code 3',
      'Read its last lines of output. To see more, run it by hand on a server as the same user.',
      'The script exited with a code other than 0.',
      '[stderr]boom'
    ])
  })
})

describe('what the service says about a deployment', () => {
  test('code, message, meaning and next step', () => {
    const failed = deployment({ status: 'Succeeded', error: { code: 'NO_INSTANCES', message: 'none found' } })
    const lines = deploymentErrorLines({ ending: { name: 'started', deployment: failed } }, plain)
    expect(lines.map((line) => line.slice(0, 39))).toEqual([
      `✗ ${ID}: NO_INSTANCES`,
      '    message        none found',
      '    meaning        There is no instance',
      '    next step      Set the desired capa'
    ])
    const silent = deployment({ status: 'Succeeded' })
    expect(deploymentErrorLines({ ending: { name: 'started', deployment: silent } }, plain)).toEqual([])
  })

  test.each([
    ['stopping', 'This job was canceled, and stopped'],
    ['left', 'Somebody stopped the deployment: a person, a canceled job'],
    [undefined, 'Somebody stopped the deployment: a person, a canceled job']
  ] as const)('a deployment that was stopped, when this job had been canceled (%s)', (canceled, expected) => {
    const stopped = deployment({ status: 'Stopped', error: { code: 'MANUAL_STOP', message: '' } })
    const ending = {
      ...outcome({ name: 'stopped', deployment: stopped }),
      ...(canceled === undefined ? {} : { canceled })
    }
    const lines = deploymentErrorLines({ ending }, plain)
    expect(lines[1]).toContain(expected)
    expect(lines.join().includes('CloudTrail')).toBe(canceled !== 'stopping')
  })

  test('an instance that did not run', () => {
    const lines = skippedLines([target(instance(1), 'green', [], 'Skipped')], plain)
    expect(lines[0]).toBe('✗ i-0a1b2c3d4e5f60001 (green) did not run')
    expect(lines[2]).toContain('systemctl status codedeploy-agent')
  })

  test('many instances that did not run, together', () => {
    const targets = Array.from({ length: 1000 }, (_, n) =>
      target(instance(n), n < 600 ? 'green' : 'blue', [], 'Skipped')
    )
    const lines = skippedLines(targets, plain)
    expect(lines.filter((line) => line.startsWith('✗'))).toEqual([
      `✗ ${instance(0)}, ${instance(1)}, ${instance(2)} and 597 more instances (green) did not run`,
      `✗ ${instance(600)}, ${instance(601)}, ${instance(602)} and 397 more instances (blue) did not run`
    ])
    expect(lines).toHaveLength(6)
    expect(skippedLines(targets.slice(0, 24), plain)).toHaveLength(3 * 24)
  })
})
