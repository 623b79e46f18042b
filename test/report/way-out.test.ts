import { describe, expect, test } from '@jest/globals'
import { logLine } from '../../src/report/escape.js'
import { wayOut } from '../../src/report/way-out.js'

const KEY = '3f0c1a52-key'
const out = wayOut(true, KEY)

describe('printing one line', () => {
  test.each([
    ['plain 한글', 'plain 한글'],
    ['    indented', '    indented'],
    ['::error::x', ': :error::x'],
    ['  ::add-mask::x', '  : :add-mask::x'],
    ['a ##[error]x', 'a # #[error]x'],
    ['#\u202e#[error]x', '# #[error]x'],
    ['a\n::add-mask::b', 'a↵::add-mask::b'],
    ['\u001b[31mred\u001b[0m', 'red'],
    ['over\u202eride\u200f\u2066', 'override'],
    ['\u0000\u0007', '\ufffd\ufffd']
  ])('%j is printed as %j', (given, expected) => {
    expect(out.line(given)).toBe(expected)
  })

  test('keeps the colors that the action painted', () => {
    expect(out.line(`  ${out.paint('ok', 'green')} and ${out.paint('no', 'red')}`)).toBe(
      '  \u001b[32mok\u001b[0m and \u001b[31mno\u001b[0m'
    )
  })

  test('drops colors inside a text that the action paints', () => {
    expect(out.line(out.paint('a\u001b[31mb\u202e', 'green'))).toBe('\u001b[32mab\u001b[0m')
  })

  test('ignores color marks of another run', () => {
    const other = wayOut(true, 'another-key').paint('x', 'red')
    // eslint-disable-next-line no-control-regex -- this is what must not be there
    expect(out.line(other)).not.toMatch(/\u001b/)
  })

  test('has no color when colors are off', () => {
    expect(wayOut(false, KEY).line(wayOut(false, KEY).paint('::x', 'red'))).toBe(': :x')
  })

  test.each([
    ['foreign', 'x'.repeat(5_000_000)],
    ['painted', out.paint('y'.repeat(10_000), 'red')]
  ])('says how much of a %s line of megabytes is left out', (_, text) => {
    const line = out.line(text)
    expect(line.length).toBeLessThan(4_200)
    expect(line).toMatch(/… \(\d+ more characters\)$/)
    expect(line).not.toContain(KEY)
  })
})

describe('printing several lines', () => {
  test('remain separate lines, each harmless', () => {
    expect(out.lines('first\n  second\r\n::add-mask::x')).toBe('first\n  second\n: :add-mask::x')
  })

  test('are limited to a hundred', () => {
    const lines = out.lines('line\n'.repeat(1_000_000)).split('\n')
    expect(lines).toHaveLength(101)
    expect(lines.at(-1)).toBe('… the remaining lines are omitted')
  })
})

test('text that is already harmless stays as it is', () => {
  for (const text of ['::error::x', 'a ##[x]', '  b', 'c\nd'])
    expect(out.line(logLine(text))).toBe(logLine(text))
})
