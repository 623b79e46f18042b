import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'

const ENGINE = join(import.meta.dirname, '../../src/edge/engine.ts')

/** V8 complains on standard error about a flag that it does not know. */
test('this version of Node knows the flag of keepHeapSmall', () => {
  const program = `(await import(${JSON.stringify(ENGINE)})).keepHeapSmall()`
  const args = ['--import', 'tsx', '--input-type=module', '--eval', program]
  const { stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  expect([stderr, status]).toEqual(['', 0])
})
