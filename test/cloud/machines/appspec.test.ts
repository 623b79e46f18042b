import { describe, expect, test } from '@jest/globals'
import { parseAppSpec } from './appspec.js'
import { isMeant } from './appspec-permissions.js'

const BASE = 'version: 0.0\nos: linux\n'
const permission = (lines: string): string => `${BASE}permissions:\n  - object: /srv\n    ${lines}\n`
const hook = (lines: string): string => `${BASE}hooks:\n  BeforeInstall:\n    - ${lines}\n`

/** The agent's messages about a bad AppSpec (docs/service.md, reference 6.4 and 6.5, by their numbers). */
const refused: [name: string, text: string, message: string][] = [
  ['1 empty', '', 'the application specification file was empty'],
  ['2 blank', '\n', 'the application specification file was empty'],
  ['3 only os', 'os: linux\n', 'an invalid version value () was entered'],
  ['4 version word', 'version: invalid\nos: linux\n', 'an invalid version value (invalid) was entered'],
  ['version 1.0', 'version: 1.0\nos: linux\n', 'an invalid version value (1.0) was entered'],
  ['version quoted', 'version: "0.0"\nos: linux\n', 'an invalid version value (0.0) was entered'],
  ['version 0.0.0', 'version: 0.0.0\nos: linux\n', 'an invalid version value (0.0.0) was entered'],
  ['5 behavior', `${BASE}file_exists_behavior: invalid\n`, 'an invalid file_exists_behavior value (invalid)'],
  ['behavior in lower case', `${BASE}file_exists_behavior: retain\n`, 'file_exists_behavior value (retain)'],
  ['6 only version', 'version: 0.0\n', 'an unsupported operating system ()'],
  ['7 os', 'version: 0.0\nos: unsupported\n', 'an unsupported operating system (unsupported)'],
  ['os in upper case', 'version: 0.0\nos: Linux\n', 'an unsupported operating system (Linux)'],
  ['15 no location', hook('timeout: 30'), 'a script with no location value'],
  ['16 timeout foo', hook('location: a\n      timeout: foo'), 'an invalid timeout value'],
  ['timeout 0', hook('location: a\n      timeout: 0'), 'an invalid timeout value'],
  ['timeout 0.5', hook('location: a\n      timeout: 0.5'), 'an invalid timeout value'],
  ['timeout -1', hook('location: a\n      timeout: -1'), 'an invalid timeout value'],
  ['19 no destination', `${BASE}files:\n  - source: s\n`, 'specifies only a source file (s)'],
  ['20 no source', `${BASE}files:\n  - destination: d\n`, 'specifies a destination file, but no source file'],
  [
    '21 no object',
    `${BASE}permissions:\n  - pattern: x\n`,
    'a permission listed in the application specification'
  ],
  ['28 acl', permission("acls: ['7']"), 'Invalid acl entry (7)'],
  ['29 acl', permission("acls: ['d:u:bob:7:rwx']"), 'Invalid acl entry (d:u:bob:7:rwx)'],
  ['30 acl', permission("acls: ['mask:name:rwx']"), 'Invalid acl entry (mask:name:rwx)'],
  ['31 acl', permission("acls: ['user:bob:rwxd']"), 'contains an invalid character (d)'],
  ['base acl', permission("acls: ['u::rwx']"), 'Use mode to set the base acl entry (u::rwx)'],
  ['37 context', permission('context: {name: name}'), 'an invalid context type ({"name"=>"name"})'],
  ['type', permission('type: [link]'), 'an object type not supported for permissions (link)'],
  ['38 mode 12345', permission('mode: 12345'), 'the length of a permissions mode (12345)'],
  [
    '38 mode 12a',
    permission('mode: 12a'),
    'the permissions mode (12a) in the application specification file contains an invalid character (a)'
  ],
  ['mode 0755, octal', permission('mode: 0755'), 'the permissions mode (493)'],
  ['alias', `${BASE}x: &a 1\ny: *a\n`, 'Unknown alias: a'],
  ['date', `${BASE}released: 2026-11-22\n`, 'Tried to load unspecified class: Date'],
  ['tab', 'version: 0.0\n\tos: linux\n', '(<unknown>): '],
  ['byte order mark', `\uFEFF${BASE}`, 'an unsupported operating system ()'],
  ['hooks as a list', `${BASE}hooks:\n  - a\n`, "undefined method 'each_pair'"],
  ['files as a map', `${BASE}files:\n  source: a\n`, 'no implicit conversion of String into Integer'],
  ['type as a word', permission('type: file'), `undefined method 'each' for "file"`]
]

