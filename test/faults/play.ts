import { callsOf, crossScene, type Row } from './cells.js'
import { crossNames } from './names.js'
import { SCENES } from './scenes.js'

/**
 * Plays the scenes named on the command line, as a `whole` or a `sample`, and prints each row of the matrix as a line of JSON.
 * It is a process of its own, because inside jest Node's own errors are not instances of Error, which the action checks.
 */
const tell = (row: Row): void => void process.stdout.write(`${JSON.stringify(row)}\n`)

/** Besides the scenes: services whose host names do not resolve. */
const NAMES = 'names'

const main = async (sweep: string, names: readonly string[]): Promise<void> => {
  const isWhole = sweep === 'whole'
  const known = new Set<string>()
  let total = 0
  for (const scene of SCENES) {
    // Scenes of other processes only say which operations they cross, so that nothing is crossed twice.
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
