import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'

const ENGINE = join(import.meta.dirname, '../../src/edge/engine.ts')

/** What V8 tells of a process that calls this, and then a function so often that it is worth optimizing. */
const told = (call: string): { errors: string; isOptimized: boolean } => {
  const program = `
    const engine = await import(${JSON.stringify(ENGINE)})
    ${call}
    const addUpAll = (upTo) => { let sum = 0; for (let one = 0; one < upTo; one++) sum += one % 7; return sum }
    for (let round = 0; round < 5000; round++) addUpAll(2000)
  `
  const args = ['--trace-opt', '--import', 'tsx', '--input-type=module', '--eval', program]
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  return { errors: `${stderr}${status === 0 ? '' : stdout}`, isOptimized: /completed.*addUpAll/.test(stdout) }
}

test('what is called often is optimized, until the cores have something better to do', () => {
  expect(told('')).toEqual({ errors: '', isOptimized: true })
  expect(told('engine.compileLess()')).toEqual({ errors: '', isOptimized: false })
})

test('this Node knows what its engine is told: it says nothing', () => {
  expect(told('engine.keepHeapSmall()').errors).toBe('')
})
