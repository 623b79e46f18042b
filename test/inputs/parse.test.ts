import { describe, expect, test } from '@jest/globals'
import { UserError } from '../../src/errors.js'
import { parseInputs } from '../../src/inputs/parse.js'
import type { Defaults, Inputs } from '../../src/inputs/types.js'
import { sha } from '../fakes/nouns.js'

const COMPLETE = {
  'aws-region': 'ap-northeast-2',
  'role-to-assume': 'arn:aws:iam::123456789012:role/deploy',
  'application-name': 'shop',
  'deployment-group-name': 'web',
  's3-bucket': 'bundles'
}

const DEFAULTS: Defaults = { commit: sha('a'), event: 'push', repository: 'example-org/example-app' }

const parse = (
  given: Record<string, string>,
  alsoWrong: string[] = [],
  defaults: Partial<Defaults> = {}
): Inputs => parseInputs((name) => given[name] ?? '', { ...DEFAULTS, ...defaults }, alsoWrong)

/** Everything that the one error says. */
const mistakesOf = (given: Record<string, string>, alsoWrong: string[] = []): string => {
  try {
    parse(given, alsoWrong)
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    expect(error.hint).toContain('Nothing was called')
    return error.message
  }
  return ''
}

describe('complete inputs', () => {
  test('deploy by default, with the defaults of action.yml', () => {
    expect(parse(COMPLETE)).toEqual({
      command: 'deploy',
      identity: {
        region: 'ap-northeast-2',
        roleToAssume: 'arn:aws:iam::123456789012:role/deploy',
        roleSessionName: 'GitHubActions',
        roleDurationSeconds: 3600,
        audience: 'sts.amazonaws.com',
        allowedAccountIds: []
      },
      application: 'shop',
      group: 'web',
      bucket: 'bundles',
      prefix: 'codedeploy',
      greenFleets: [],
      fileExistsBehavior: 'DISALLOW',
      ignoreApplicationStopFailures: false,
      waitFor: 'traffic',
      pollSeconds: 5,
      onConflict: 'wait',
      endTerminationWait: undefined,
      onCancel: 'rollback',
      instanceLogs: [],
      instanceLogsDocument: 'codedeploy-instance-logs',
      timeZone: 'UTC',
      source: '.',
      exclude: [],
      commit: sha('a'),
      skipOrderCheck: false,
      redeployUndone: false,
      deleteLeftOver: false,
      releaseHold: false,
      freeze: [],
      overrideFreeze: false,
      objectTags: {},
      compressionLevel: 4
    })
  })

  test.each([
    ['false', undefined],
    ['true', 0],
    ['1', 1],
    ['15', 15],
    ['2880', 2_880]
  ])('end-termination-wait: %s', (text, minutes) => {
    expect(parse({ ...COMPLETE, 'end-termination-wait': text })).toMatchObject({
      endTerminationWait: minutes
    })
  })

  test('rollback supersedes by default, since the site is broken', () => {
    expect(parse({ ...COMPLETE, command: 'rollback', commit: 'ABCDEF1' })).toMatchObject({
      command: 'rollback',
      commit: 'abcdef1',
      onConflict: 'supersede',
      evenIfFailed: false,
      limit: 20,
      alarms: 'ignore'
    })
  })

  test('history needs no bucket, preview needs nothing', () => {
    const rest = { ...COMPLETE, 's3-bucket': '' }
    expect(parse({ ...rest, command: 'history', limit: '7' })).toMatchObject({ command: 'history', limit: 7 })
    expect(parse({ command: 'preview' })).toEqual({
      command: 'preview',
      source: '.',
      exclude: [],
      comment: true
    })
  })

  test('a preview of a group needs all that names it', () => {
    const planned = parse({
      ...COMPLETE,
      command: 'preview',
      comment: 'false',
      freeze: '2026-05-16 Festival'
    })
    expect(planned).toMatchObject({
      command: 'preview',
      comment: false,
      target: { application: 'shop', group: 'web', bucket: 'bundles', freeze: [{ reason: 'Festival' }] }
    })
    const mistakes = mistakesOf({ command: 'preview', 'application-name': 'shop' })
    for (const name of ['aws-region', 'deployment-group-name', 's3-bucket'])
      expect(mistakes).toContain(`Input \`${name}\` is missing`)
  })

  test('preview lets the inputs of others pass, so that one workflow can do both', () => {
    expect(parse({ ...COMPLETE, command: 'preview', commit: 'x' })).toMatchObject({ command: 'preview' })
  })

  test('the runner gives defaults of other commands too', () => {
    expect(
      mistakesOf({
        ...COMPLETE,
        command: 'history',
        source: '.',
        'poll-seconds': '5',
        'github-token': 'ghs_x',
        's3-bucket': ''
      })
    ).toBe('')
  })

  test.each<[string, Record<string, string>, object]>([
    ['spaces around a value', { 'aws-region': ' us-east-1\n' }, { identity: { region: 'us-east-1' } }],
    ['a commit in upper case', { commit: sha('B') }, { commit: sha('b') }],
    ['lines of exclude', { exclude: 'node_modules\r\n\n*.log' }, { exclude: ['node_modules', '*.log'] }],
    [
      'tags with = in the value',
      { 'object-tags': 'team=a=b\nenv=prod' },
      { objectTags: { team: 'a=b', env: 'prod' } }
    ],
    [
      'accounts by comma and line',
      { 'allowed-account-ids': '123456789012, 210987654321\n' },
      { identity: { allowedAccountIds: ['123456789012', '210987654321'] } }
    ],
    ['no automatic rollback', { 'auto-rollback-events': 'none' }, { autoRollbackEvents: [] }],
    [
      'some automatic rollback',
      { 'auto-rollback-events': 'DEPLOYMENT_FAILURE,DEPLOYMENT_STOP_ON_ALARM' },
      { autoRollbackEvents: ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_ALARM'] }
    ],
    ['a description of 256 characters', { description: 'x'.repeat(256) }, { description: 'x'.repeat(256) }],
    [
      'a rollback to what failed',
      { command: 'rollback', 'even-if-failed': 'true' },
      { command: 'rollback', evenIfFailed: true }
    ],
    ['parts of a second', { 'poll-seconds': '0.5' }, { pollSeconds: 0.5 }],
    ['a time zone in lower case', { 'time-zone': 'asia/seoul' }, { timeZone: 'Asia/Seoul' }],
    [
      'the workflow of a rollback',
      { command: 'rollback', 'rollback-workflow': 'roll back.yaml' },
      { rollbackWorkflow: 'roll back.yaml' }
    ],
    [
      'a role with a path',
      { 'role-to-assume': 'arn:aws-cn:iam::123456789012:role/ci/deploy' },
      { identity: { roleToAssume: 'arn:aws-cn:iam::123456789012:role/ci/deploy' } }
    ]
  ])('%s', (_, given, expected) => {
    expect(parse({ ...COMPLETE, ...given })).toMatchObject(expected)
  })

  test.each([
    'us-gov-west-1',
    'cn-northwest-1',
    'eusc-de-east-1',
    'us-isob-east-1',
    'ap-southeast-7',
    'mx-central-1'
  ])('region %s', (region) => {
    expect(mistakesOf({ ...COMPLETE, 'aws-region': region })).toBe('')
  })
})

describe('bad inputs', () => {
  test.each<[string, Record<string, string>, string]>([
    ['an input of rollback', { 'even-if-failed': 'true' }, '`even-if-failed`, got "true"'],
    ['an unknown command', { command: 'rollbak' }, '`command`, got "rollbak"'],
    ['a region typo', { 'aws-region': 'ap-norhteast-2' }, '`aws-region`, got "ap-norhteast-2"'],
    ['a region without a dash', { 'aws-region': 'ap-northeast2' }, '`aws-region`, got "ap-northeast2"'],
    ['a zone for a region', { 'aws-region': 'us-east-1a' }, '`aws-region`, got "us-east-1a"'],
    ['no region', { 'aws-region': '' }, '`aws-region` is missing'],
    ['no application', { 'application-name': '' }, '`application-name` is missing'],
    ['an application with a slash', { 'application-name': 'a/b' }, '`application-name`, got "a/b"'],
    [
      'a group of 101 characters',
      { 'deployment-group-name': 'x'.repeat(101) },
      '`deployment-group-name`, got "xxx'
    ],
    ['no bucket', { 's3-bucket': '' }, '`s3-bucket` is missing'],
    ['a bucket URL', { 's3-bucket': 's3://bundles' }, '`s3-bucket`, got "s3://bundles"'],
    ['a role name', { 'role-to-assume': 'deploy' }, '`role-to-assume`, got "deploy"'],
    ['a user ARN', { 'role-to-assume': 'arn:aws:iam::123456789012:user/kim' }, '`role-to-assume`'],
    ['a session name with a space', { 'role-session-name': 'my run' }, '`role-session-name`, got "my run"'],
    [
      'ten minutes',
      { 'role-duration-seconds': '600' },
      '`role-duration-seconds`, got "600": expected a whole number from 900 to 43200'
    ],
    ['a word for a number', { 'role-duration-seconds': '1h' }, '`role-duration-seconds`, got "1h"'],
    [
      'an account of 11 digits',
      { 'allowed-account-ids': '12345678901' },
      '`allowed-account-ids`, got "12345678901"'
    ],
    [
      'a role of another account',
      { 'allowed-account-ids': '210987654321' },
      'belongs to account 123456789012, which `allowed-account-ids` (210987654321) does not list'
    ],
    [
      'a description of 257',
      { description: 'x'.repeat(257) },
      'has 257 characters; CodeDeploy allows at most 256'
    ],
    ['한글 as a commit', { commit: '커밋' }, '`commit`, got "커밋"'],
    ['a commit with a line break', { commit: `${sha('a').slice(1)}\n0` }, '\\n0": must be a full SHA'],
    ['a short commit', { commit: 'abcdef1' }, '`commit`, got "abcdef1": must be a full SHA'],
    ['a branch', { commit: 'main' }, '`commit`, got "main"'],
    [
      'a rollback to a branch',
      { command: 'rollback', commit: 'main' },
      '`commit`, got "main": must be a full or short SHA'
    ],
    ['a rollback to 6 digits', { command: 'rollback', commit: 'abcdef' }, '`commit`, got "abcdef"'],
    ['a rollback that nobody watches', { command: 'rollback', 'wait-for': 'none' }, '`wait-for`, got "none"'],
    ['an unknown wait', { 'wait-for': 'forever' }, 'expected one of `traffic`, `complete`, `none`'],
    ['an unknown policy', { 'on-conflict': 'cancel' }, 'expected one of `wait`, `fail`, `supersede`'],
    [
      'an unknown way with alarms',
      { command: 'rollback', 'alarms-during-rollback': 'off' },
      '`alarms-during-rollback`, got "off": expected one of `ignore`, `keep`'
    ],
    ...['all', 'none, ssm', 'ssm; console'].map((text): [string, Record<string, string>, string] => [
      `${text} as the logs of instances`,
      { 'instance-logs': text },
      `\`instance-logs\`, got "${text.split(',')[0]}": expected \`none\`, or one or both of \`ssm\` and \`console\``
    ]),
    [
      "AWS's document that runs anything",
      { 'instance-logs': 'ssm', 'instance-logs-document': 'AWS-RunShellScript' },
      '`instance-logs-document`, got "AWS-RunShellScript": is a document of AWS'
    ],
    [
      'a document by its ARN',
      { 'instance-logs-document': 'arn:aws:ssm:ap-northeast-2:111122223333:document/logs' },
      'expected the name of an SSM document'
    ],
    ['an unknown cancel', { 'on-cancel': 'die' }, 'expected one of `rollback`, `stop`, `leave`'],
    [
      'an unknown behavior',
      { 'file-exists-behavior': 'overwrite' },
      '`file-exists-behavior`, got "overwrite"'
    ],
    [
      'yes for true',
      { 'skip-order-check': 'yes' },
      '`skip-order-check`, got "yes": expected one of `false`, `true`'
    ],
    ...['yes', '0', '-1', '1.5', '1e3', '2881', '15m', 'True'].map(
      (text): [string, Record<string, string>, string] => [
        `${text} as the minutes of a holder`,
        { 'end-termination-wait': text },
        `\`end-termination-wait\`, got "${text}": expected \`false\`, \`true\` or the minutes that the holder must have served, from 1 to 2880.`
      ]
    ),
    ['an unknown event', { 'auto-rollback-events': 'FAILURE' }, '`auto-rollback-events`, got "FAILURE"'],
    [
      'a mistyped zone',
      { 'time-zone': 'Asia/Soul' },
      '`time-zone`, got "Asia/Soul": expected the IANA name of a time zone; the nearest is `Asia/Seoul`.'
    ],
    [
      'a zone that is like none',
      { command: 'history', 's3-bucket': '', 'time-zone': '+09:00' },
      '`time-zone`, got "+09:00": expected the IANA name of a time zone, such as `Asia/Seoul`, `America/New_York` or `UTC`.'
    ],
    [
      'a workflow with its folder',
      { command: 'rollback', 'rollback-workflow': '.github/workflows/rollback.yml' },
      '`rollback-workflow`, got ".github/workflows/rollback.yml": expected the file name of a workflow'
    ],
    [
      'a workflow that reads as an option',
      { command: 'rollback', 'rollback-workflow': '--help.yml' },
      '`rollback-workflow`, got "--help.yml"'
    ],
    ["rollback's workflow in deploy", { 'rollback-workflow': 'rollback.yml' }, 'is not an input of `deploy`'],
    ['no polling at all', { 'poll-seconds': '0' }, '`poll-seconds`, got "0"'],
    ['Infinity', { 'wait-for-minutes': 'Infinity' }, '`wait-for-minutes`, got "Infinity"'],
    [
      'half a level',
      { 'compression-level': '4.5' },
      '`compression-level`, got "4.5": expected a whole number'
    ],
    ['a tag without a value', { 'object-tags': 'team' }, '`object-tags`, got "team"'],
    ['an owner of 3 digits', { 'expected-bucket-owner': '123' }, '`expected-bucket-owner`, got "123"'],
    [
      'another config',
      { 'deployment-config-name': 'All At Once' },
      '`deployment-config-name`, got "All At Once"'
    ],
    [
      "deploy's input in rollback",
      { command: 'rollback', source: 'dist' },
      '`source`, got "dist": is not an input of `rollback`, only of `deploy` and `preview`'
    ],
    ["rollback's input in deploy", { limit: '5' }, '`limit`, got "5": is not an input of `deploy`'],
    ["deploy's input in history", { command: 'history', commit: sha('a') }, 'is not an input of `history`']
  ])('%s', (_, given, words) => {
    expect(mistakesOf({ ...COMPLETE, ...given })).toContain(words)
  })

  test('nothing at all: everything that is missing, in one error', () => {
    const said = mistakesOf({})
    expect(said).toMatch(/^4 inputs need fixing:/)
    for (const name of ['aws-region', 'application-name', 'deployment-group-name', 's3-bucket'])
      expect(said).toContain(`\`${name}\` is missing`)
  })

  test('every mistake at once, those found elsewhere too', () => {
    const said = mistakesOf(
      {
        ...COMPLETE,
        'aws-region': 'seoul',
        description: '가'.repeat(257),
        'time-zone': 'Seoul/Asia',
        commit: '한글\n둘째 줄',
        'wait-for': 'x'
      },
      ['Input `source`, got "dist": there is no such folder.']
    )
    expect(said.split('\n')).toHaveLength(7)
    for (const words of [
      'seoul',
      'has 257 characters',
      'time-zone',
      '한글\\n둘째 줄',
      'wait-for',
      'there is no such folder'
    ])
      expect(said).toContain(words)
  })

  test.each<[string, Record<string, string>, RegExp]>([
    [
      'control characters in a prefix',
      { 's3-prefix': 'a\u001b[31mb' },
      /`s3-prefix`, got "a\\u001b\[31mb": may contain/
    ],
    ['a command in a prefix', { 's3-prefix': 'a\n::add-mask::b' }, /`s3-prefix`, got "a\\n::add-mask::b"/],
    ['letters that turn a prefix', { 's3-prefix': 'a\u202eb' }, /`s3-prefix`/],
    ['a way up in a prefix', { 's3-prefix': 'a/../b' }, /`s3-prefix`.*`\.\.`/],
    ['a prefix that is no folder', { 's3-prefix': '.' }, /`s3-prefix`.*`\.`/],
    [
      'a prefix too long for a key',
      { 's3-prefix': 'x'.repeat(944) },
      /has 944 characters, which makes keys of 1025 bytes/
    ],
    ['an audience with letters that turn it', { audience: 'sts\u202e' }, /`audience`, got "sts/],
    ['an audience with an escape', { audience: 'a\u001b[0m' }, /`audience`, got "a\\u001b/],
    ['an audience of 256 characters', { audience: 'x'.repeat(256) }, /`audience`.*1 to 255/],
    ['a key that is none', { 'kms-key-id': 'a b\r\nx: y' }, /`kms-key-id`, got "a b\\r\\nx: y"/]
  ])('%s is refused with the value received', (_, given, expected) => {
    expect(mistakesOf({ ...COMPLETE, ...given })).toMatch(expected)
  })

  test.each([
    [
      'a hold without a commit',
      { command: 'rollback', hold: 'true' },
      /`hold`, got "true": needs a `commit`/
    ],
    [
      'a long reason',
      { command: 'release', reason: '가'.repeat(201) },
      /`reason`, got ".*": has 201 characters; at most 200/
    ],
    [
      'a reason for a deploy',
      { reason: 'x' },
      /`reason`, got "x": is not an input of `deploy`, only of `rollback` and `release`/
    ],
    [
      'a hold by a deploy',
      { hold: 'true' },
      /`hold`, got "true": is not an input of `deploy`, only of `rollback`/
    ],
    [
      'a release by a push',
      { 'release-hold': 'true' },
      /`release-hold`, got "true": this run was started by `push`/
    ]
  ])('%s is refused', (_, given, expected) => {
    expect(mistakesOf({ ...COMPLETE, ...given })).toMatch(expected)
  })

  test('only a dispatched run, or one outside of a workflow, releases a hold', () => {
    for (const event of ['workflow_dispatch', ''])
      expect(parse({ ...COMPLETE, 'release-hold': 'true' }, [], { event })).toMatchObject({
        releaseHold: true
      })
  })

  test('a freeze is in the zone for people, unless a line names its own', () => {
    expect(
      parse({
        ...COMPLETE,
        'time-zone': 'Asia/Seoul',
        freeze: '# days\n2026-05-16 Festival\n\n2026-05-16 UTC'
      })
    ).toMatchObject({
      freeze: [
        { from: Date.UTC(2026, 4, 15, 15), until: Date.UTC(2026, 4, 16, 15), reason: 'Festival' },
        { from: Date.UTC(2026, 4, 16), until: Date.UTC(2026, 4, 17), reason: '' }
      ]
    })
  })

  test('the reason is one line', () => {
    expect(parse({ ...COMPLETE, command: 'release', reason: 'it is\n  fixed' })).toMatchObject({
      reason: 'it is fixed'
    })
  })

  test('several of them are told at once', () => {
    const said = mistakesOf({ ...COMPLETE, 's3-prefix': '..', audience: 'a b', 'kms-key-id': '!' })
    for (const name of ['s3-prefix', 'audience', 'kms-key-id']) expect(said).toContain(`\`${name}\``)
  })

  test.each([
    ["a b/c_d-e.f!g*h'i(j)", 'sts.amazonaws.com'],
    ['/codedeploy/', 'https://github.com/an-org'],
    ['x'.repeat(943), 'sts.amazonaws.com.cn']
  ])('the prefix %j and the audience %j are taken', (prefix, audience) => {
    expect(mistakesOf({ ...COMPLETE, 's3-prefix': prefix, audience })).toBe('')
  })

  test('a value of a thousand characters is cut, and control characters are shown', () => {
    const said = mistakesOf({
      ...COMPLETE,
      'application-name': `\u001b[31m::set-output::${'x'.repeat(1000)}`
    })
    expect(said.length).toBeLessThan(300)
    expect(said).not.toContain('\u001b')
  })

  test('without a commit anywhere, the missing one is named', () => {
    expect(() =>
      parseInputs((name) => (COMPLETE as Record<string, string>)[name] ?? '', { ...DEFAULTS, commit: '' })
    ).toThrow(/`commit`, got ""/)
  })
})

test.each([
  ['ssm', ['ssm']],
  ['console', ['console']],
  [' console,ssm ', ['ssm', 'console']],
  ['none', []]
])('instance-logs: %s', (text, instanceLogs) => {
  expect(parse({ ...COMPLETE, 'instance-logs': text })).toMatchObject({ instanceLogs })
  expect(parse({ ...COMPLETE, command: 'rollback', 'instance-logs': text })).toMatchObject({ instanceLogs })
})

describe('a running preview', () => {
  const given = { ...COMPLETE, command: 'preview', 'preview-deployment-group-name': 'web-preview' }

  test('is deployed to its own group, under its own prefix, in whatever order', () => {
    expect(parse({ ...given, 'preview-url': 'https://preview.example.com' })).toMatchObject({
      target: { group: 'web', prefix: 'codedeploy' },
      running: {
        url: 'https://preview.example.com',
        inputs: {
          command: 'deploy',
          group: 'web-preview',
          prefix: 'codedeploy-previews',
          waitFor: 'traffic',
          skipOrderCheck: true,
          redeployUndone: true,
          deleteLeftOver: false,
          freeze: []
        }
      }
    })
  })

  test('asks no instance for its logs: a pull request could make them say anything', () => {
    expect(parse({ ...given, 'instance-logs': 'ssm, console' })).toMatchObject({
      running: { inputs: { instanceLogs: [] } }
    })
  })

  test.each<[string, Record<string, string>, RegExp]>([
    [
      'the group of production',
      { 'preview-deployment-group-name': 'web' },
      /previews need a group of their own/
    ],
    [
      'the prefix of production',
      { 'preview-s3-prefix': 'codedeploy/' },
      /stores previews in `codedeploy\/shop\/`, and the bundles .* in `codedeploy\/shop\/`; neither may contain/
    ],
    ['a prefix in that of production', { 'preview-s3-prefix': 'codedeploy/shop' }, /neither may contain/],
    [
      'a prefix around that of production',
      { 's3-prefix': 'p/shop/x', 'preview-s3-prefix': 'p' },
      /neither may contain/
    ],
    [
      'an address that is none',
      { 'preview-url': 'preview.example.com' },
      /got "preview.example.com": expected an address/
    ],
    [
      'an address without a group',
      { 'preview-deployment-group-name': '', 'preview-url': 'https://x.io' },
      /needs `preview-deployment-group-name`/
    ],
    ['a bad prefix', { 'preview-s3-prefix': '../x' }, /`preview-s3-prefix`, got "..\/x"/]
  ])('refuses %s', (_, members, why) => expect(mistakesOf({ ...given, ...members })).toMatch(why))

  test('needs the group that a merge is deployed to', () => {
    expect(mistakesOf({ command: 'preview', 'preview-deployment-group-name': 'web-preview' })).toBe(
      'Input `preview-deployment-group-name`, got "web-preview": needs the group that a merge is deployed to, too: `aws-region`, `application-name`, `deployment-group-name` and `s3-bucket`.'
    )
  })

  test('names each mistake once', () => {
    const mistakes = mistakesOf({ ...given, 'aws-region': 'moon', commit: sha('a') })
    expect(mistakes.match(/`aws-region`/g)).toHaveLength(1)
  })
})
