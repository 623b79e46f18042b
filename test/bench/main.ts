import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { coldStart } from './cold-start.js'
import { OTHERS } from './contenders.js'
import { limitsOf, type Limits } from './limits.js'
import { largePlan } from './large-plan.js'
import { longHistory } from './long-history.js'
import { missing, race, ratios, type Course, type Result } from './race.js'
import { startSink } from './sinks.js'
import {
  coldStartLines,
  historyLines,
  limitLines,
  machine,
  planLines,
  resultLines,
  tickLines,
  wayLines
} from './table.js'
import { ticks } from './ticks.js'
import { makeTrees, type Tree } from './trees.js'
import { waysBack } from './ways-back.js'

// `npm run bench -- [--quick] [--json FILE] [--data DIR] [--pairs N]`: compares the action with what people use today, taking
// turns in one run. DIR has other trees, each in a folder with an appspec.yml.

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    data: { type: 'string' },
    pairs: { type: 'string' }
  }
})

const root = join(import.meta.dirname, '..', '..')
const scratch = join(root, '.scratch', 'bench')
const dist = join(root, 'dist', 'index.js')
const tell = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

const treesIn = (folder: string): Tree[] =>
  readdirSync(folder)
    .map((name) => ({ name: name === 'node_modules_app' ? 'app' : name, path: join(folder, name) }))
    .filter(({ path }) => existsSync(join(path, 'appspec.yml')))

/** --quick takes less than 50 s: smaller trees, fewer rounds, none started after 12 s, and one tree on the slow connection. */
const course: Course = {
  pairs: Number(options.pairs ?? (options.quick ? 2 : 5)),
  others: options.quick ? 1 : 2,
  deadline: options.quick ? 12_000 : Number.POSITIVE_INFINITY,
  tell
}

const trees =
  options.data === undefined
    ? makeTrees(scratch, { share: options.quick ? 0.06 : 1, modules: join(root, 'node_modules') })
    : treesIn(options.data)

tell(machine())
for (const contender of OTHERS) {
  const word = missing(contender)
  if (word !== undefined) tell(word)
}

const fast = await startSink()
const results: Result[] = []
const limits: Record<string, Limits> = {}
for (const tree of trees) {
  // First, so that the files are in the page cache for every contender.
  limits[tree.name] = await limitsOf(tree)
  results.push(...(await race(tree, { endpoint: fast.endpoint, dist }, course)))
}
await fast.close()

tell('\nWith 30 ms a request and 80 MB/s a connection, as S3 gives:')
const slow = await startSink(30, 80_000_000)
const slowResults: Result[] = []
for (const tree of options.quick ? trees.slice(0, 1) : trees)
  slowResults.push(
    ...(await race(tree, { endpoint: slow.endpoint, dist }, { ...course, pairs: 1, others: 0 }))
  )
await slow.close()

const start = await coldStart({ root, scratch, runs: options.quick ? 5 : 15 })
const looks = await ticks()
const ways = await waysBack(options.quick ? 1 : 3)
const histories = await longHistory(options.quick ? 2 : 5)
const plan = await largePlan(options.quick ? 1 : 3, options.quick ? 0.02 : 1)

tell('')
for (const { name } of trees)
  for (const line of [
    ...resultLines(results.filter((one) => one.tree === name)),
    ...limitLines(limits[name])
  ])
    tell(line)
tell('\nWith latency and 80 MB/s a connection:')
for (const line of resultLines(slowResults)) tell(line)
tell('')
for (const line of [
  ...coldStartLines(start),
  '',
  ...tickLines(looks),
  '',
  ...wayLines(ways),
  ...historyLines(histories),
  '',
  ...planLines(plan)
])
  tell(line)

if (options.json !== undefined) {
  const [least, most] = [looks.at(0), looks.at(-1)]
  const all = {
    ...ratios(results),
    ...ratios(slowResults, '-slow-line'),
    'first-line-vs-core-only': start.coreOnly / start.action,
    'fast-rollback-vs-redeploy': ways.redeploy / ways.fast,
    'calls-10-vs-1000-instances': (least?.calls.median ?? Number.NaN) / (most?.calls.median ?? Number.NaN)
  }
  const report = {
    machine: machine(),
    quick: options.quick,
    ratios: all,
    results,
    slowResults,
    limits,
    coldStart: start,
    ticks: looks,
    waysBack: ways,
    histories,
    plan
  }
  writeFileSync(options.json, `${JSON.stringify(report, undefined, 2)}\n`)
}
