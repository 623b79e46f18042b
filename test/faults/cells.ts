import { FAULT_KINDS } from '../cloud/faults.js'
import { rotated } from '../sample.js'
import { TIMES, type Cell, type Times } from './expectation.js'
import { openPlace, type Place } from './place.js'
import { SCENES, type Scene } from './scenes.js'
import { hangTimeouts, type Told } from './world.js'

/** The result of one cell of the matrix. */
export interface Row extends Cell {
  scene: string
  isDoomed: boolean
  code: number
  status: string
  words: string
  /** Virtual milliseconds, and those of a run without faults. */
  tookMs: number
  usualMs: number
  /** Deployments that it made. */
  made: number
  /** How often the operation was made to fail. */
  failed: number
  /** The most reports about the failures of one operation. */
  told: number
  /** Multipart uploads left behind with parts. */
  leftUploads: number
  /** Whether the group runs the wanted commit in the end. */
  isLive: boolean
}

const SECOND_THOUGHT_MS = 200

/** `after`: how many calls succeed first. */
const spec = ({ operation, kind, times }: Cell, calls: number, after = 0): string => {
  const many: Record<Times, string> = {
    once: `:1:${after}`,
    thrice: `:3:${after}`,
    'for ever': `:forever:${after}`,
    'later on': `:forever:${Math.max(after, Math.floor(calls / 2))}`
  }
  return `${operation}:${kind}${many[times]}`
}

/** The operations that a scene calls if nothing fails. */
export const callsOf = async (scene: Scene): Promise<string[]> => {
  const place = await openPlace(scene.options)
  try {
    return [...(await recorded(scene, place)).calls.keys()]
  } finally {
    await place.close()
  }
}

interface Recorded {
  /** How often each operation is called. */
  calls: Map<string, number>
  /** How often the group's record is read before the first HeadObject; such a GetObject explains no refusal. */
  readsBefore: number
  usualMs: number
}

/**
 * Asked only while a wait is long, which on a busy machine any wait may be. So they count only in the scene that makes them for sure.
 */
const ASKED_IN_LONG_WAITS = new Set([
  'DecodeAuthorizationMessage',
  'DescribeAutoScalingGroups',
  'DescribeInstanceStatus',
  'DescribeScalingActivities',
  'DescribeTargetGroupAttributes'
])

/** Asked beside the moving traffic, and given up in time, which on a busy machine may be before the first of them. */
export const ASKED_OF_COPIES = new Set([
  'DescribeAutoScalingInstances',
  'DescribeLifecycleHooks',
  'DescribeNotificationConfigurations',
  'DescribePolicies',
  'DescribeScheduledActions'
])

/** Whether a run makes the call or not, as its time allows; such calls are crossed in the scenes that make them for sure. */
export const isOfItsOwnTime = (operation: string): boolean =>
  ASKED_IN_LONG_WAITS.has(operation) || ASKED_OF_COPIES.has(operation)

const isFor = ({ waitsLong, compares }: Scene, operation: string): boolean =>
  (waitsLong === true || !ASKED_IN_LONG_WAITS.has(operation)) &&
  (compares === true || !ASKED_OF_COPIES.has(operation))

/** A run without faults. */
const recorded = async (scene: Scene, place: Place): Promise<Recorded> => {
  await scene.prepare(place)
  const from = place.cloud.requests.length
  const { tookMs } = await scene.play(place, {})
  const calls = new Map<string, number>()
  const names = place.cloud.requests
    .slice(from)
    .map(({ operation }) => operation)
    .filter((name) => isFor(scene, name))
  for (const operation of names) calls.set(operation, (calls.get(operation) ?? 0) + 1)
  const heads = names.indexOf('HeadObject')
  const readsBefore = names.slice(0, Math.max(0, heads)).filter((name) => name === 'GetObject').length
  await place.settle()
  return { calls, readsBefore, usualMs: tookMs }
}

