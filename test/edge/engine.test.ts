import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'

const ENGINE = join(import.meta.dirname, '../../src/edge/engine.ts')

/** What V8 traces in a process that makes this call, and then runs one function often enough to optimize it. */
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

test('V8 stops optimizing hot functions after compileLess', () => {
  expect(told('')).toEqual({ errors: '', isOptimized: true })
  expect(told('engine.compileLess()')).toEqual({ errors: '', isOptimized: false })
})

test('this version of Node knows the flag of keepHeapSmall', () => {
  expect(told('engine.keepHeapSmall()').errors).toBe('')
})
