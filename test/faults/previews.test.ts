import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { beforeAll, expect, test } from '@jest/globals'
import { isWhole } from '../sample.js'
import type { PreviewRow } from './preview-cells.js'

const ROOT = join(import.meta.dirname, '../..')

/** Two processes, since a small machine has two cores. */
const SHARES = 2

/** Of the cells, `npm test` plays every n-th. */
const SAMPLED = 19

interface Played {
  rows: PreviewRow[]
  cells: number
  calls: string[]
}

const play = (share: number): Promise<Played> =>
  new Promise((resolve, reject) => {
    const numbers = [share, SHARES, isWhole ? 1 : SAMPLED].map(String)
    const args = ['--import', 'tsx', join(import.meta.dirname, 'preview-play.ts'), ...numbers]
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] })
    let [out, errors] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
    child.once('error', reject)
    child.once('close', (code) => {
      if (code !== 0) {
        reject(new Error(`share ${share} ended with ${code}\n${errors}`))
        return
      }
      const lines = out.trim().split('\n')
      const end = JSON.parse(lines.pop() ?? '{}') as Omit<Played, 'rows'>
      resolve({ rows: lines.map((line) => JSON.parse(line) as PreviewRow), ...end })
    })
  })

let played: Played[]
beforeAll(async () => {
  played = await Promise.all(Array.from({ length: SHARES }, (_, share) => play(share)))
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
