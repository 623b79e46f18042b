import { expect, test } from '@jest/globals'
import { isWhole } from '../sample.js'
import { playApart } from './apart.js'

/** The same stories each time, more of them in the whole. `node --import tsx test/faults/ten-pulls-play.ts apart 8 SEED` plays others. */
const RUNS = isWhole ? 4 : 1
const SEEDS = [1, 2]

const play = (seed: number, manner: 'in turns' | 'apart'): Promise<string> =>
  playApart('ten-pulls-play.ts', [manner, String(RUNS), String(seed)])

test('ten pull requests at random: in the end, each has one comment about its head, and only what runs is called running', async () => {
  expect(await Promise.all(SEEDS.map((seed) => play(seed, 'in turns')))).toEqual(['', ''])
})

test('the same with an environment for each: when all are closed, the cleanup leaves nothing, and each has one comment', async () => {
  expect(await Promise.all(SEEDS.map((seed) => play(seed, 'apart')))).toEqual(['', ''])
})
