import { afterEach, describe, expect, test } from '@jest/globals'
import type { ActionRun } from '../action/run.js'
import { type Script, scriptFailed } from '../cloud/scripted/script.js'
import { openScriptedStage, readable, type Stage } from './stage.js'

// A log that a person can read, however many instances there are.

let stage: Stage
afterEach(async () => {
  expect(stage.cloud.planes.inspect.faults()).toEqual([])
  await stage.close()
})

const open = (instances: number, config: string, script: Script = { eventSeconds: 2 }): Promise<Stage> =>
  openScriptedStage({
    instances,
    script,
    timeScale: 1000,
    seed: { deploymentConfigName: `CodeDeployDefault.${config}` }
  })

const linesOf = (run: ActionRun): string[] => readable(run).split('\n')

const EVENTS = [
  ...['ApplicationStop', 'DownloadBundle', 'BeforeInstall', 'Install', 'AfterInstall', 'ApplicationStart'],
  ...['ValidateService', 'BeforeAllowTraffic', 'AllowTraffic', 'AfterAllowTraffic'],
  ...['BeforeBlockTraffic', 'BlockTraffic', 'AfterBlockTraffic']
]

/** The lines about one event of one instance: that it succeeded. */
const eachOf = (text: string): string[] => text.match(/(green|blue) +i-\w+ +\w+ +Succeeded .*$/gm) ?? []

