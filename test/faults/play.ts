import { callsOf, crossScene, type Row } from './cells.js'
import { crossNames } from './names.js'
import { SCENES } from './scenes.js'

/**
 * Plays `whole` matrices or a `sample` of the scenes named on the command line and prints a row a line, as JSON. A process of its own, since
 * errors of Node's core are no instances of the Error of a test's realm, and the action tells errors apart by it.
 */
const tell = (row: Row): void => void process.stdout.write(`${JSON.stringify(row)}\n`)

/** Beside the scenes: services whose host names are not known. */
const NAMES = 'names'

const main = async (sweep: string, names: readonly string[]): Promise<void> => {
  const isWhole = sweep === 'whole'
  const known = new Set<string>()
  let total = 0
  for (const scene of SCENES) {
    // What another process crosses is only known here, so that nothing is crossed twice.
    const { calls, cells } = names.includes(scene.name)
      ? await crossScene(scene, { isWhole, known, tell })
      : { calls: await callsOf(scene), cells: 0 }
    for (const operation of calls) known.add(operation)
    total += cells
  }
  if (names.includes(NAMES)) total += await crossNames({ isWhole, tell })
  process.stdout.write(`${JSON.stringify({ calls: [...known], cells: total })}\n`)
}

const [sweep = '', ...names] = process.argv.slice(2)
await main(sweep, names)
