import { cpus, totalmem } from 'node:os'
import type { ColdStart } from './cold-start.js'
import type { Limits } from './limits.js'
import type { Result } from './race.js'
import type { Ticks } from './ticks.js'
import type { LargePlan } from './large-plan.js'
import type { LongHistory } from './long-history.js'
import type { WaysBack } from './ways-back.js'

const row = (cells: readonly string[]): string =>
  cells.map((cell, index) => (index === 0 ? cell.padEnd(26) : cell.padStart(13))).join('')

const seconds = (value: number): string => `${value.toFixed(2)} s`

/** The machine that the numbers are from. */
export const machine = (): string => {
  const [first] = cpus()
  return `${cpus().length} × ${first?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform}, Node ${process.versions.node}`
}

/** Medians, the ratio to ours on the same tree, and memory. */
export const resultLines = (results: readonly Result[]): string[] =>
  results.map(({ tree, contender, median, peakMib, seconds: runs }) => {
    const ours = results.find((one) => one.tree === tree && one.contender === 'ours')?.median
    return row([
      `${tree} ${contender}`,
      seconds(median),
      contender.startsWith('ours') || ours === undefined ? '' : `${(median / ours).toFixed(2)} ×`,
      peakMib === undefined ? '' : `${Math.round(peakMib)} MiB`,
      `n=${runs.length}`
    ])
  })

export const limitLines = (limits: Limits | undefined): string[] =>
  limits === undefined
    ? []
    : [
        row(['  reading alone', seconds(limits.read)]),
        row(['  deflate alone, all cores', seconds(limits.deflate)])
      ]

export const coldStartLines = ({ bareNode, coreOnly, action }: ColdStart): string[] => [
  row(['first line: bare node', `${Math.round(bareNode)} ms`]),
  row(['  @actions/core alone', `${Math.round(coreOnly)} ms`]),
  row(['  this action', `${Math.round(action)} ms`, `${(action / coreOnly).toFixed(2)} ×`])
]

export const tickLines = (all: readonly Ticks[]): string[] => [
  row(['instances', 'calls/poll', 'most', 'work', 'most', 'report after', 'at most']),
  ...all.map(({ instances, calls, workMs, lagSeconds }) =>
    row([
      String(instances),
      String(calls.median),
      String(calls.most),
      `${workMs.median.toFixed(1)} ms`,
      `${workMs.most.toFixed(1)} ms`,
      `${lagSeconds.median.toFixed(1)} s`,
      `${lagSeconds.most.toFixed(1)} s`
    ])
  )
]

export const wayLines = ({ fast, redeploy }: WaysBack): string[] => [
  row(['rollback, fast', seconds(fast)]),
  row(['rollback, new deployment', seconds(redeploy), `${(redeploy / fast).toFixed(2)} ×`])
]

/** What the list of a long history takes, each answer after 30 ms. */
export const historyLines = (all: readonly LongHistory[]): string[] =>
  all.map(({ past, seconds: took, calls }) =>
    row([`history of ${past}`, seconds(took), `${calls.all} calls`])
  )

/** What the plan of a large pull request takes beside the check of its bundle, each answer after 30 ms. */
export const planLines = ({ files, changed, commits, seconds: took, calls }: LargePlan): string[] => [
  `plan of ${files} files, ${changed} changed, ${commits} commits`,
  row(['  the whole', seconds(took.plan), `${calls} calls`]),
  row(['  the check of its bundle', seconds(took.check), `${(took.plan / took.check).toFixed(2)} ×`])
]
