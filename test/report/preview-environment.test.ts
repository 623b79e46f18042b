import { describe, expect, test } from '@jest/globals'
import type { AddressState } from '../../src/domain/preview/address.js'
import type { Over } from '../../src/domain/preview/lifetime.js'
import {
  addressLine,
  type CleanedPreview,
  cleanedPreviewJson,
  overSentence,
  previewCleanupSentence,
  previewCleanupSummary,
  previewLines
} from '../../src/report/preview-environment.js'
import { at } from '../fakes/clock.js'

const NOW = at(0).getTime()
const HOUR = 3_600_000
const PLACE = { address: 'https://pr-7.preview.example.com/', balancer: 'previews-1.elb.example.com' }

const preview = (members: Partial<CleanedPreview> = {}): CleanedPreview => ({
  ...{ number: 7, instances: 1, pushedAt: NOW - 26 * HOUR, over: { kind: 'closed' }, result: 'deleted' },
  ...members
})

const inUse = preview({ number: 12, over: undefined, result: 'in use', pushedAt: NOW - 90_000 })
const found = preview({ number: 3, over: { kind: 'expired', hours: 80 }, result: 'found' })
const kept = preview({ number: 4, result: 'kept' })
const failed = preview({ number: 5, result: 'failed', why: 'It still goes. Run this again.' })
const half = preview({
  ...{ number: 6, instances: 0, pushedAt: undefined, over: { kind: 'unlabeled', label: 'preview' } }
})

test.each<[string, AddressState, string]>([
  [
    'that answers',
    { kind: 'answers', status: 200, unknownHost: false },
    'https://pr-7.preview.example.com/ answers 200.'
  ],
  [
    'that only the load balancer knows',
    { kind: 'answers', status: 404, unknownHost: true },
    'The preview answers at the load balancer, but DNS does not know pr-7.preview.example.com yet. Make a wildcard record for *.preview.example.com that points to previews-1.elb.example.com.'
  ],
  [
    'without healthy instances',
    { kind: 'unhealthy', status: 503, minutes: 5 },
    'https://pr-7.preview.example.com/ still answers 503 after 5 minutes: the load balancer has no healthy instance of the preview.'
  ],
  [
    'that the runner does not reach',
    { kind: 'silent', problem: 'connect ETIMEDOUT' },
    'This runner does not reach https://pr-7.preview.example.com/ at the load balancer previews-1.elb.example.com: connect ETIMEDOUT. Whether the preview answers there is not known.'
  ]
])('an address %s', (_, state, line) => expect(addressLine(state, PLACE)).toBe(line))

test.each<[Over | undefined, string]>([
  [{ kind: 'closed' }, 'The pull request was closed.'],
  [undefined, 'The pull request was closed.'],
  [{ kind: 'unlabeled', label: 'preview' }, 'The pull request does not have the label `preview`.'],
  [{ kind: 'expired', hours: 72 }, 'The last push was 72 hours ago. The next push brings it back.'],
  [{ kind: 'expired', hours: 1 }, 'The last push was 1 hour ago. The next push brings it back.']
])('a preview that is over (%j) says why', (over, sentence) => expect(overSentence(over)).toBe(sentence))

test('the log has a table of all previews', () => {
  expect(previewLines([inUse, found, preview(), kept, failed, half], NOW)).toEqual([
    'Preview  Last push  Instances',
    '#12      2 min ago          1  in use',
    '#3        26 h ago          1  over: The last push was 80 hours ago. The next push brings it back.',
    '#7        26 h ago          1  taken down: The pull request was closed.',
    '#4        26 h ago          1  in use after all',
    '#5        26 h ago          1  not taken down: The pull request was closed. It still goes. Run this again.',
    '#6               –          0  taken down: The pull request does not have the label preview.'
  ])
})

test('a push in the future of another clock was not long ago', () => {
  expect(previewLines([preview({ pushedAt: NOW + HOUR })], NOW)[1]).toContain('less than 1 min ago')
})

describe('the end', () => {
  test.each<[string, CleanedPreview[], boolean, string]>([
    [
      'without previews',
      [],
      false,
      'There is no preview with an address of its own; nothing is left behind.'
    ],
    [
      'of a list without previews',
      [],
      true,
      'There is no preview with an address of its own; nothing is left behind.'
    ],
    ['with one in use', [inUse], false, '1 preview in use; nothing is left behind.'],
    ['with some in use', [inUse, inUse], true, '2 previews in use; nothing is left behind.'],
    [
      'of a list',
      [inUse, found],
      true,
      'Nothing was deleted. Run this with `dry-run: false` to take down what is over.'
    ],
    ['of everything', [inUse, preview(), half], false, '2 of 2 taken down.'],
    ['of a part', [inUse, preview(), kept, failed], false, '1 of 3 taken down.'],
    ['of nothing', [failed], false, '0 of 1 taken down.']
  ])('%s', (_, previews, dryRun, sentence) => {
    expect(previewCleanupSentence(previews, dryRun)).toBe(sentence)
  })
})

describe('the summary', () => {
  test('has the sentence and the table', () => {
    const text = previewCleanupSummary([inUse, preview()], { sentence: 'Run `this` again.', now: NOW })
    expect(text).toBe(
      [
        '## Previews',
        '',
        'Run <code>this</code> again.',
        '',
        '| Preview | Last push | Instances |  |',
        '| --- | ---: | ---: | --- |',
        '| #12 | 2 min ago | 1 | in use |',
        '| #7 | 26 h ago | 1 | taken down: The pull request was closed. |',
        ''
      ].join('\n')
    )
  })

  test('has no table without previews', () => {
    expect(previewCleanupSummary([], { sentence: 'Nothing.', now: NOW })).toBe('## Previews\n\nNothing.\n')
  })

  test('keeps hostile labels and reasons within their cells', () => {
    const hostile = preview({
      over: { kind: 'unlabeled', label: 'a|b`<img>' },
      result: 'failed',
      why: 'No.\n|<b>'
    })
    const text = previewCleanupSummary([hostile], { sentence: 'x', now: NOW })
    const rows = text.split('\n').filter((line) => line.startsWith('| #7'))
    expect(rows).toHaveLength(1)
    expect(rows[0]?.match(/(?<!\\)\|/g)).toHaveLength(5)
    expect(text).not.toMatch(/<img>|<b>/)
  })
})

describe('the output', () => {
  test('has what a program needs', () => {
    expect(cleanedPreviewJson(preview())).toEqual({
      ...{ kind: 'preview', number: 7, instances: 1, result: 'deleted' },
      ...{ pushedAt: new Date(NOW - 26 * HOUR).toISOString(), over: 'closed' }
    })
    expect(cleanedPreviewJson(failed)).toMatchObject({
      result: 'failed',
      why: 'It still goes. Run this again.'
    })
  })

  test('leaves out what is not known', () => {
    expect(cleanedPreviewJson({ ...inUse, pushedAt: undefined })).toEqual({
      ...{ kind: 'preview', number: 12, instances: 1, result: 'in use' }
    })
    expect(cleanedPreviewJson(half)).toEqual({
      ...{ kind: 'preview', number: 6, instances: 0, result: 'deleted', over: 'unlabeled' }
    })
  })
})
