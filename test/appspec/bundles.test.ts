import { describe, expect, test } from '@jest/globals'
import { judge } from '../../src/appspec/judge.js'
import { BASE, bundleOf, type Content, SCRIPT, tell, verdictOf } from './bundle.js'

const run = (location: string): string => `${BASE}hooks:\n  AfterInstall:\n    - location: ${location}\n`
const install = (...pairs: [string, string][]): string =>
  `${BASE}files:\n${pairs.map(([from, to]) => `  - source: ${from}\n    destination: ${to}\n`).join('')}`
const withScript = (content: Content): Record<string, Content> => ({
  'appspec.yml': run('a.sh'),
  'a.sh': content
})

const BUNDLES: [string, Record<string, Content>, 'take' | 'refuse', RegExp][] = [
  ['no AppSpec', { 'a.txt': 'x', b: null }, 'refuse', /There is no appspec.yml at the root/],
  ['an empty bundle', {}, 'refuse', /no appspec.yml/],
  ['only appspec.yaml', { 'appspec.yaml': BASE }, 'refuse', /named appspec.yaml[^]*Rename it to appspec.yml/],
  ['both names', { 'appspec.yml': BASE, 'appspec.yaml': BASE }, 'take', /There is also an appspec.yaml/],
  ['different case', { 'AppSpec.yml': BASE }, 'refuse', /it is AppSpec.yml/],
  ['a folder with that name', { 'appspec.yml/x': BASE, y: 'z' }, 'refuse', /is a folder/],
  ['a link to it', { 'appspec.yml': { link: 'deploy/spec.yml' }, 'deploy/spec.yml': BASE }, 'take', /^$/],
  ['in one of several folders', { 'app/appspec.yml': BASE, 'x.txt': 'y' }, 'refuse', /only app\/appspec.yml/],
  [
    'in the only folder',
    { 'app/appspec.yml': run('a.sh'), 'app/a.sh': SCRIPT },
    'take',
    /whole bundle is in the folder app/
  ],
  [
    '__MACOSX next to the only folder',
    { 'app/appspec.yml': BASE, '__MACOSX/x': 'y' },
    'refuse',
    /no appspec.yml at the root/
  ],
  ['the only folder with another kind of AppSpec', { 'app/appspec.json': '{}' }, 'refuse', /no appspec.yml/],

  ['a script with CRLF', withScript('#!/bin/bash\r\nexit 0\r\n'), 'refuse', /Unix line endings/],
  ['CRLF after an option', withScript('#!/bin/sh -e\r\nexit 0\n'), 'refuse', /Unix line endings/],
  ['CRLF in the body only', withScript('#!/bin/sh\necho\r\n'), 'take', /lines end in CRLF/],
  ['a script without #!', withScript('echo hello\n'), 'take', /runs it with \/bin\/sh/],
  ['an empty script', withScript(''), 'take', /the file is empty/],
  ['a byte order mark in the script', withScript('\ufeff#!/bin/bash\n'), 'take', /byte order mark/],
  ['UTF-16 in the script', withScript(Buffer.from('\ufeff#!/bin/bash\n', 'utf16le')), 'refuse', /UTF-16/],
  ['an interpreter without a path', withScript('#!bash\n'), 'refuse', /not an absolute path/],
  ['a custom interpreter', withScript('#!/opt/php/bin/php\n'), 'take', /must be on the instance/],
  ['a bare #!', withScript('#!\n'), 'take', /names no interpreter/],
  ['a binary', withScript(Buffer.from('\x7fELF\x02\x01', 'latin1')), 'take', /^$/],
  ['not executable', withScript({ text: SCRIPT, mode: 0o644 }), 'take', /not executable/],
  [
    'a link to a missing script',
    withScript({ link: 'b.sh' }),
    'refuse',
    /symlink to b.sh, which is not in the bundle/
  ],
  ['a link to a script', { ...withScript({ link: 'b.sh' }), 'b.sh': SCRIPT }, 'take', /^$/],
  ['a link to the system', withScript({ link: '/usr/bin/true' }), 'take', /leads out of the bundle/],
  ['arguments', { 'appspec.yml': run('a.sh --now'), 'a.sh': SCRIPT }, 'refuse', /takes no arguments/],
  [
    'a space in the path',
    { 'appspec.yml': run('my script.sh'), 'my script.sh': SCRIPT },
    'refuse',
    /without quoting/
  ],
  ['a dollar in the path', { 'appspec.yml': run('a$b.sh'), 'a$b.sh': SCRIPT }, 'refuse', /without quoting/],
  [
    'a folder as a script',
    { 'appspec.yml': run('scripts'), 'scripts/a.sh': SCRIPT },
    'refuse',
    /is a folder/
  ],
  ['a leading slash', { 'appspec.yml': run('/scripts//./a.sh'), 'scripts/a.sh': SCRIPT }, 'take', /^$/],
  ['.. within the bundle', { 'appspec.yml': run('lib/../a.sh'), 'lib/x': '', 'a.sh': SCRIPT }, 'take', /^$/],
  [
    '.. from a missing folder',
    { 'appspec.yml': run('lib/../a.sh'), 'a.sh': SCRIPT },
    'refuse',
    /not in the bundle/
  ],
  ['.. out of the bundle', { 'appspec.yml': run('../a.sh') }, 'refuse', /not in the bundle/],
  [
    'different case in the script path',
    { 'appspec.yml': run('Scripts/A.sh'), 'Scripts/a.sh': SCRIPT },
    'refuse',
    /case matters/
  ],

  [
    'a missing source',
    { 'appspec.yml': install(['nope', '/srv']) },
    'refuse',
    /The source nope is not in the bundle/
  ],
  [
    'a wildcard',
    { 'appspec.yml': install(["'*.txt'", '/srv']), 'a.txt': '' },
    'refuse',
    /does not support wildcards/
  ],
  ['the whole bundle', { 'appspec.yml': install(['/', '/srv/app']), 'a.txt': '' }, 'take', /^$/],
  [
    'a file name in the destination',
    { 'appspec.yml': install(['a.txt', '/srv/a.txt']), 'a.txt': '' },
    'take',
    /ends up as \/srv\/a.txt\/a.txt/
  ],
  [
    'a relative destination',
    { 'appspec.yml': install(['a.txt', 'srv']), 'a.txt': '' },
    'take',
    /relative to wherever/
  ],
  [
    'a destination in the home folder',
    { 'appspec.yml': install(['web', '~/app']), 'web/x': '' },
    'refuse',
    /already exists once/
  ],
  [
    'an empty destination for a folder',
    { 'appspec.yml': install(['web', "''"]), 'web/x': '' },
    'refuse',
    /already exists once/
  ],
  [
    'a number as a destination',
    { 'appspec.yml': install(['web', '5']), 'web/x': '' },
    'refuse',
    /no implicit conversion of Integer/
  ],
  [
    'two sources for one destination',
    { 'appspec.yml': install(['a/x', '/srv'], ['b', '/srv']), 'a/x': '', 'b/x': '' },
    'refuse',
    /specifies two source files named/
  ],
  [
    'a file where a folder is created',
    { 'appspec.yml': install(['a/x', '/srv/q'], ['b', '/srv']), 'a/x': '', 'b/q': '' },
    'refuse',
    /a file with that name already exists/
  ],
  [
    'a folder where a file is',
    { 'appspec.yml': install(['b', '/srv/w'], ['a/x', '/srv/w/q']), 'a/x': '', 'b/q': '' },
    'refuse',
    /includes an mkdir command more than once/
  ],
  [
    'one link that forms a loop',
    { 'appspec.yml': install(['web', '/srv/w']), 'web/x': '', 'web/self': { link: '.' } },
    'take',
    /gets the folder 40 times/
  ],
  [
    'two links that form loops',
    {
      'appspec.yml': install(['web', '/srv/w']),
      'web/x': '',
      'web/a': { link: '.' },
      'web/b': { link: '.' }
    },
    'refuse',
    /never ends/
  ],
  [
    'a name that is not UTF-8',
    { 'appspec.yml': install(['web', '/srv/w']), 'web/\ufffd': '' },
    'refuse',
    /is not UTF-8/
  ],
  [
    'permissions twice',
    {
      'appspec.yml': `${install(['web', '/srv/w'])}permissions:\n  - object: /srv/w\n  - object: /srv\n`,
      'web/x': ''
    },
    'refuse',
    /\(\/srv\/w\/x\) is specified more than once/
  ],
  [
    'permissions split by pattern and except',
    {
      'appspec.yml': `${install(['web', '/srv/w'])}permissions:\n  - object: /srv/w\n    pattern: '*.sh'\n  - object: /srv/w\n    except: ['*.sh']\n    type: [file]\n`,
      'web/x.sh': '',
      'web/y': ''
    },
    'take',
    /^$/
  ],
  [
    'a context without a range',
    {
      'appspec.yml': `${install(['web', '/srv/w'])}permissions:\n  - object: /srv/w\n    context: {type: t}\n`,
      'web/x': ''
    },
    'refuse',
    /undefined method `get_range'/
  ]
]

describe('bundles', () => {
  test.each(BUNDLES)('%s', async (_name, files, verdict, expected) => {
    const findings = await judge(bundleOf(files))
    expect(tell(findings)).toMatch(expected)
    expect(verdictOf(findings)).toBe(verdict)
  })
})

test('reads only the AppSpec file and the scripts', async () => {
  const reads: string[] = []
  const many = Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`web/${index}`, 'x']))
  const view = bundleOf({
    ...many,
    'appspec.yml': `${run('a.sh')}files: [{source: web, destination: /srv/w}]`,
    'a.sh': SCRIPT
  })
  const read: typeof view.read = (path, limit) => {
    reads.push(`${path} ${limit}`)
    return view.read(path, limit)
  }
  expect(await judge({ ...view, read })).toEqual([])
  expect(reads).toEqual(['appspec.yml 1048576', 'a.sh 65536'])
})
