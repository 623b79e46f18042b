import { expect, test } from '@jest/globals'
import { isWhole } from '../sample.js'
import { playApart } from './apart.js'

/** The same stories each time, more of them in the whole. `node --import tsx test/faults/ten-pulls-play.ts 8 SEED` plays others. */
const RUNS = isWhole ? 4 : 1
const SEEDS = [1, 2]

const play = (seed: number): Promise<string> => playApart('ten-pulls-play.ts', [RUNS, seed].map(String))

test('ten pull requests at random: in the end, each has one comment about its head, and only what runs is called running', async () => {
  expect(await Promise.all(SEEDS.map(play))).toEqual(['', ''])
})
