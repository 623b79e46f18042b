import { deploy, OTHERS, OURS, type Contender, type Run } from './contenders.js'
import { LIVE } from './sink-answers.js'
import { isInstalled, measure, median, type Measure } from './measure.js'
import type { Tree } from './trees.js'

/** All runs of one contender on one tree. */
export interface Result {
  tree: string
  contender: string
  seconds: number[]
  median: number
  peakMib?: number
}

/** How many runs there are. */
export interface Course {
  /** Pairs of a run of ours and one of `aws deploy push`. */
  pairs: number
  /** Runs of the other contenders. */
  others: number
  /** Milliseconds of `performance.now()` after which no new round starts. */
  deadline: number
  tell(line: string): void
}

const isOver = ({ deadline }: Course): boolean => performance.now() > deadline

/** The message about a contender with a missing program; undefined if it has all it needs. */
export const missing = (contender: Contender): string | undefined => {
  const absent = contender.needs.filter((program) => !isInstalled(program))
  return absent.length === 0 ? undefined : `${contender.key} is skipped: no ${absent.join(', ')} here`
}

const SAME = '0'.repeat(40)

/** A run of an unchanged tree must send nothing, or it would measure something else. */
const assertNothingSent = ({ output }: Measure): void => {
  if (!output.includes('nothing sent')) throw new Error(`An unchanged tree was sent:\n${output}`)
}

/**
 * Runs the contenders on one tree in turn (A B A B …), so that disturbances affect them equally. Then runs an unchanged tree: equal
 * to the live one but with a new commit (`ours-unchanged`), and the same job again (`ours-again`).
 */
export const race = async (tree: Tree, run: Run, course: Course): Promise<Result[]> => {
  const present = OTHERS.filter((one) => missing(one) === undefined)
  const times = new Map<string, Measure[]>()
  const once = async (key: string, program: ReturnType<Contender['program']>): Promise<Measure> => {
    const measured = await measure(program)
    times.set(key, [...(times.get(key) ?? []), measured])
    course.tell(`${tree.name.padEnd(6)} ${key.padEnd(16)} ${measured.seconds.toFixed(2)} s`)
    return measured
  }
  for (let round = 0; round < course.pairs && !(round > 0 && isOver(course)); round++) {
    await once(OURS.key, OURS.program(tree, run))
    for (const other of present)
      if (other.key === 'aws-deploy-push' || round < course.others)
        await once(other.key, other.program(tree, run))
  }
  await measure(deploy(tree, run, { application: LIVE, commit: SAME }))
  for (let round = 0; round < Math.ceil(course.pairs / 2); round++) {
    assertNothingSent(await once('ours-unchanged', deploy(tree, run, { application: LIVE })))
    assertNothingSent(await once('ours-again', deploy(tree, run, { application: LIVE, commit: SAME })))
  }
  return [...times].map(([contender, measures]) => summarize(tree.name, contender, measures))
}

const summarize = (tree: string, contender: string, measures: readonly Measure[]): Result => {
  const seconds = measures.map((one) => one.seconds)
  const peaks = measures.flatMap((one) => one.peakMib ?? [])
  return {
    tree,
    contender,
    seconds,
    median: median(seconds),
    ...(peaks.length === 0 ? {} : { peakMib: Math.max(...peaks) })
  }
}

/** How many times faster ours is than every other contender, and an unchanged tree than `aws deploy push`. */
export const ratios = (results: readonly Result[], suffix = ''): Record<string, number> => {
  const all: Record<string, number> = {}
  for (const { tree, contender, median: theirs } of results) {
    const of = (key: string) => results.find((one) => one.tree === tree && one.contender === key)?.median
    const [ours, unchanged] = [of('ours'), of('ours-unchanged')]
    if (contender.startsWith('ours') || ours === undefined) continue
    all[`${tree}-vs-${contender}${suffix}`] = theirs / ours
    if (contender === 'aws-deploy-push' && unchanged !== undefined)
      all[`${tree}-unchanged-vs-${contender}${suffix}`] = theirs / unchanged
  }
  return all
}
