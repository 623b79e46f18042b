import { execFileSync } from 'node:child_process'
import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { has, plant, run, withTemporary } from './scene.js'

const SIZE = 4_400_000_000

/** A sparse file of more than 4 GiB that takes almost no space on disk. */
const plantHuge = (file: string): void => {
  const descriptor = openSync(file, 'w')
  writeSync(descriptor, 'begin')
  ftruncateSync(descriptor, SIZE - 3)
  writeSync(descriptor, 'end', SIZE - 3)
  closeSync(descriptor)
}

const TESTERS: [program: string, check: string[]][] = [
  ['unzip', ['-tqq']],
  ['python3', ['-m', 'zipfile', '-t']]
]
const tester = TESTERS.find(([program]) => has(program))

const about = tester === undefined ? test.skip : test
about('a file of more than 4 GiB is packed correctly in little memory', async () => {
  await withTemporary((root) => {
    const [program, check] = tester ?? ['', []]
    plant(join(root, 'tree'), [{ path: 'z/after', content: 'after it' }])
    plantHuge(join(root, 'tree/huge'))
    const printed = execFileSync(
      process.execPath,
      ['--expose-gc', '--import', 'tsx', 'test/bundle/pack-huge.ts', root],
      { encoding: 'utf8' }
    )
    const { looks, grown } = JSON.parse(printed) as { looks: number; grown: number }
    expect(looks).toBeGreaterThanOrEqual(10)
    // What the threads have ready, and nothing that grows with the file.
    expect(grown).toBeLessThan(60 * 1024 * 1024)
    expect(run(program, [...check, join(root, 'bundle.zip')])).toMatchObject({ status: 0 })
  })
})
