import { expect, test } from '@jest/globals'
import { workflowFile } from '../../src/domain/workflow.js'

const of = (file: string, ref = 'refs/heads/main'): string => `org/app/.github/workflows/${file}@${ref}`

test.each([
  [of('rollback.yml'), 'rollback.yml'],
  [of('roll back.yaml', 'refs/pull/7/merge'), 'roll back.yaml'],
  [of('a@b.yml', 'refs/heads/x.yml@y'), 'a@b.yml'],
  ['', undefined],
  [`fork/${of('rollback.yml')}`, undefined],
  [of('rollback'), undefined],
  [of('-f.yml'), undefined],
  [of('a\u202eb.yml'), undefined],
  ['org/app/rollback.yml@refs/heads/main', undefined],
  ['dynamic/pages/pages-build-deployment', undefined]
])('the workflow %j is the file %j', (ref, expected) => {
  expect(workflowFile(ref)).toBe(expected)
})
