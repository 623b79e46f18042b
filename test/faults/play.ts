import { callsOf, crossScene, type Row } from './cells.js'
import { crossNames } from './names.js'
import { SCENES } from './scenes.js'

/**
 * Plays the scenes named on the command line and prints a row of the matrix a line, as JSON. A process of its own, since
 * errors of Node's core are no instances of the Error of a test's realm, and the action tells errors apart by it.
 */
const tell = (row: Row): void => void process.stdout.write(`${JSON.stringify(row)}\n`)

/** Beside the scenes: services whose host names are not known. */
const NAMES = 'names'

const main = async (names: readonly string[]): Promise<void> => {
  const known = new Set<string>()
  for (const scene of SCENES) {
    // What another process crosses is only known here, so that nothing is crossed twice.
    const calls = names.includes(scene.name) ? await crossScene(scene, known, tell) : await callsOf(scene)
    for (const operation of calls) known.add(operation)
  }
  if (names.includes(NAMES)) await crossNames(tell)
  process.stdout.write(`${JSON.stringify({ calls: [...known] })}\n`)
}

await main(process.argv.slice(2))
