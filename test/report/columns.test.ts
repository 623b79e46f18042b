import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { columnLines, cut, cutLine, displayWidth, markdownTable, pad } from '../../src/report/columns.js'
import { NASTY_SUBJECTS } from '../fakes/subjects.js'

describe('width in a terminal', () => {
  test.each([
    ['abc', 3],
    ['한글', 4],
    ['漢字かな', 8],
    ['e\u0301', 1],
    ['👨‍👩‍👧‍👦', 2],
    ['🇰🇷', 2],
    ['1️⃣', 2],
    ['ｆｕｌｌ', 8],
    ['\u1112\u1161\u11ab', 2],
    ['↵…', 2],
    ['', 0]
  ])('%j fills %i cells', (text, width) => {
    expect(displayWidth(text)).toBe(width)
  })
})

describe('cutting', () => {
  test.each([
    ['short', 10, 'short'],
    ['exactly ten', 11, 'exactly ten'],
    ['much too long', 6, 'much…'],
    ['가나다라', 5, '가나…'],
    ['가나다라', 8, '가나다라'],
    ['a👨‍👩‍👧‍👦b👨‍👩‍👧‍👦', 4, 'a👨‍👩‍👧‍👦…'],
    ['e\u0301e\u0301e\u0301', 2, 'e\u0301…']
  ])('%j to %i cells is %j', (text, width, expected) => {
    expect(cut(text, width)).toBe(expected)
  })

  test('never splits a character and never gets wider than asked', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom(...NASTY_SUBJECTS)),
        fc.integer({ min: 1, max: 80 }),
        (text, width) => {
          const line = cutLine(text, width)
          expect(displayWidth(line)).toBeLessThanOrEqual(width)
          expect(line).not.toMatch(/\p{Cs}/u)
        }
      )
    )
  })

  test('a stack of marks on one letter is cut short too', () => {
    expect(cut('a' + '\u0301'.repeat(10_000), 5).length).toBeLessThan(40)
  })
})

describe('tables', () => {
  test('columns align by displayed width', () => {
    const lines = columnLines(
      [{ title: 'subject' }, { title: 'took', align: 'right' }],
      [
        ['축제', '3.2 s'],
        ['hotfix 🎪', '12.0 s']
      ]
    )
    expect(lines).toEqual(['subject      took', '축제        3.2 s', 'hotfix 🎪  12.0 s'])
  })

  test('decoration does not disturb the alignment', () => {
    const dressed = columnLines([{ title: 'a', dress: (cell) => `<${cell}>` }, { title: 'b' }], [['x', 'y']])
    expect(dressed).toEqual(['a  b', '<x>  y'])
  })

  test('Markdown has a header, a rule and one row per entry', () => {
    expect(markdownTable([{ title: 'a' }, { title: 'b', align: 'right' }], [['1', '2']])).toEqual([
      '| a | b |',
      '| --- | ---: |',
      '| 1 | 2 |'
    ])
  })

  test('padding counts cells on either side', () => {
    expect([pad('한', 4), pad('한', 4, 'start')]).toEqual(['한  ', '  한'])
  })
})
