import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { isTracked } from '../../src/edge/git.js'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'git-'))
  await writeFile(join(folder, '점검.sh'), '')
  await writeFile(join(folder, 'built.sh'), '')
  execFileSync('git', ['init', '--quiet'], { cwd: folder })
  execFileSync('git', ['add', '점검.sh'], { cwd: folder })
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test.each([
  ['점검.sh', true],
  ['built.sh', false],
  ['missing.sh', false],
  ['--help', false],
  ['../점검.sh', false]
])('%s is a file of the repository: %s', (path, expected) => {
  expect(isTracked(folder, path)).toBe(expected)
})

test('without a repository or a folder, nothing is known', () => {
  expect(isTracked('/', 'bin')).toBe(false)
  expect(isTracked(join(folder, 'none'), '점검.sh')).toBe(false)
})
