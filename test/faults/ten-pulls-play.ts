import fc from 'fast-check'
import { moments, play, playApart } from './ten-pulls.js'

/**
 * Plays ten pull requests at random, in turns or apart, as often and from the seed that the command line says, and prints what is wrong. A
 * process of its own for the reason that play.ts names.
 */
const [manner, ...numbers] = process.argv.slice(2)
const [runs, seed] = numbers.map(Number)

// Each run takes seconds, so that a counterexample is not made smaller.
const details = await fc.check(
  fc.asyncProperty(moments, async (all) => {
    const problems = await (manner === 'apart' ? playApart : play)(all)
    if (problems.length > 0) throw new Error(problems.join('\n'))
  }),
  { numRuns: runs ?? 1, endOnFailure: true, ...(seed === undefined ? {} : { seed }) }
)
if (details.failed)
  process.stdout.write(`${String(details.errorInstance)}\n${fc.defaultReportMessage(details) ?? ''}`)
