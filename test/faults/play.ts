import { callsOf, crossScene, type Row } from './cells.js'
import { crossNames } from './names.js'
import { SCENES } from './scenes.js'

/**
 * Plays the scenes named on the command line and prints each row of the matrix as a line of JSON. It is a process of its own,
 * because inside jest Node's own errors are not instances of Error, which the action checks.
 */
const tell = (row: Row): void => void process.stdout.write(`${JSON.stringify(row)}\n`)

/** Besides the scenes: services whose host names do not resolve. */
const NAMES = 'names'

const main = async (names: readonly string[]): Promise<void> => {
  const known = new Set<string>()
  for (const scene of SCENES) {
    // Scenes of other processes only say which operations they cross, so that nothing is crossed twice.
    const calls = names.includes(scene.name) ? await crossScene(scene, known, tell) : await callsOf(scene)
    for (const operation of calls) known.add(operation)
  }
  if (names.includes(NAMES)) await crossNames(tell)
  process.stdout.write(`${JSON.stringify({ calls: [...known] })}\n`)
}

await main(process.argv.slice(2))
