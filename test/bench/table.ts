import { cpus, totalmem } from 'node:os'
import type { ColdStart } from './cold-start.js'
import type { Limits } from './limits.js'
import type { Result } from './race.js'

const row = (cells: readonly string[]): string =>
  cells.map((cell, index) => (index === 0 ? cell.padEnd(26) : cell.padStart(13))).join('')

const seconds = (value: number): string => `${value.toFixed(2)} s`

/** The machine that the numbers are of. */
export const machine = (): string => {
  const [first] = cpus()
  return `${cpus().length} × ${first?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform}, Node ${process.versions.node}`
}

/** Medians, the ratio to ours, and memory of one tree. */
export const resultLines = (results: readonly Result[], limits: Limits | undefined): string[] => {
  const ours = results.find(({ contender }) => contender === 'ours')?.median ?? Number.NaN
  return [
    ...results.map(({ tree, contender, median, peakMib, seconds: runs }) =>
      row([
        `${tree} ${contender}`,
        seconds(median),
        contender.startsWith('ours') ? '' : `${(median / ours).toFixed(2)} ×`,
        peakMib === undefined ? '' : `${Math.round(peakMib)} MiB`,
        `n=${runs.length}`
      ])
    ),
    ...(limits === undefined
      ? []
      : [
          row(['  reading alone', seconds(limits.read)]),
          row(['  deflate alone, all cores', seconds(limits.deflate)])
        ])
  ]
}

export const coldStartLines = ({ bareNode, coreOnly, action }: ColdStart): string[] => [
  row(['first line: bare node', `${Math.round(bareNode)} ms`]),
  row(['  @actions/core alone', `${Math.round(coreOnly)} ms`]),
  row(['  this action', `${Math.round(action)} ms`, `${(action / coreOnly).toFixed(2)} ×`])
]
