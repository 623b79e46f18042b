import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { isWhole } from '../sample.js'

const ROOT = join(import.meta.dirname, '../..')

/** The same stories each time, more of them in the whole. `node --import tsx test/faults/ten-pulls-play.ts 8 SEED` plays others. */
const RUNS = isWhole ? 4 : 1
const SEEDS = [1, 2]

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
