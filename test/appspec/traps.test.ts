import { describe, expect, test } from '@jest/globals'
import { BASE, judgeSpec, SCRIPT, tell, verdictOf } from './bundle.js'

const hook = (lines: string): string =>
  `${BASE}hooks:\n  AfterInstall:\n    - location: a.sh\n      ${lines}\n`
const mode = (text: string): string => `${BASE}permissions:\n  - object: /srv\n    mode: ${text}\n`
const owner = (text: string): string =>
  `${BASE}files: [{source: a.txt, destination: /srv/app}]\npermissions:\n  - object: /srv/app\n    owner: ${text}\n`
const files = { 'a.sh': SCRIPT, 'a.txt': 'x', 'web/index.html': 'y' }

// Name, AppSpec, verdict, findings (docs/service.md, reference 6.3).
const TRAPS: [string, string | Buffer, 'take' | 'refuse', RegExp][] = [
  ['version 0', 'version: 0\nos: linux\n', 'take', /^$/],
  ['version 0.00', 'version: 0.00\nos: linux\n', 'take', /^$/],
  ['version -0.0', 'version: -0.0\nos: linux\n', 'take', /^$/],
  ['version .0', 'version: .0\nos: linux\n', 'take', /^$/],
  [
    'version in quotes',
    'version: "0.0"\nos: linux\n',
    'refuse',
    /error 1: The version must be the number 0.0/
  ],
  ['version 1.0', 'version: 1.0\nos: linux\n', 'refuse', /invalid version value \(1\.0\)/],
  ['version 0e0', 'version: 0e0\nos: linux\n', 'refuse', /invalid version value \(0e0\)/],
  ['version 0.0.0', 'version: 0.0.0\nos: linux\n', 'refuse', /invalid version value \(0\.0\.0\)/],
  ['os Linux', 'version: 0.0\nos: Linux\n', 'refuse', /error 2: .*unsupported operating system \(Linux\)/],
  ['os windows', 'version: 0.0\nos: windows\n', 'refuse', /agent on Windows would accept it/],
  ['behavior in lower case', `${BASE}file_exists_behavior: overwrite\n`, 'refuse', /in capitals/],
  ['behavior null', `${BASE}file_exists_behavior:\n`, 'take', /^$/],
  ['hooks as a list', `${BASE}hooks:\n  - AfterInstall\n`, 'refuse', /undefined method `each_pair'/],
  ['an event as a map', `${BASE}hooks:\n  AfterInstall:\n    location: a.sh\n`, 'refuse', /list of scripts/],
  [
    'an event as a string',
    `${BASE}hooks:\n  AfterInstall: a.sh\n`,
    'refuse',
    /undefined method `each' for "a.sh"/
  ],
  [
    'a script as a string',
    `${BASE}hooks:\n  AfterInstall:\n    - a.sh\n`,
    'refuse',
    /undefined method `has_key\?'/
  ],
  ['an event that is false', `${BASE}hooks:\n  AfterInstall: false\n`, 'take', /^$/],
  [
    'an unknown event',
    `${BASE}hooks:\n  Afterinstall:\n    - location: nope.sh\n`,
    'take',
    /Did you mean AfterInstall\?/
  ],
  [
    'an event of the service',
    `${BASE}hooks:\n  Install:\n    - location: a.sh\n`,
    'take',
    /takes no scripts/
  ],
  [
    'files as a map',
    `${BASE}files:\n  source: /\n  destination: /srv\n`,
    'refuse',
    /no implicit conversion of String into Integer/
  ],
  [
    'overwrite',
    `${BASE}files:\n  - source: web\n    destination: /srv/app\n    overwrite: true\n`,
    'take',
    /file_exists_behavior: OVERWRITE/
  ],
  ['an unknown key', `${BASE}hook: {}\n`, 'take', /ignores the top-level key “hook”/],
  [
    'a non-breaking space',
    `${BASE}\u00a0hooks:\n  AfterInstall:\n    - location: nope.sh\n`,
    'take',
    /warning 3: .*contains whitespace that is not a plain space/
  ],
  ['timeout in quotes', hook('timeout: "300"'), 'take', /2\.x agent rejects it/],
  ['timeout 5m', hook('timeout: 5m'), 'take', /as 5 seconds/],
  ['timeout 1:00', hook('timeout: 1:00'), 'take', /^$/],
  ['timeout 0.5', hook('timeout: 0.5'), 'refuse', /whole number of seconds/],
  ['timeout 0', hook('timeout: 0'), 'refuse', /whole number/],
  ['timeout -1', hook('timeout: -1'), 'refuse', /whole number/],
  ['timeout above the limit', hook('timeout: 10800'), 'take', /warning 6: The timeout is 10800 seconds/],
  [
    'timeouts that add up',
    `${hook('timeout: 2000')}    - location: a.sh\n      timeout: 2000\n`,
    'take',
    /add up to 4000 seconds/
  ],
  ['sudo "no"', hook('sudo: "no"'), 'take', /treats as true/],
  ['an empty runas', hook("runas: ''"), 'take', /runs as root/],
  ['mode 644', mode('644'), 'take', /^(?!.*octal)/s],
  ['mode "0755"', mode('"0755"'), 'take', /^(?!.*octal)/s],
  ['mode 0644', mode('0644'), 'take', /as octal and sets 420/],
  ['mode 0755', mode('0755'), 'refuse', /permissions mode \(493\).*invalid character \(9\)/],
  ['mode 0o755', mode('0o755'), 'refuse', /length of a permissions mode/],
  ['a number as owner', owner('1000'), 'refuse', /no implicit conversion/],
  ['an owner of digits', owner('"1000"'), 'refuse', /can't find user for 1000/],
  ['an owner that must exist', owner('deployer'), 'take', /The user deployer must exist/],
  ['an owner on every image', owner('ec2-user'), 'take', /^$/],
  [
    'a type as a string',
    `${BASE}permissions:\n  - object: /srv\n    type: file\n`,
    'refuse',
    /undefined method `each' for "file"/
  ],
  [
    'an except as a string',
    `${BASE}permissions:\n  - object: /srv\n    except: x\n`,
    'refuse',
    /except must be a list/
  ],
  ['tabs', `${BASE}hooks:\n\tAfterInstall:\n`, 'refuse', /error 4: .*no tabs/],
  ['an alias', `${BASE}x: &a b\ny: *a\n`, 'refuse', /error 4: .*Unknown alias: a/],
  ['a date', `${BASE}built: 2024-05-01\n`, 'refuse', /error 3: .*unspecified class: Date/],
  ['a byte order mark', `\ufeff${BASE}`, 'refuse', /byte order mark/],
  ['a byte order mark before a comment', `\ufeff# mine\n${BASE}`, 'take', /byte order mark/],
  ['UTF-16', Buffer.from(BASE, 'utf16le'), 'refuse', /control characters|not UTF-8/],
  [
    'bytes that are not UTF-8',
    Buffer.concat([Buffer.from(`${BASE}# `), Buffer.from([0xe9])]),
    'refuse',
    /error 3: .*not UTF-8/
  ],
  ['a control character', `${BASE}# \u0007\n`, 'refuse', /control characters/],
  [
    'a second document',
    `${BASE}---\nos: windows\n`,
    'take',
    /warning 3: The agent reads nothing from here on/
  ],
  ['a repeated key', `os: windows\n${BASE}`, 'take', /warning 3: “os” is repeated here/],
  ['empty sections', `${BASE}files:\nhooks:\n`, 'take', /“files” is empty[^]*“hooks” is empty/],
  ['CRLF', BASE.replaceAll('\n', '\r\n'), 'take', /^$/],
  ['JSON', '{"version": 0.0, "os": "linux", "files": []}', 'take', /^$/],
  ['a merge key', 'x: 1\n<<: {version: 0.0, os: linux}\n', 'take', /ignores/],
  ['a string', 'hello', 'refuse', /must be a mapping/],
  ['a list', '- version: 0.0\n', 'refuse', /must be a mapping/]
]

describe('what the agent reads differently than people expect', () => {
  test.each(TRAPS)('%s', async (_name, spec, verdict, expected) => {
    const findings = await judgeSpec(spec, files)
    expect(tell(findings)).toMatch(expected)
    expect(verdictOf(findings)).toBe(verdict)
  })
})

test('reports every mistake at once, in the order of the file', async () => {
  const spec = 'version: 1\nos: mac\nfiles:\n  - source: x\nhooks:\n  AfterInstall:\n    - timeout: 3\n'
  const findings = await judgeSpec(spec)
  expect(findings.map(({ severity, file, line, column }) => [severity, file, line, column])).toEqual([
    ['error', 'appspec.yml', 1, 10],
    ['error', 'appspec.yml', 2, 5],
    ['error', 'appspec.yml', 4, 5],
    ['error', 'appspec.yml', 7, 7]
  ])
})
