import { beforeAll, expect, test } from '@jest/globals'
import { isWhole } from '../sample.js'
import { playShares, type Share } from './apart.js'
import { type EnvironmentRow, ONLY_OF_ENVIRONMENTS } from './environment-cells.js'

/** Of the cells, `npm test` plays every n-th. */
const SAMPLED = 29

let played: Share<EnvironmentRow>[]
beforeAll(async () => {
  played = await playShares('environment-play.ts', isWhole ? 1 : SAMPLED)
})

test('every request that makes or takes down an environment is met by faults, a cancel and the death of the runner', () => {
  const [calls, cells] = [new Set(played[0]?.calls), played[0]?.cells]
  for (const operation of [
    ...ONLY_OF_ENVIRONMENTS,
    ...['DescribeListeners', 'DescribeRules', 'DescribeTargetGroups', 'DescribeLaunchTemplateVersions'],
    ...['CreateAutoScalingGroup', 'DescribeAutoScalingGroups', 'DeleteAutoScalingGroup'],
    ...['CreateApplication', 'CreateDeploymentGroup', 'CreateDeployment']
  ])
    expect(calls).toContain(operation)
  expect(cells).toBeGreaterThan(300)
  if (isWhole) expect(played.flatMap(({ rows }) => rows)).toHaveLength(cells ?? 0)
})

test('the next run finishes what a run began, makes nothing twice, and the end leaves nothing', () => {
  const rows = played.flatMap((one) => one.rows)
  process.stdout.write(`environments: ${rows.length} of ${played[0]?.cells ?? 0} combinations\n`)
  expect(rows.flatMap(({ problems }) => problems)).toEqual([])
})
