import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { judgeSpec, SCRIPT, verdictOf } from './bundle.js'

// Randomly generated AppSpecs, with the verdict that the agent's own rules gave on this bundle.
const verdicts = JSON.parse(readFileSync(new URL('verdicts.json', import.meta.url), 'utf8')) as [
  string,
  string
][]

const files = {
  'scripts/a.sh': SCRIPT,
  'scripts/b.sh': SCRIPT,
  'sp ace/x.sh': SCRIPT,
  '5': SCRIPT,
  true: SCRIPT,
  'a.txt': 'z',
  'web/index.html': 'x',
  'web/sub/deep.txt': 'y',
  'web/empty': null,
  'dup/a.txt': 'z',
  'dup/index.html': 'q',
  wlink: { link: 'web' },
  flink: { link: 'a.txt' },
  broken: { link: 'nowhere' }
}

test('accepts and rejects every AppSpec as the agent does', async () => {
  const ours = await Promise.all(
    verdicts.map(async ([spec]) => [spec, verdictOf(await judgeSpec(spec, files))])
  )
  expect(ours).toEqual(verdicts)
})
