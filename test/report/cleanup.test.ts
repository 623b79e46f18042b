import { describe, expect, test } from '@jest/globals'
import type { LeftOver } from '../../src/domain/cleanup.js'
import {
  type Cleaned,
  cleanedJson,
  cleanupSentence,
  cleanupSummary,
  leftOverLines,
  refusedLines
} from '../../src/report/cleanup.js'
import { at } from '../fakes/clock.js'
import { deployment, ID } from '../fakes/nouns.js'

const NOW = at(0).getTime()
const ago = (hours: number): Date => new Date(NOW - hours * 3_600_000)

const fleet: LeftOver = {
  kind: 'fleet',
  fleet: {
    ...{ name: `CodeDeploy_web_${ID}`, madeBy: ID, createdAt: ago(30), isGoing: false },
    instances: ['i-1', 'i-2']
  },
  deployment: deployment({ status: 'Stopped' })
}
const bundle = (key: string): LeftOver => ({
  kind: 'bundle',
  bundle: { key, size: 2048, storedAt: ago(24 * 12) }
})
const refused = (key: string, why: string): Cleaned => ({ item: bundle(key), result: 'refused', why })

test('the list has the age of each, and of a fleet what it costs', () => {
  const upload: LeftOver = { kind: 'upload', upload: { key: 'b.zip', id: '1', startedAt: ago(47) } }
  expect(leftOverLines([fleet, upload, bundle('a.zip')], NOW)).toEqual([
    'What                Name                            Age',
    `Auto Scaling group  CodeDeploy_web_${ID}     30 h  2 instances, 60 instance-hours; ${ID} ended as Stopped`,
    'unfinished upload   b.zip                          47 h  nobody completed it',
    'bundle              a.zip                       12 days  2.0 KiB'
  ])
})

describe('the end', () => {
  test.each<[string, Cleaned[], boolean, string]>([
    ['with nothing', [], false, 'Nothing is left behind.'],
    [
      'of a list',
      [{ item: fleet, result: 'found' }],
      true,
      'Nothing was deleted. Run this with `dry-run: false` to delete what is listed.'
    ],
    ['of everything', [{ item: fleet, result: 'deleted' }], false, '1 of 1 deleted.'],
    [
      'of a part',
      [{ item: fleet, result: 'deleted' }, { item: fleet, result: 'kept', why: 'x' }, refused('a', 'y')],
      false,
      '1 of 3 deleted, 1 needed after all, 1 refused.'
    ]
  ])('%s', (_, cleaned, dryRun, sentence) => {
    expect(cleanupSentence(cleaned, dryRun)).toBe(sentence)
  })

  test('names each reason once, with what it kept from being deleted', () => {
    const same = 'abcdefg'.split('').map((key) => refused(key, 'AWS said no.\nAllow it.'))
    expect(refusedLines([...same, refused('z', 'Gone wrong.'), { item: fleet, result: 'deleted' }])).toEqual([
      'Not deleted: a, b, c, d, e and 2 more. AWS said no.',
      'Allow it.',
      'Not deleted: z. Gone wrong.'
    ])
  })
})

test('the summary keeps a reason of several lines, and hostile names, within their cells', () => {
  const cleaned = [refused('a|b\n<img>', 'No.\nAllow | it.')]
  const text = cleanupSummary(cleaned, { group: 'shop/web', sentence: 'x', now: NOW })
  const rows = text.split('\n').filter((line) => line.startsWith('| bundle'))
  expect(rows).toHaveLength(1)
  expect(rows[0]).toContain('❌ refused: No.')
  expect(rows[0]).toContain('it.')
  expect(text).not.toContain('<img>')
  expect(rows[0]?.match(/(?<!\\)\|/g)).toHaveLength(6)
})

test('the output has what a program needs to count', () => {
  expect(cleanedJson({ item: fleet, result: 'deleted' }, NOW)).toEqual({
    ...{ kind: 'fleet', name: `CodeDeploy_web_${ID}`, since: ago(30).toISOString() },
    ...{ instances: 2, instanceHours: 60, deployment: ID, status: 'Stopped', result: 'deleted' }
  })
})
