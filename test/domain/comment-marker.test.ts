import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  isNewer,
  markedBody,
  parseMarker,
  roomFor,
  writeMarker,
  type Marker
} from '../../src/domain/comment-marker.js'

const marker: Marker = { key: 'preview', head: '1a7c90de'.repeat(5), run: '7000000100', attempt: '1' }

test('a marker is one line of HTML comment, which readers do not see', () => {
  expect(writeMarker(marker)).toBe(
    `<!-- codedeploy-blue-green:preview {"v":1,"key":"preview","head":"${marker.head}","run":"7000000100","attempt":"1"} -->`
  )
})

test('any marker is read back, and never ends its comment early', () => {
  const number = fc.bigInt({ min: 0n, max: 10n ** 19n }).map(String)
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('--', '-->', '--->', '--!>', '\n', '\\u002d')
  )
  fc.assert(
    fc.property(fc.record({ key: text, head: text, run: number, attempt: number }), text, (given, rest) => {
      const line = writeMarker(given)
      expect(line.slice(4, -3)).not.toMatch(/--|\n/)
      expect(parseMarker(`${line}\n${rest}`)).toEqual(given)
    })
  )
})

describe('a marker is not read from', () => {
  const line = writeMarker(marker)
  test.each([
    ['nothing', ''],
    ['another line than the first', `Text\n${line}`],
    ['a quote', `> ${line}`],
    ['a line that goes on', `${line} and more`],
    ['an indented line', ` ${line}`],
    ['another version', line.replace('"v":1', '"v":2')],
    ['an additional member', line.replace('"v":1', '"v":1,"more":1')],
    ['members in another order', line.replace('"v":1,"key":"preview"', '"key":"preview","v":1')],
    ['a run that is no number', line.replace('7000000100', '70e8')],
    ['a key that is no text', line.replace('"preview"', '5')],
    ['a head that is no text', line.replace(`"${marker.head}"`, 'null')],
    ['a missing member', line.replace(',"attempt":"1"', '')],
    ['no object', '<!-- codedeploy-blue-green:preview null -->'],
    ['broken JSON', '<!-- codedeploy-blue-green:preview {" -->'],
    ['the marker of another action', line.replace('codedeploy-blue-green', 'other')]
  ])('%s', (_name, body) => {
    expect(parseMarker(body)).toBeUndefined()
  })

  test("its own line is read after an edit on GitHub's page, which ends lines with CR LF", () => {
    expect(parseMarker(`${line}\r\nText`)).toEqual(marker)
  })
})

test.each([
  [{ run: '10', attempt: '1' }, { run: '9', attempt: '9' }, true],
  [{ run: '9', attempt: '9' }, { run: '10', attempt: '1' }, false],
  [{ run: '9', attempt: '10' }, { run: '9', attempt: '9' }, true],
  [{ run: '9', attempt: '9' }, { run: '9', attempt: '9' }, false],
  [{ run: '90071992547409931', attempt: '1' }, { run: '90071992547409930', attempt: '1' }, true]
])('%j is newer than %j: %s', (one, other, expected) => {
  expect(isNewer({ ...marker, ...one }, { ...marker, ...other })).toBe(expected)
})

test('a comment fills exactly the room that GitHub gives, and no more', () => {
  const room = roomFor(marker)
  expect(markedBody(marker, 'x'.repeat(room))).toHaveLength(65_536)
  expect(() => markedBody(marker, 'x'.repeat(room + 1))).toThrow(
    `The comment has 65537 characters with its marker; GitHub takes 65536. It must be cut to ${room} before.`
  )
})