describe('1,000 instances', () => {
  test('all at once: one line for each step of an event, all in the summary, and everything with debug logging', async () => {
    stage = await open(1000, 'AllAtOnce')
    const run = await stage.deploy('v1', { env: { RUNNER_DEBUG: '1' } })
    const lines = linesOf(run)
    expect(run.code).toBe(0)
    expect(lines.length).toBeLessThanOrEqual(120)
    expect(eachOf(lines.join('\n'))).toEqual([])
    for (const event of EVENTS)
      expect(lines.join('\n')).toMatch(
        new RegExp(
          `^\\d\\d:\\d\\d:\\d\\d  (green|blue) +1,000 of 1,000 +${event} +Succeeded +median \\S+ s, slowest \\S+ s \\(i-\\w+\\)$`,
          'm'
        )
      )
    expect(lines).toContain('traffic: green 1,000/1,000 · blue 0/1,000')
    expect(run.summary.match(/^\| (green|blue)<br>/gm)).toHaveLength(2000)
    // Without colors.
    // eslint-disable-next-line no-control-regex -- colors of a terminal
    const everything = run.log.replace(/\u001b\[[0-9;]*m/g, '')
    const details = everything.split('\n').filter((line) => line.startsWith('::debug::'))
    expect(eachOf(details.join('\n'))).toHaveLength(13_000)
  })

  test('one at a time: no line for each look', async () => {
    stage = await open(1000, 'OneAtATime', {
      // The events that end each part of an instance's way; each takes a moment of this machine, so the others take none.
      event: ({ event }) => ({
        seconds: /^(ApplicationStart|After(Allow|Block)Traffic)$/.test(event) ? 2 : 0
      })
    })
    const run = await stage.deploy('v1')
    const lines = linesOf(run)
    expect(run.code).toBe(0)
    expect(lines.length).toBeLessThanOrEqual(200)
    expect(
      stage.cloud.requests.filter(({ operation }) => operation === 'GetDeployment').length
    ).toBeGreaterThan(10)
    expect(eachOf(lines.join('\n'))).toEqual([])
    expect(run.log).not.toContain('::debug::')
    for (const event of EVENTS)
      expect(lines.filter((line) => line.includes(`1,000 of 1,000       ${event} `))).toHaveLength(1)
  })

  test('of which 203 fail for two reasons: each in full once, with its number', async () => {
    const fails: Script['event'] = ({ event }, { index, autoScalingGroup }) => {
      if (event !== 'ApplicationStart' || !autoScalingGroup.startsWith('CodeDeploy_')) return undefined
      if (index % 5 === 0) return { failure: scriptFailed(event, 'scripts/start.sh', 3) }
      return [1, 501, 996].includes(index)
        ? {
            failure: {
              ...scriptFailed(event, 'scripts/start.sh'),
              errorCode: 'ScriptTimedOut',
              message: 'Too late'
            }
          }
        : undefined
    }
    stage = await open(1000, 'HalfAtATime', { eventSeconds: 2, event: fails })
    const run = await stage.deploy('v1', { changes: { 'scripts/start.sh': '#!/bin/sh\n' } })
    const lines = linesOf(run)
    const log = lines.join('\n')
    expect(run.code).toBe(0)
    expect(lines.length).toBeLessThanOrEqual(180)
    expect(lines.filter((line) => line.startsWith('✗'))).toEqual([
      expect.stringMatching(/^✗ ApplicationStart failed on i-\w+/),
      expect.stringMatching(/^✗ ApplicationStart failed on i-\w+/)
    ])
    expect(lines.filter((line) => line.startsWith('::error'))).toHaveLength(2)
    expect(log).toMatch(
      / 200 of 1,000 +ApplicationStart +Failed +ScriptFailed scripts\/start\.sh, exit code 3 \(i-\w+, i-\w+, i-\w+ and 197 more instances\)$/m
    )
    expect(log).toMatch(
      / 3 of 1,000 +ApplicationStart +Failed +ScriptTimedOut scripts\/start\.sh \(i-\w+, i-\w+, i-\w+\)$/m
    )
    expect(log).toMatch(/ 203 of 1,000 +ValidateService +Skipped/)
    expect(run.summary).toContain('on 200 of 1,000 green instances')
    // Those that failed come first.
    expect(
      run.summary
        .match(/^\| .*$/gm)
        ?.slice(-2000, -1800)
        .every((row) => row.includes('❌'))
    ).toBe(true)
  })

  test('whose first one fails: the deployment ends, and the others are counted', async () => {
    const fails: Script['event'] = ({ event }, { autoScalingGroup }) =>
      event === 'Install' && autoScalingGroup.startsWith('CodeDeploy_')
        ? { failure: scriptFailed(event, 'scripts/install.sh') }
        : undefined
    stage = await open(1000, 'OneAtATime', { event: fails })
    const run = await stage.deploy('v1')
    const lines = linesOf(run)
    expect(run.code).toBe(1)
    expect(lines.length).toBeLessThanOrEqual(80)
    expect(lines.filter((line) => line.startsWith('✗ Install failed'))).toHaveLength(1)
    expect(lines.join('\n')).toMatch(/ 999 of 1,000 +Install +Skipped/)
  })
})

test.each([
  [24, 24 * 13],
  [25, 0]
])('%i instances have %i lines about single events', async (instances, lines) => {
  stage = await open(instances, 'HalfAtATime')
  const run = await stage.deploy('v1')
  expect(run.code).toBe(0)
  expect(eachOf(readable(run))).toHaveLength(lines)
  expect(/ of 25 +Install/.test(readable(run))).toBe(lines === 0)
})

test('in place, a large fleet is told by its instances in service', async () => {
  stage = await openScriptedStage({
    instances: 60,
    inPlace: true,
    script: { eventSeconds: 1 },
    seed: { deploymentConfigName: 'CodeDeployDefault.OneAtATime' }
  })
  const run = await stage.deploy('v1')
  const lines = linesOf(run)
  expect(run.code).toBe(0)
  expect(lines.length).toBeLessThanOrEqual(120)
  expect(lines.filter((line) => /in-place +60 of 60 +\w+ +Succeeded/.test(line))).toHaveLength(13)
  const traffic = lines.filter((line) => line.startsWith('traffic: '))
  expect(traffic.length).toBeLessThanOrEqual(10)
  expect(traffic.at(-1)).toBe('traffic: 60/60 in service')
})
