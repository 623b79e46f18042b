import { describe, expect, test } from '@jest/globals'
import { bears, type Lifetime, type Over, whyOver } from '../../src/domain/preview/lifetime.js'

const HOUR = 3_600_000
const NOW = 1_000 * HOUR
const LIFETIME: Lifetime = { ttlHours: 72, label: undefined }
const LABELED: Lifetime = { ttlHours: 72, label: 'preview' }

const open = (...labels: string[]) => ({ state: 'open' as const, labels })
const closed = (...labels: string[]) => ({ state: 'closed' as const, labels })
const ago = (hours: number): number => NOW - hours * HOUR

test.each<[string, Parameters<typeof whyOver>[0], number | undefined, Lifetime, Over | undefined]>([
  ['a closed pull request', closed(), ago(0), LIFETIME, { kind: 'closed' }],
  ['a closed one, whatever its label and age', closed('preview'), ago(99), LABELED, { kind: 'closed' }],
  ['a closed one of which nothing says its age', closed(), undefined, LIFETIME, { kind: 'closed' }],
  ['an open one without the label', open('bug'), ago(0), LABELED, { kind: 'unlabeled', label: 'preview' }],
  ['an open one without any label', open(), undefined, LABELED, { kind: 'unlabeled', label: 'preview' }],
  ['an open one with the label', open('bug', 'preview'), ago(1), LABELED, undefined],
  ['an open one with the label in other case', open('Preview'), ago(1), LABELED, undefined],
  ['an open one where no label is needed', open(), ago(71.99), LIFETIME, undefined],
  ['an open one whose time is over', open(), ago(72), LIFETIME, { kind: 'expired', hours: 72 }],
  ['an old one, in whole hours', open('preview'), ago(100.9), LABELED, { kind: 'expired', hours: 100 }],
  ['an open one of which nothing says its age', open(), undefined, LIFETIME, undefined],
  ['one from the future of another clock', open(), ago(-1), LIFETIME, undefined],
  ['an unknown one, which may only be hidden', undefined, ago(71), LABELED, undefined],
  ['an unknown one whose time is over', undefined, ago(73), LABELED, { kind: 'expired', hours: 73 }],
  ['an unknown one of which nothing says its age', undefined, undefined, LABELED, undefined]
])('the preview of %s', (_, pull, pushedAt, lifetime, over) => {
  expect(whyOver(pull, { pushedAt, now: NOW, lifetime })).toEqual(over)
})

describe('a label', () => {
  test.each<[string[], string | undefined, boolean]>([
    [[], undefined, true],
    [[], 'preview', false],
    [['preview'], 'preview', true],
    [['PREVIEW'], 'preview', true],
    [['preview'], 'PreView', true],
    [['previews'], 'preview', false],
    [['미리보기'], '미리보기', true]
  ])('among %j, %s: %s', (labels, label, expected) => expect(bears(labels, label)).toBe(expected))
})