/** Which cells run, where each row is reported, and what is already crossed. */
export interface Crossing {
  /** Whether each call meets each kind of fault for all of TIMES, or every third kind for one of them, which rotates. */
  isWhole: boolean
  /** Operations that other scenes cross. */
  known: ReadonlySet<string>
  tell: (row: Row) => void
}

/** Crosses the calls of a scene with every fault: reports each row, and returns the operations that it calls and how many cells the whole has. */
export const crossScene = async (
  scene: Scene,
  { isWhole, known, tell }: Crossing
): Promise<{ calls: string[]; cells: number }> => {
  const place = await openPlace(scene.options)
  try {
    const { calls, readsBefore, usualMs } = await recorded(scene, place)
    let cells = 0
    for (const [at, [operation, count]] of [...calls].entries()) {
      if (scene.crosses === 'new' && known.has(operation)) continue
      for (const [column, kind] of FAULT_KINDS.entries()) {
        const all = TIMES.filter((times) => times !== 'later on' || count > 1)
        cells += all.length
        // Which kinds are in a sample rotates from call to call.
        if (!isWhole && (column + at) % 9 !== 0) continue
        // The scene shifts the rotation, so two scenes that make the same call cross it with different times.
        const order = rotated(all, at + column + SCENES.indexOf(scene))
        for (const times of order) {
          const row = await playCell(
            { operation, kind, times },
            { scene, place, count, readsBefore, usualMs }
          )
          // A run may make fewer calls than the recorded one and end before the fault occurs.
          if ((times === 'later on' || ASKED_OF_COPIES.has(operation)) && row.failed === 0) continue
          tell(row)
          if (!isWhole) break
        }
      }
    }
    return { calls: [...calls.keys()], cells }
  } finally {
    await place.close()
  }
}

/** After a refused HEAD the action tries GET, which the service would refuse for the same reason. */
const specsOf = (cell: Cell, count: number, readsBefore: number): string[] => {
  const own = spec(cell, count)
  return cell.operation === 'HeadObject'
    ? [own, spec({ ...cell, operation: 'GetObject' }, count, readsBefore)]
    : [own]
}

const playCell = async (
  cell: Cell,
  {
    scene,
    place,
    count,
    readsBefore,
    usualMs
  }: { scene: Scene; place: Place; count: number; readsBefore: number; usualMs: number }
): Promise<Row> => {
  await scene.prepare(place)
  const [made, from] = [place.made(), place.cloud.requests.length]
  for (const fault of specsOf(cell, count, readsBefore)) place.cloud.faults.add(fault)
  const told = await scene.play(place, cell.kind === 'hang' ? hangTimeouts(SECOND_THOUGHT_MS) : {})
  const failed = place.cloud.requests
    .slice(from)
    .filter(({ fault, operation }) => fault === cell.kind && operation === cell.operation).length
  return judged(
    { ...cell, scene: scene.name, usualMs },
    { told, place, made, failed, isDoomed: scene.isDoomed }
  )
}

/** The row of a run that has ended; afterwards the place is ready for the next run. */
export const judged = async (
  cell: Cell & Pick<Row, 'scene' | 'usualMs'>,
  {
    told,
    place,
    made,
    failed,
    isDoomed = false
  }: {
    told: Told & { commit: string }
    place: Place
    made: number
    failed: number
    isDoomed?: boolean | undefined
  }
): Promise<Row> => {
  await place.settle()
  return {
    ...cell,
    ...{ isDoomed, failed, code: told.code, words: told.words || lastWords(told), tookMs: told.tookMs },
    status: told.outputs['status'] ?? '',
    made: place.made() - made,
    told: mostTold(told.log),
    leftUploads: place.dropUploads(),
    isLive: place.liveKey().includes(told.commit)
  }
}

const lastWords = ({ log }: Told): string => log.split('\n').slice(-3).join('\n')

/** The most reports about the failures of one operation. */
const mostTold = (log: string): number => {
  const names = [
    ...log.matchAll(/^(\w+)(?: \d+)? (?:failed: |did not answer|was rejected temporarily)/gm)
  ].map(([, name = '']) => name)
  return Math.max(0, ...names.map((name) => names.filter((one) => one === name).length))
}
