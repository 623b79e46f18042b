import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  code,
  fenced,
  forLog,
  forMarkdown,
  forMermaid,
  link,
  logLines,
  oneLine
} from '../../src/report/escape.js'
import { NASTY_SUBJECTS } from '../fakes/subjects.js'

/** Whatever a person or a script could write: any code unit, and the pieces that commands and tables are made of. */
const foreign = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '::',
        '##[',
        ':',
        '\r',
        '\n',
        '\u2028',
        '\u0085',
        '\u001b[31m',
        '\u009b2J',
        '|',
        '\\',
        '`',
        '<',
        '%',
        '\ud800',
        ...NASTY_SUBJECTS
      )
    ),
    { maxLength: 12 }
  )
  .map((parts) => parts.join(''))

/** Texts that the runner, a terminal or a table would treat as more than text. */
const isCommand = (line: string): boolean => line.trimStart().startsWith('::') || line.includes('##[')
// eslint-disable-next-line no-control-regex
const hasControl = (line: string): boolean => /[\u0000-\u001f\u007f-\u009f\u2028\u2029]|\p{Cs}/u.test(line)

describe('one line of foreign text', () => {
  test.each([
    ['plain 한글 🎪', 'plain 한글 🎪'],
    ['a\nb\r\nc\u2028d', 'a↵b↵c↵d'],
    ['\u001b[1;31mred\u001b[0m', 'red'],
    ['\u001b]8;;https://example.com\u0007link\u001b]8;;\u0007', 'link'],
    ['a\u0000b\u0007', 'a\ufffdb\ufffd'],
    ['half \ud83d', 'half \ufffd'],
    ['tab\there', 'tab  here'],
    ['over\u202eride', 'override'],
    ['  trimmed \n', 'trimmed']
  ])('%j is shown as %j', (given, expected) => {
    expect(oneLine(given)).toBe(expected)
  })

  test.each([
    ['::error::x', ': :error::x'],
    ['  ::add-mask::x', ': :add-mask::x'],
    ['##[group]x', '# #[group]x'],
    ['see ##[error]x', 'see # #[error]x'],
    ['a::b', 'a::b'],
    ['## heading', '## heading']
  ])('%j is logged as %j', (given, expected) => {
    expect(forLog(given)).toBe(expected)
  })

  test('no text becomes a command, a second line or a control sequence', () => {
    fc.assert(
      fc.property(foreign, (text) => {
        const lines = [forLog(text), ...logLines(text)]
        expect(lines.some((line) => isCommand(line) || hasControl(line))).toBe(false)
      })
    )
  })
})

describe('several lines of foreign text', () => {
  test.each([
    ['', []],
    ['\n\n', []],
    ['one\ntwo\n', ['one', 'two']],
    ['one\r\ntwo', ['one', 'two']],
    ['a\n  indented', ['a', '  indented']],
    ['x\n::error::y', ['x', ': :error::y']],
    ['10%\r50%\r100%', ['10%', '50%', '100%']]
  ])('%j has the lines %j', (given, expected) => {
    expect(logLines(given)).toEqual(expected)
  })
})

describe('Markdown', () => {
  test.each([
    ['a|b', 'a&#124;b'],
    ['<b>', '&#60;b&#62;'],
    ['`x` \\ *y* _z_ ~q~', '&#96;x&#96; &#92; &#42;y&#42; &#95;z&#95; &#126;q&#126;'],
    ['[a](b) $c$ &lt;', '&#91;a&#93;(b) &#36;c&#36; &#38;lt;']
  ])('%j is written as %j', (given, expected) => {
    expect(forMarkdown(given)).toBe(expected)
  })

  test('a cell contains no pipe, tag or line break, whatever the text', () => {
    fc.assert(
      fc.property(foreign, (text) => {
        expect(forMarkdown(text)).not.toMatch(/[|<>\\`\r\n\u2028]/)
        expect(code(text).slice(6, -7)).not.toMatch(/[|<>\\`\r\n\u2028]/)
      })
    )
  })

  test('a fence is longer than any run of backticks in it', () => {
    expect(fenced(['a ```` b', '```'])).toEqual(['`````text', 'a ```` b', '```', '`````'])
    expect(fenced(['x'], 'sh')).toEqual(['```sh', 'x', '```'])
  })

  test('an address cannot break out of its link', () => {
    expect(link('a', 'https://example.com/(x) <y>|z')).toBe('[a](https://example.com/%28x%29%20%3Cy%3E%7Cz)')
    expect(link('a', undefined)).toBe('a')
  })
})

describe('names in a Mermaid gantt', () => {
  test.each([
    ['AfterInstall', 'AfterInstall'],
    ['click here', '· click here'],
    ['Section', '· Section'],
    ['a:b;c#d,e', 'a b c d e'],
    ['%%{init}%%', 'init'],
    ['', '–'],
    [':::', '–'],
    ['서버 1', '서버 1']
  ])('%j is drawn as %j', (given, expected) => {
    expect(forMermaid(given)).toBe(expected)
  })
})
