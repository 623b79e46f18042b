import { describe, expect, test } from '@jest/globals'
import { UserError } from '../../src/errors.js'
import { parseInputs } from '../../src/inputs/parse.js'
import type { Defaults, Inputs } from '../../src/inputs/types.js'
import { sha } from '../fakes/nouns.js'

const LISTENER =
  'arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:listener/app/previews/50dc6c495c0c9188/f2f7dc8efc522ab2'
const ROLE = 'arn:aws:iam::123456789012:role/previews'

const GROUP = {
  'aws-region': 'ap-northeast-2',
  'role-to-assume': 'arn:aws:iam::123456789012:role/deploy',
  'application-name': 'shop',
  'deployment-group-name': 'web',
  's3-bucket': 'bundles'
}

/** All that an address for each pull request needs. */
const PREVIEW: Record<string, string> = {
  ...GROUP,
  command: 'preview',
  'preview-host': 'pr-{number}.preview.example.com',
  'preview-listener-arn': LISTENER,
  'preview-launch-template': 'festival-preview',
  'preview-service-role-arn': ROLE
}

const CLEANUP: Record<string, string> = {
  command: 'cleanup',
  what: 'previews',
  'aws-region': 'ap-northeast-2',
  'role-to-assume': 'arn:aws:iam::123456789012:role/deploy',
  'application-name': 'shop',
  'preview-listener-arn': LISTENER
}

const OF_A_PULL: Defaults = {
  ...{ commit: sha('a'), event: 'pull_request', repository: 'example-org/shop', pull: { number: 7 } }
}

const parse = (given: Record<string, string>, defaults: Partial<Defaults> = {}): Inputs =>
  parseInputs((name) => given[name] ?? '', { ...OF_A_PULL, ...defaults })

const runningOf = (given: Record<string, string>, defaults: Partial<Defaults> = {}) => {
  const inputs = parse({ ...PREVIEW, ...given }, defaults)
  return inputs.command === 'preview' ? inputs.running : undefined
}

/** Everything that the one error says. */
const mistakesOf = (given: Record<string, string>, defaults: Partial<Defaults> = {}): string => {
  try {
    parse(given, defaults)
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return error.message
  }
  return ''
}

describe('an address for each pull request', () => {
  test('needs a host, a listener, a template and a role; the rest has defaults', () => {
    expect(runningOf({})).toMatchObject({
      environment: {
        owner: { repository: 'example-org/shop', application: 'shop' },
        application: 'shop-previews',
        number: 7,
        host: 'pr-7.preview.example.com',
        listener: LISTENER,
        launchTemplate: 'festival-preview',
        serviceRole: ROLE,
        instances: 1,
        limit: 10,
        label: undefined,
        sharesRole: false
      },
      inputs: {
        command: 'deploy',
        application: 'shop-previews',
        group: 'pr-7-2756267c8f',
        prefix: 'codedeploy-previews'
      }
    })
    expect(runningOf({})?.url).toBeUndefined()
  })

  test('may be changed in all that has a default', () => {
    const given = {
      'preview-application-name': 'festival-prs',
      'preview-instances': '2',
      'preview-limit': '90',
      'preview-label': '미리보기',
      'preview-shares-production-role': 'true',
      'preview-s3-prefix': 'prs',
      'preview-launch-template': 'lt-0abcdef1234567890'
    }
    expect(runningOf(given)).toMatchObject({
      environment: {
        ...{ application: 'festival-prs', instances: 2, limit: 90, label: '미리보기', sharesRole: true },
        launchTemplate: 'lt-0abcdef1234567890'
      },
      inputs: { application: 'festival-prs', prefix: 'prs' }
    })
  })

  test('plans the group that a merge is deployed to', () => {
    expect(parse(PREVIEW)).toMatchObject({
      target: { application: 'shop', group: 'web', prefix: 'codedeploy' }
    })
  })

  test('never stops a deployment, and never waits for what a rollback left', () => {
    const given = { 'on-conflict': 'supersede', 'end-termination-wait': 'true', 'on-cancel': 'rollback' }
    expect(runningOf({ ...given, 'wait-for': 'none', 'instance-logs': 'ssm' })?.inputs).toMatchObject({
      ...{ waitFor: 'traffic', onConflict: 'wait', endTerminationWait: undefined, onCancel: 'leave' },
      ...{ instanceLogs: [], skipOrderCheck: true, redeployUndone: true, freeze: [] }
    })
  })

  test('outside of a pull request is only checked, and there is only the plan', () => {
    expect(runningOf({}, { pull: undefined })).toBeUndefined()
    expect(mistakesOf({ ...PREVIEW, 'preview-limit': '0' }, { pull: undefined })).toContain('`preview-limit`')
  })

  test('may be at any host with the number in it', () => {
    for (const [pattern, host] of [
      ['PR-{number}.Preview.example.com', 'pr-7.preview.example.com'],
      ['{number}.example.com', '7.example.com'],
      ['pr{number}-shop.example.com', 'pr7-shop.example.com'],
      ['shop.{number}.p.example.com', 'shop.7.p.example.com']
    ])
      expect(runningOf({ 'preview-host': pattern ?? '' })?.environment?.host).toBe(host)
  })

  test('may be behind a listener of another partition or of HTTP', () => {
    const listener = LISTENER.replace('arn:aws:', 'arn:aws-cn:').replaceAll('ap-northeast-2', 'cn-north-1')
    const given = { 'preview-listener-arn': listener, 'aws-region': 'cn-north-1' }
    expect(runningOf(given)?.environment?.listener).toBe(listener)
  })
})

