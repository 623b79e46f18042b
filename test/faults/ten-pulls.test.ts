import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { isWhole } from '../sample.js'

const ROOT = join(import.meta.dirname, '../..')

/** `npm test` plays the same two stories each time; the whole plays others, and names its seeds if one of them fails. */
const RUNS = isWhole ? 8 : 1
const SEEDS = isWhole ? [randomInt(2 ** 30), randomInt(2 ** 30)] : [1, 2]

const play = (seed: number): Promise<string> =>
  new Promise((resolve, reject) => {
    const args = [
      '--import',
      'tsx',
      join(import.meta.dirname, 'ten-pulls-play.ts'),
      String(RUNS),
      String(seed)
    ]
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] })
    let [out, errors] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
    child.once('error', reject)
    child.once('close', (code) => {
      if (code === 0) resolve(out)
      else reject(new Error(`seed ${seed} ended with ${code}\n${errors}`))
    })
  })

test('ten pull requests at random: in the end, each has one comment about its head, and only what runs is called running', async () => {
  expect(await Promise.all(SEEDS.map(play))).toEqual(['', ''])
})