test.each(refused)('%s is refused', (_name, text, message) => {
  expect(() => parseAppSpec(text)).toThrow(message)
})

const taken: [name: string, text: string][] = [
  ['8 nothing more', BASE],
  ['version 0', 'version: 0\nos: linux\n'],
  ['version -0.0', 'version: -0.0\nos: linux\n'],
  ['JSON', '{"version": 0.0, "os": "linux"}'],
  ['a second document', `${BASE}---\nversion: 9\n`],
  ['CRLF', 'version: 0.0\r\nos: linux\r\n'],
  ['unknown keys and events', `${BASE}extra: 1\nhooks:\n  Nonsense:\n    - location: a\n`],
  ['32 acls', permission("acls: ['d:bob:rw', 'default::rw', 'm::7', 'g:dev:7', 'u:mask:7']")]
]

test.each(taken)('%s is accepted', (_name, text) => {
  expect(parseAppSpec(text).permissions).toHaveLength(text.includes('permissions') ? 1 : 0)
})

describe('what is read', () => {
  const scripts = (text: string) => parseAppSpec(text).hooks.get('BeforeInstall')

  test('hooks keep their order and their defaults; empty ones are left out', () => {
    const text = `${BASE}hooks:\n  AfterInstall:\n  BeforeInstall:\n    - location: a\n      runas: foo\n      sudo: no\n    - location: b\n      timeout: 30\n      sudo: "no"\n`
    expect(scripts(text)).toEqual([
      { location: 'a', timeout: 3600, runas: 'foo', sudo: false },
      { location: 'b', timeout: 30, runas: undefined, sudo: true }
    ])
    expect(parseAppSpec(text).hooks.get('AfterInstall')).toEqual([])
  })

  const timeouts: [string, number][] = [
    ['30', 30],
    ['"300"', 300],
    ['5m', 5],
    ['1:00', 3600],
    ['0:30', 1800],
    ['10800', 10800]
  ]
  test.each(timeouts)('timeout %s is %d seconds', (written, seconds) => {
    expect(scripts(hook(`location: a\n      timeout: ${written}`))?.[0]?.timeout).toBe(seconds)
  })

  const modes: [string, string][] = [
    ['644', '644'],
    ['"0644"', '0644'],
    ['0644', '420'],
    ['12', '012'],
    ['6763', '6763']
  ]
  test.each(modes)('mode %s sets %s', (written, digits) => {
    expect(parseAppSpec(permission(`mode: ${written}`)).permissions[0]?.mode).toBe(digits)
  })

  test('the last of two identical keys counts', () => {
    expect(
      parseAppSpec(`${BASE}file_exists_behavior: RETAIN\nfile_exists_behavior: OVERWRITE\n`)
        .fileExistsBehavior
    ).toBe('OVERWRITE')
  })
})

describe('what a permission means', () => {
  const cases: [pattern: string, except: string, file: string, meant: boolean][] = [
    ['**', '', '/srv/a/b.txt', true],
    ['*.sh', '', '/srv/a.sh', true],
    ['*.sh', '', '/srv/sub/a.sh', false],
    ['*.sh', 'a*', '/srv/a.sh', false],
    ['**', '*.txt', '/srv/a/b.txt', true],
    ['**', '', '/srv', false],
    ['**', '', '/srvx/a', false],
    ['a.c', '', '/srv/abc', false]
  ]
  test.each(cases)('pattern %s except %s on %s: %s', (pattern, except, file, meant) => {
    const [read] = parseAppSpec(
      permission(`pattern: '${pattern}'\n    except: [${except && `'${except}'`}]`)
    ).permissions
    expect(read && isMeant(read, file)).toBe(meant)
  })
})
