import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { openScriptedStage, readable, type Stage } from './stage.js'

let stage: Stage
beforeAll(async () => {
  stage = await openScriptedStage()
  await mkdir(join(stage.scratch, 'bare'))
  await writeFile(join(stage.scratch, 'broken.json'), '{ "head_commit": ')
})
afterAll(() => stage.close())

/** The text of the run's only error. */
const errorOf = (log: string): string => {
  const errors = log.split('\n').filter((line) => line.startsWith('::error'))
  expect(errors).toHaveLength(1)
  return (errors[0] ?? '').replace(/%0A/g, '\n')
}

const SHA = 'a'.repeat(40)

const MISTAKES: [name: string, inputs: Record<string, string>, expected: RegExp][] = [
  ['an unknown command', { command: 'deplyo' }, /`command`, got "deplyo".*`deploy`/],
  ['a region with a typo', { 'aws-region': 'ap-norteast-2' }, /`aws-region`, got "ap-norteast-2"/],
  ['an empty region', { 'aws-region': '' }, /`aws-region`/],
  ['a missing folder', { source: 'nowhere' }, /`source`, got "nowhere": there is no such folder/],
  [
    'a folder without appspec.yml',
    { source: 'bare' },
    /`source`, got "bare": the folder has no appspec\.yml/
  ],
  ['a long description', { description: 'x'.repeat(257) }, /`description`.* has 257 characters/],
  ['a commit in Hangul', { commit: '커밋' }, /`commit`, got "커밋"/],
  ['a commit with a line break', { commit: `${SHA}\n::error::x` }, /`commit`/],
  ['a role that is not an ARN', { 'role-to-assume': 'deploy' }, /`role-to-assume`, got "deploy"/],
  ['an unknown wait', { 'wait-for': 'ever' }, /`wait-for`, got "ever"/],
  [
    'a flag that is not a boolean',
    { 'skip-order-check': 'yes please' },
    /`skip-order-check`, got "yes please"/
  ],
  ['a number that is not numeric', { 'poll-seconds': 'often' }, /`poll-seconds`, got "often"/]
]

describe('one mistake', () => {
  test.each(MISTAKES)(
    '%s: exit code 1, an error with the value, and no calls',
    async (_, inputs, expected) => {
      const run = await stage.run({ inputs: { source: 'bare', ...inputs }, env: { GITHUB_SHA: SHA } })
      expect(run.code).toBe(1)
      expect(errorOf(run.log)).toMatch(expected)
      expect(stage.cloud.requests).toEqual([])
      expect(readable(run)).not.toMatch(/^\s+at /m)
    }
  )
})

test('an event file that is not JSON is reported with the other mistakes', async () => {
  const run = await stage.run({
    inputs: { source: 'bare' },
    env: { GITHUB_SHA: SHA, GITHUB_EVENT_PATH: join(stage.scratch, 'broken.json') }
  })
  expect(run.code).toBe(1)
  expect(errorOf(run.log)).toMatch(/GITHUB_EVENT_PATH/)
})

test('all mistakes at once are one error that lists each', async () => {
  const inputs = Object.assign({}, ...MISTAKES.slice(1).map(([, one]) => one)) as Record<string, string>
  const run = await stage.run({ inputs, env: { GITHUB_SHA: SHA } })
  const text = errorOf(run.log)
  expect(run.code).toBe(1)
  for (const name of Object.keys(inputs)) expect(text).toContain(`\`${name}\``)
  expect(text).toMatch(/^::error::\d+ inputs need fixing:/)
  expect(stage.cloud.requests).toEqual([])
})

test('without any inputs, the error lists every missing one', async () => {
  const empty = Object.fromEntries(
    ['aws-region', 'role-to-assume', 'application-name', 'deployment-group-name', 's3-bucket'].map((one) => [
      one,
      ''
    ])
  )
  const run = await stage.run({ inputs: empty })
  const text = errorOf(run.log)
  for (const name of [
    'aws-region',
    'application-name',
    'deployment-group-name',
    's3-bucket',
    'commit',
    'source'
  ])
    expect(text).toContain(`\`${name}\``)
  expect(stage.cloud.requests).toEqual([])
})
