import { beforeAll, expect, test } from '@jest/globals'
import { isWhole } from '../sample.js'
import { playShares, type Share } from './apart.js'
import type { PreviewRow } from './preview-cells.js'

/** Of the cells, `npm test` plays every n-th. */
const SAMPLED = 19

let played: Share<PreviewRow>[]
beforeAll(async () => {
  played = await playShares('preview-play.ts', isWhole ? 1 : SAMPLED)
})

test('every request of a running preview is met by faults, a cancel and the death of the runner', () => {
  const [calls, cells] = [new Set(played[0]?.calls), played[0]?.cells]
  for (const operation of [
    ...['CompareCommits', 'GetTree', 'GetPull', 'GraphQL', 'ListComments', 'CreateComment'],
    ...['UpdateComment', 'DeleteComment', 'ListGitHubDeployments', 'CreateGitHubDeployment'],
    ...['ListGitHubDeploymentStatuses', 'CreateGitHubDeploymentStatus'],
    ...['GetDeploymentGroup', 'BatchGetDeployments', 'CreateDeployment', 'GetObject', 'PutObject']
  ])
    expect(calls).toContain(operation)
  const rows = played.flatMap((one) => one.rows)
  expect(cells).toBeGreaterThan(500)
  if (isWhole) expect(rows).toHaveLength(cells ?? 0)
})

test('nothing on GitHub fails a deployment; what the pull request says is true, and a rerun leaves one comment and one status', () => {
  const rows = played.flatMap((one) => one.rows)
  process.stdout.write(`previews: ${rows.length} of ${played[0]?.cells ?? 0} combinations\n`)
  expect(rows.flatMap(({ problems }) => problems)).toEqual([])
})