const HOST_RULE = 'expected a host with `{number}` in it, such as `pr-{number}.preview.example.com`'

describe('a mistake is told with its value and the rule', () => {
  test.each<[Record<string, string>, string]>([
    ...[
      'preview.example.com',
      'pr-{number}',
      'pr-{NUMBER}.example.com',
      'https://pr-{number}.example.com',
      'pr-{number}.example.com/',
      'pr-{number}.example.com:8080',
      '*.{number}.example.com',
      '-{number}.example.com',
      'pr-{number}-.example.com',
      'pr_{number}.example.com',
      'pr-{number}..example.com',
      '{number}.{number}',
      `${'a'.repeat(60)}-{number}.x.io`
    ].map((host): [Record<string, string>, string] => [
      { 'preview-host': host },
      `Input \`preview-host\`, got "${host}": ${HOST_RULE}.`
    ]),
    [
      { 'preview-listener-arn': '' },
      'Input `preview-listener-arn` is missing: expected the ARN of a listener of an Application Load Balancer, `arn:aws:elasticloadbalancing:…:listener/app/…`.'
    ],
    [
      { 'preview-listener-arn': 'arn:aws:elasticloadbalancing:x' },
      'Input `preview-listener-arn`, got "arn:aws:elasticloadbalancing:x": expected the ARN of a listener of an Application Load Balancer, `arn:aws:elasticloadbalancing:…:listener/app/…`.'
    ],
    [
      { 'aws-region': 'us-east-1' },
      `Input \`preview-listener-arn\`, got "${LISTENER.slice(0, 80)}…": is in ap-northeast-2, and \`aws-region\` is us-east-1.`
    ],
    [
      { 'preview-launch-template': '' },
      "Input `preview-launch-template` is missing: expected the name or the id of a launch template for the previews' instances."
    ],
    [
      { 'preview-launch-template': 'a b' },
      'Input `preview-launch-template`, got "a b": expected the name or the id of a launch template for the previews\' instances.'
    ],
    [
      { 'preview-service-role-arn': '' },
      "Input `preview-service-role-arn` is missing: expected the ARN of CodeDeploy's service role for previews, such as `arn:aws:iam::123456789012:role/festival-previews`."
    ],
    [
      { 'preview-service-role-arn': 'previews' },
      'Input `preview-service-role-arn`, got "previews": expected the ARN of CodeDeploy\'s service role for previews, such as `arn:aws:iam::123456789012:role/festival-previews`.'
    ],
    ...['0', '101', '1.5', 'many'].map((count): [Record<string, string>, string] => [
      { 'preview-instances': count },
      `Input \`preview-instances\`, got "${count}": expected a whole number from 1 to 100.`
    ]),
    ...['0', '91', '2.5', '-1'].map((count): [Record<string, string>, string] => [
      { 'preview-limit': count },
      `Input \`preview-limit\`, got "${count}": expected a whole number from 1 to 90.`
    ]),
    [
      { 'preview-label': 'x'.repeat(51) },
      `Input \`preview-label\`, got "${'x'.repeat(51)}": expected the name of a label, at most 50 characters.`
    ],
    [
      { 'preview-application-name': 'shop' },
      'Input `preview-application-name`, got "shop": is also the `application-name` that a merge is deployed to; previews need an application of their own.'
    ],
    [
      { 'preview-application-name': 'a/b' },
      'Input `preview-application-name`, got "a/b": expected 1 to 100 characters from letters, digits and `._+=,@-`.'
    ],
    [
      { 'application-name': 'a'.repeat(95) },
      `Input \`preview-application-name\`, got "${'a'.repeat(80)}…": is the default, and longer than 100 characters; set a shorter one.`
    ],
    [
      { 'preview-shares-production-role': 'yes' },
      'Input `preview-shares-production-role`, got "yes": expected one of `false`, `true`.'
    ],
    ...Object.entries({ 'preview-deployment-group-name': 'web-preview', 'preview-url': 'https://x.io' }).map(
      ([name, value]): [Record<string, string>, string] => [
        { [name]: value },
        `Input \`${name}\`, got "${value}": is for a group in which pull requests take turns, and \`preview-host\` gives each of them a group and an address of its own; use one of the two.`
      ]
    )
  ])('%j', (given, message) => expect(mistakesOf({ ...PREVIEW, ...given })).toBe(message))

  test('a host that is longer than the 128 characters that a rule compares', () => {
    const host = `${'a'.repeat(50)}.${'b'.repeat(50)}.{number}.example.com`
    expect(mistakesOf({ ...PREVIEW, 'preview-host': host })).toBe('')
    expect(mistakesOf({ ...PREVIEW, 'preview-host': `abcdefgh.${host}` })).toContain(HOST_RULE)
  })

  test('all at once, each once', () => {
    const mistakes = mistakesOf({
      ...PREVIEW,
      ...{
        'preview-host': 'x',
        'preview-listener-arn': 'y',
        'preview-launch-template': '',
        'preview-limit': '0'
      }
    })
    expect(mistakes).toMatch(/^4 inputs need fixing:/)
    for (const name of ['host', 'listener-arn', 'launch-template', 'limit'])
      expect(mistakes.match(new RegExp(`\`preview-${name}\``, 'g'))).toHaveLength(1)
  })

  test('a host alone names no group that a merge is deployed to', () => {
    const { 'preview-host': host = '' } = PREVIEW
    expect(mistakesOf({ command: 'preview', 'preview-host': host })).toBe(
      `Input \`preview-host\`, got "${host}": needs the group that a merge is deployed to, too: \`aws-region\`, \`application-name\`, \`deployment-group-name\` and \`s3-bucket\`.`
    )
  })
})

