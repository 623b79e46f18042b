import { describe, expect, test } from '@jest/globals'
import { ofOperation } from '../../src/domain/fault.js'
import type { InstanceLog } from '../../src/domain/instance-log.js'
import { lastLines, logBlocks, logTitle, refusedLogs } from '../../src/report/instance-logs.js'
import { hideSecrets } from '../../src/report/secrets.js'
import { broken, refusal } from '../fakes/nouns.js'
import { HOSTILE, markup, smuggled } from '../hostile/text.js'

const all = (text: string): string => text
const log = (members: Partial<InstanceLog> = {}): InstanceLog => ({
  instanceId: 'i-1',
  deploymentId: 'd-1',
  groupId: 'g-1',
  name: 'scripts',
  lines: ['one', 'two'],
  ...members
})

describe('the lines of a log', () => {
  test('are the last 60, each cut, with their indentation and without blank ones', () => {
    const lines = lastLines(Array.from({ length: 200 }, (_, n) => `  line ${n}\n\n`).join(''), all)
    expect(lines).toHaveLength(60)
    expect([lines[0], lines.at(-1)]).toEqual(['  line 140', '  line 199'])
    expect(lastLines('x'.repeat(100_000), all)[0]).toHaveLength(400)
    expect(lastLines('', all)).toEqual([])
  })

  test('are harmless in log and summary', () => {
    const lines = lastLines(HOSTILE, all)
    expect(smuggled(lines.join('\n'))).toEqual([])
    expect(markup(logBlocks([log({ lines, instanceId: HOSTILE })]).join('\n\n'))).toEqual([])
  })

  test('have no known secret, not even half of one at the end of a cut line or one with colors in it', () => {
    const secret = 'correct-horse-battery'
    const hide = (text: string): string => text.replaceAll(secret, '***')
    const lines = lastLines(`${'x'.repeat(390)}${secret}\ncorrect-\u001b[31mhorse\u001b[0m-battery`, hide)
    expect(lines).toEqual([`${'x'.repeat(390)}***`, '***'])
  })
})

describe('what has the form of a secret is hidden', () => {
  test.each([
    ['AKIAIOSFODNN7EXAMPLE was used', '*** was used'],
    ['export DB_PASSWORD=hunter22 PORT=80', 'export DB_PASSWORD=*** PORT=80'],
    ['{"secretKey": "a b c d", "port": 1}', '{"secretKey": ***, "port": 1}'],
    ['spring.datasource.password: s3cr3t!', 'spring.datasource.password: ***'],
    ['aws_secret_access_key = wJalrXUtnFEMI/K7MDENG', 'aws_secret_access_key = ***'],
    ['jdbc: postgres://app:pa:ss@db/x', 'jdbc: postgres://app:***@db/x'],
    ['Authorization: Bearer abcdef.ghi', 'Authorization: Bearer ***'],
    ['GET /x?X-Amz-Security-Token=FwoG%2F&X-Amz-Date=1', 'GET /x?X-Amz-Security-Token=***&X-Amz-Date=1'],
    ['jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc', 'jwt ***'],
    ['ghp_0123456789012345678901234567890123', '***'],
    [
      'SyntaxError: Unexpected token } in JSON at position 4',
      'SyntaxError: Unexpected token } in JSON at position 4'
    ],
    ['Could not connect to the secret store', 'Could not connect to the secret store']
  ])('%s', (line, shown) => {
    expect(hideSecrets([line])).toEqual([shown])
  })

  test('and so is a private key, up to its end', () => {
    const lines = ['a', '-----BEGIN RSA PRIVATE KEY-----', 'MIIE', '-----END RSA PRIVATE KEY-----', 'b']
    expect(hideSecrets(lines)).toEqual(['a', '***', '***', '***', 'b'])
  })

  test('in a line of any length without delay', () => {
    const long = ['password'.repeat(20_000), `${'a:'.repeat(50_000)}//`, 'token = '.repeat(20_000)]
    expect(hideSecrets(long).every((line) => line.length <= 4_096)).toBe(true)
  })
})

describe('in log and summary', () => {
  test('a title names the log and the instance', () => {
    expect(logTitle(log())).toBe(
      'Last 2 lines of /opt/codedeploy-agent/deployment-root/g-1/d-1/logs/scripts.log on i-1'
    )
    expect(logTitle(log({ name: 'agent', lines: ['x'] }))).toBe(
      'Last line of /var/log/aws/codedeploy-agent/codedeploy-agent.log on i-1'
    )
    expect(logTitle(log({ name: 'console' }))).toBe('Last 2 lines of the console output of i-1')
  })

  test('the summary has them folded, and nothing where there are none', () => {
    expect(logBlocks([])).toEqual([])
    expect(logBlocks([log({ lines: ['```', 'x'] })])[1]).toMatch(
      /^<details><summary>Last 2 lines of <code>\/opt\S+<\/code> on <code>i-1<\/code><\/summary>\n\n````text\n```\nx\n````\n\n<\/details>$/
    )
  })
})

describe('a refusal is one line', () => {
  const asked = { ...log(), source: 'ssm', document: 'logs' } as const
  const denied = (operation: string): Error =>
    ofOperation(refusal('AccessDeniedException', 'no', 400), operation)

  test.each([
    [
      'InvalidInstanceId',
      refusal('InvalidInstanceId'),
      /^SSM cannot reach i-1, .*AmazonSSMManagedInstanceCore/,
      false
    ],
    ['InvalidDocument', refusal('InvalidDocument'), /no SSM document logs .*examples\/aws/, true],
    ['InvalidParameters', refusal('InvalidParameters'), /does not accept deploymentId and groupId/, true],
    [
      'a right',
      denied('SendCommand'),
      /allow the role ssm:SendCommand, as docs\/iam\/optional-instance-logs\.json does, and give the instances the tag/,
      true
    ],
    ['throttling', refusal('ThrottlingException'), /SSM throttled the calls\.$/, true],
    ['a lost connection', broken(), /not shown: socket hang up \(ECONNRESET\)\.$/, true]
  ])('%s', (_, error, line, ofAll) => {
    const said = refusedLogs(error, asked)
    expect(said).toEqual({ line: expect.stringMatching(line), ofAll })
    expect(said.line).not.toContain('\n')
  })

  test('of EC2 names its own right', () => {
    const error = ofOperation(refusal('UnauthorizedOperation', 'no', 403), 'GetConsoleOutput')
    expect(refusedLogs(error, { ...asked, source: 'console' }).line).toMatch(
      /allow the role ec2:GetConsoleOutput, as docs\/iam\/optional-instance-console\.json does/
    )
  })
})
