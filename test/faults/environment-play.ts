import { crossEnvironments } from './environment-cells.js'

/**
 * Plays one share of the environments' matrix, and every n-th cell of it, as the command line says, and prints each row as a line of
 * JSON. A process of its own for the reason that play.ts names.
 */
const print = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`)

const [share, shares, every] = process.argv.slice(2).map(Number)
print(await crossEnvironments({ share: share ?? 0, shares: shares ?? 1, every: every ?? 1 }, print))