describe('bundles of previews are apart from those of production', () => {
  test('of the default application, even under the same prefix', () => {
    expect(runningOf({ 'preview-s3-prefix': 'codedeploy' })?.inputs.prefix).toBe('codedeploy')
  })

  test.each<[string, Record<string, string>, string, string]>([
    [
      'in that of production',
      { 'preview-s3-prefix': 'codedeploy/shop' },
      'codedeploy/shop/shop-previews/',
      'codedeploy/shop/'
    ],
    [
      'around that of production',
      { 's3-prefix': 'p/shop-previews/x', 'preview-s3-prefix': 'p' },
      'p/shop-previews/',
      'p/shop-previews/x/shop/'
    ]
  ])('a folder %s is refused', (_, given, own, its) => {
    expect(mistakesOf({ ...PREVIEW, ...given })).toContain(
      `stores previews in \`${own}\`, and the bundles that a merge deploys are in \`${its}\`; neither may contain the other`
    )
  })

  test('where the name of the one only begins with that of the other', () => {
    const given = { 's3-prefix': 'a', 'preview-s3-prefix': 'a/shop-x' }
    expect(mistakesOf({ ...PREVIEW, ...given })).toBe('')
  })
})

describe('cleanup of previews', () => {
  test('without a place on AWS ends only what GitHub shows', () => {
    expect(parse({ command: 'cleanup', what: 'previews', 'dry-run': 'false' })).toEqual({
      ...{ command: 'cleanup', what: 'previews', dryRun: false }
    })
  })

  test('with one looks at the environments of this repository, and only lists by default', () => {
    expect(parse(CLEANUP, { pull: undefined })).toMatchObject({
      ...{ command: 'cleanup', what: 'previews', dryRun: true },
      environments: {
        owner: { repository: 'example-org/shop', application: 'shop' },
        ...{
          application: 'shop-previews',
          listener: LISTENER,
          label: undefined,
          ttlHours: 72,
          timeZone: 'UTC'
        },
        identity: { region: 'ap-northeast-2' }
      }
    })
  })

  test.each(['1', '8760'])('takes down what nobody pushed to for %s hours', (hours) => {
    expect(parse({ ...CLEANUP, 'preview-ttl-hours': hours })).toMatchObject({
      environments: { ttlHours: Number(hours) }
    })
  })

  test.each<[Record<string, string>, string]>([
    ...['0', '8761', '1.5', 'x'].map((hours): [Record<string, string>, string] => [
      { 'preview-ttl-hours': hours },
      `Input \`preview-ttl-hours\`, got "${hours}": expected a whole number from 1 to 8760.`
    ]),
    [
      { 'deployment-group-name': 'web' },
      'Input `deployment-group-name`, got "web": is not an input of `cleanup` with `what: previews`.'
    ],
    [
      { 'keep-bundles': '5' },
      'Input `keep-bundles`, got "5": is not an input of `cleanup` with `what: previews`.'
    ],
    [
      { 'preview-application-name': 'shop' },
      'Input `preview-application-name`, got "shop": is also the `application-name` that a merge is deployed to; previews need an application of their own.'
    ],
    [
      { 'aws-region': 'us-east-1' },
      `Input \`preview-listener-arn\`, got "${LISTENER.slice(0, 80)}…": is in ap-northeast-2, and \`aws-region\` is us-east-1.`
    ],
    [
      { 'preview-host': 'pr-{number}.example.com' },
      'Input `preview-host`, got "pr-{number}.example.com": is not an input of `cleanup`, only of `preview`.'
    ]
  ])('tells a mistake with its value and the rule: %j', (given, message) =>
    expect(mistakesOf({ ...CLEANUP, ...given })).toBe(message)
  )

  test('with a listener alone says what else is missing', () => {
    const { 'preview-listener-arn': listener = '' } = CLEANUP
    const mistakes = mistakesOf({ command: 'cleanup', what: 'previews', 'preview-listener-arn': listener })
    for (const other of ['aws-region', 'application-name'])
      expect(mistakes).toContain(`Input \`${other}\` is missing`)
  })

  test('without a listener looks only at what GitHub shows, whatever else of AWS is named', () => {
    const given = { ...CLEANUP, 'preview-listener-arn': '' }
    expect(parse(given)).toEqual({ command: 'cleanup', what: 'previews', dryRun: true })
  })

  test('does not know `what: something`', () => {
    expect(mistakesOf({ ...CLEANUP, what: 'something' })).toContain(
      'Input `what`, got "something": expected one of `deployments`, `previews`'
    )
  })
})
