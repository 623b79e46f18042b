import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from '@jest/globals'
import { FAULT_KINDS } from '../cloud/faults.js'
import { isWhole } from '../sample.js'
import { playApart } from './apart.js'
import { ASKED_OF_COPIES, type Row } from './cells.js'
import { ONLY_OF_ENVIRONMENTS } from './environment-cells.js'
import { problemsOf } from './judge.js'
import { SCENES } from './scenes.js'

const ROOT = join(import.meta.dirname, '../..')

/** The scenes that each process plays; together they are all of them. */
const SHARES = [
  ['deploy'],
  ['rollback'],
  [...SCENES.map(({ name }) => name).filter((name) => !['deploy', 'rollback'].includes(name)), 'names']
]

/** The whole matrix takes minutes on two quiet cores; this limit only ends one that hangs. */
const HANGS_MS = 2 * 3_600_000

/**
 * Need not be met: asked only after a refusal, to explain it (test/steps/alarms.test.ts, test/scenarios/alarms.test.ts), or given up on a
 * busy machine before the fault can occur (test/steps/copied-group.test.ts, test/scenarios/copied-group.test.ts); or crossed in a
 * matrix of its own (environments.test.ts).
 */
const NOT_PLAYED = new Set(['DescribeAlarms', ...ASKED_OF_COPIES, ...ONLY_OF_ENVIRONMENTS])

interface Played {
  rows: Row[]
  calls: string[]
  /** How many cells the whole matrix of these scenes has. */
  cells: number
}

const play = async (scenes: readonly string[]): Promise<Played> => {
  const out = await playApart('play.ts', [isWhole ? 'whole' : 'sample', ...scenes])
  const lines = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Row | Omit<Played, 'rows'>)
  const [end] = lines.filter((line) => 'calls' in line)
  return {
    rows: lines.filter((line): line is Row => 'kind' in line),
    ...(end ?? { calls: [], cells: 0 })
  }
}

let rows: Row[]
let calls: Set<string>
let cells: number
beforeAll(async () => {
  // One process more than a small machine has cores, because a run whose calls hang only waits.
  const all = await Promise.all(SHARES.map(play))
  rows = all.flatMap((one) => one.rows)
  calls = new Set(all.flatMap((one) => one.calls))
  cells = all.reduce((sum, one) => sum + one.cells, 0)
}, HANGS_MS)

test('every call that the action makes is crossed with every fault', () => {
  const folder = join(ROOT, 'src/edge')
  const commands = readdirSync(folder)
    .flatMap((file) => [...readFileSync(join(folder, file), 'utf8').matchAll(/new (\w+)Command\(/g)])
    .map(([, name = '']) => name)
  const wanted = [...new Set([...commands, 'GetIDToken', 'GetCommit'])].filter(
    (name) => !NOT_PLAYED.has(name)
  )
  expect([...calls].filter((name) => !NOT_PLAYED.has(name)).sort()).toEqual(wanted.sort())
  const played = new Set(rows.map(({ operation, kind }) => `${operation} ${kind}`))
  const pairs = wanted.flatMap((operation) => FAULT_KINDS.map((kind) => `${operation} ${kind}`))
  // A sample meets each call and each kind, but not each of the two together.
  if (isWhole) expect(pairs.filter((pair) => !played.has(pair))).toEqual([])
  expect(new Set(rows.map(({ kind }) => kind))).toEqual(new Set([...FAULT_KINDS, 'unknown-name']))
  const crossed = rows.map(({ operation }) => operation).filter((name) => !NOT_PLAYED.has(name))
  expect(new Set(crossed)).toEqual(new Set(wanted))
})

test('each run survives or fails clearly, in bounded time, and creates no second deployment', () => {
  const problems = rows.flatMap(problemsOf)
  process.stdout.write(
    `faults: ${rows.length} of ${cells} combinations, ${rows.length - new Set(problems).size} survived or failed clearly\n`
  )
  expect(problems).toEqual([])
})
