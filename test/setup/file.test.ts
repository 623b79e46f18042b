import { describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { FILE_KEYS, FLEET_KEYS, GROUP_KEYS, readSetupFile } from '../../src/setup/file.js'
import { setupFile } from '../scenarios/setup-file.js'

const ROOT = join(import.meta.dirname, '../..')

const read = (text: string) => readSetupFile(Buffer.from(text))

/** `line:column: text` of every mistake. */
const mistakesIn = (text: string): string[] => {
  const result = read(text)
  return 'wish' in result ? [] : result.mistakes.map((one) => `${one.line}:${one.column}: ${one.text}`)
}
const wishOf = (changes: Record<string, string>) => {
  const result = read(setupFile(changes))
  return 'wish' in result ? result.wish : result.mistakes
}

test('the example is a setup file', () => {
  const example = readFileSync(join(ROOT, 'examples/aws/codedeploy.yml'))
  expect(readSetupFile(example)).toMatchObject({
    wish: {
      application: 'festival',
      group: 'web',
      fleet: {
        name: 'festival-web',
        create: { min: 2, max: 4, desired: 2, subnets: ['subnet-1', 'subnet-2'] }
      },
      strategy: 'blue-green',
      traffic: 'CodeDeployDefault.AllAtOnce',
      keepOldFleet: 120,
      readyWait: 0,
      alarms: ['festival-5xx'],
      automaticRollback: ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_ALARM'],
      tags: { team: 'festival' }
    }
  })
})

describe('values', () => {
  test.each([
    ['0', 0],
    ['30m', 30],
    ['90 min', 90],
    ['2h', 120],
    ['2d', 2880],
    ['forever', 'forever']
  ])('keep-old-fleet: %s', (text, keepOldFleet) => {
    expect(wishOf({ 'keep-old-fleet': text })).toMatchObject({ keepOldFleet })
  })

  test.each([
    ['one-at-a-time', 'CodeDeployDefault.OneAtATime'],
    ['half-at-a-time', 'CodeDeployDefault.HalfAtATime'],
    ['{ minimum-healthy-hosts: 2 }', { type: 'HOST_COUNT', value: 2 }],
    ['{ minimum-healthy-hosts: 50% }', { type: 'FLEET_PERCENT', value: 50 }]
  ])('traffic: %s', (text, traffic) => {
    expect(wishOf({ traffic: text })).toMatchObject({ traffic })
  })

  test('what is left out is not asked for', () => {
    const given = { 'keep-old-fleet': '', 'ready-wait': '', 'automatic-rollback': '', tags: '' }
    expect(wishOf(given)).toMatchObject({
      keepOldFleet: undefined,
      readyWait: undefined,
      alarms: undefined,
      automaticRollback: undefined,
      tags: {}
    })
  })

  test('automatic-rollback: none asks for no event', () => {
    expect(wishOf({ 'automatic-rollback': 'none' })).toMatchObject({ automaticRollback: [] })
  })
})

describe('mistakes', () => {
  test.each([
    [
      'keep-old-fleet',
      '49h',
      '8:17: `keep-old-fleet` is `49h`; expected `forever`, `0` or a time of at most 48 hours'
    ],
    ['keep-old-fleet', '30', '8:17: `keep-old-fleet` is `30`; expected'],
    ['ready-wait', 'forever', '9:13: `ready-wait` is `forever`; expected `0` or'],
    ['traffic', 'canary', '7:10: `traffic` is `canary`; expected one of `all-at-once`'],
    ['traffic', '{ minimum-healthy-hosts: 100% }', '7:10: `traffic` is a mapping; expected'],
    ['traffic', '{ minimum-healthy-hosts: -1 }', '7:10: `traffic` is a mapping; expected'],
    ['target-groups', 'web', '5:16: `target-groups` is `web`; expected a list of names'],
    ['target-groups', '[]', '5:1: `target-groups` is empty; blue/green needs one'],
    ['service-role', 'festival', '3:15: `service-role` is `festival`; expected the ARN of a role'],
    ['application', '[a]', '1:14: `application` is a list; expected the name of an application'],
    ['application', 'a b', '1:14: `application` is `a b`; expected the name'],
    [
      'automatic-rollback',
      '[fail]',
      '10:21: `automatic-rollback` is `fail`; expected one of `failure`, `alarm`, `stop`'
    ],
    ['alarms', 'none', '`alarms` is `none`; expected a list of alarms'],
    ['tags', '{ "aws:x": y }', '11:7: `tags` has a tag that AWS does not allow'],
    ['strategy', '', '1:1: `strategy` is missing in a setup file'],
    ['alarm', '[a]', '12:1: unknown key `alarm`; did you mean `alarms`?'],
    ['color', 'blue', '12:1: unknown key `color`; the keys are `application`, `group`']
  ])('%s: %s', (key, value, expected) => {
    const found = mistakesIn(setupFile({ [key]: value }))
    expect(found).toHaveLength(1)
    expect(found[0]).toContain(expected)
  })

  const fleet = (text: string): string => setupFile({ 'auto-scaling-group': text })
  test.each([
    ['web', '`auto-scaling-group` must be a mapping with the keys `name`, `create`'],
    ['{}', '`name` is missing in `auto-scaling-group`'],
    ['{ name: web, create: { launch-template: web, subnets: [], min: 1, max: 1 } }', '`subnets` is empty'],
    [
      '{ name: web, create: { launch-template: web, subnets: [a], min: 1, max: 1 } }',
      '`subnets` is `a`; expected the id of a subnet'
    ],
    [
      '{ name: web, create: { launch-template: web, subnets: [subnet-1], min: 3, max: 1 } }',
      '`min` (3) is greater than `max` (1)'
    ],
    [
      '{ name: web, create: { launch-template: web, subnets: [subnet-1], min: 1, max: 2, desired: 3 } }',
      '`desired` (3) is not between `min` (1) and `max` (2)'
    ],
    [
      '{ name: web, create: { launch-template: web, subnets: [subnet-1], min: 0, max: 2 } }',
      'no instance would be started'
    ],
    [
      '{ name: web, create: { launch-template: web, subnets: [subnet-1], min: two, max: 2 } }',
      '`min` is `two`; expected a whole number of instances'
    ]
  ])('auto-scaling-group: %s', (text, expected) => {
    expect(mistakesIn(fleet(text)).join('\n')).toContain(expected)
  })

  test('in place, the waits of a second fleet have no meaning', () => {
    expect(mistakesIn(setupFile({ strategy: 'in-place' }))).toEqual([
      '8:1: `keep-old-fleet` has no meaning with `strategy: in-place`, which has no second fleet',
      '9:1: `ready-wait` has no meaning with `strategy: in-place`, which has no second fleet'
    ])
  })

  test('all are listed in the order of the file', () => {
    const found = mistakesIn(setupFile({ group: '[]', 'ready-wait': '3w', 'service-role': 'x' }))
    expect(found.map((one) => one.split(':')[0])).toEqual(['2', '3', '9'])
  })

  test.each([
    ['', 'a setup file must be a mapping'],
    ['- a', 'a setup file must be a mapping'],
    ['a: [', 'this is not YAML'],
    ['a: 1\na: 2', '`a` is there twice'],
    [`${setupFile()}---\nb: 1\n`, 'a second document begins here'],
    ['a: *b', 'this is not YAML: Unknown alias: b']
  ])('%j', (text, expected) => {
    expect(mistakesIn(text).join('\n')).toContain(expected)
  })
})

interface Schema {
  required?: string[]
  properties: Record<string, Schema & { enum?: string[]; oneOf?: Schema[] }>
}

test('the schema for editors has the same keys, and requires the same', () => {
  const schema = JSON.parse(readFileSync(join(ROOT, 'examples/aws/codedeploy.schema.json'), 'utf8')) as Schema
  const of = (keys: Record<string, { required: boolean }>) => ({
    keys: Object.keys(keys),
    required: Object.keys(keys).filter((key) => keys[key]?.required === true)
  })
  const shape = (part: Schema | undefined) => ({
    keys: Object.keys(part?.properties ?? {}),
    required: part?.required
  })
  const group = schema.properties['auto-scaling-group']
  expect(shape(schema)).toEqual(of(FILE_KEYS))
  expect(shape(group)).toEqual(of(GROUP_KEYS))
  expect(shape(group?.properties['create'])).toEqual(of(FLEET_KEYS))
})
