import { describe, expect, test } from '@jest/globals'
import { BASE, judgeSpec, SCRIPT, tell, verdictOf } from './bundle.js'
import type { Content } from './bundle.js'

/** The AppSpec files of the agent's own tests, and their results (docs/service.md, reference 6.5). */
interface Case {
  name: string
  spec: string
  files?: Record<string, Content>
  /** Part of the agent's error message; undefined if the agent accepts the file. */
  says?: string
}

const TDF = 'The deployment failed because'
const hook = (lines: string): string => `${BASE}hooks:\n  AfterInstall:\n    - ${lines}\n`
const permission = (lines: string): string =>
  `${BASE}files:\n  - source: a.txt\n    destination: /srv/app\npermissions:\n  - ${lines}\n`
const range = (text: string): string => permission(`object: /srv\n    context: {type: t, range: '${text}'}`)
const script = { 'a.sh': SCRIPT }
const file = { 'a.txt': 'x' }

const CASES: Case[] = [
  { name: '1 empty file', spec: '', says: `${TDF} the application specification file was empty` },
  { name: '2 blank line', spec: ' \n', says: 'the application specification file was empty' },
  { name: '3 only os', spec: 'os: linux\n', says: `${TDF} an invalid version value () was entered` },
  {
    name: '4 version: invalid',
    spec: 'version: invalid\nos: linux\n',
    says: 'an invalid version value (invalid)'
  },
  {
    name: '5 file_exists_behavior: invalid',
    spec: `${BASE}file_exists_behavior: invalid\n`,
    says: 'an invalid file_exists_behavior value (invalid)'
  },
  { name: '6 only version', spec: 'version: 0.0\n', says: 'specifies an unsupported operating system ()' },
  {
    name: '7 os: unsupported',
    spec: 'version: 0.0\nos: unsupported\n',
    says: 'unsupported operating system (unsupported)'
  },
  { name: '8 only version and os', spec: BASE },
  {
    name: '9 a script with all its keys',
    spec: hook('location: a.sh\n      runas: foo\n      timeout: 30'),
    files: script
  },
  {
    name: '10 the same with sudo',
    spec: hook('location: a.sh\n      runas: foo\n      sudo: true\n      timeout: 30'),
    files: script
  },
  {
    name: '11 two scripts',
    spec: hook('location: a.sh\n    - location: b.sh'),
    files: { ...script, 'b.sh': SCRIPT }
  },
  { name: '12 and 13 location only', spec: hook('location: a.sh'), files: script },
  {
    name: '14 an event without a value',
    spec: `${BASE}hooks:\n  BeforeInstall:\n  AfterInstall:\n    - location: a.sh\n`,
    files: script
  },
  {
    name: '15 timeout only',
    spec: hook('timeout: 30'),
    says: `${TDF} the application specification file specifies a script with no location value`
  },
  {
    name: '16 timeout: foo',
    spec: hook('location: a.sh\n      timeout: foo'),
    files: script,
    says: `${TDF} an invalid timeout value was provided`
  },
  { name: '17 files', spec: `${BASE}files:\n  - source: a.txt\n    destination: /srv/app\n`, files: file },
  {
    name: '18 two mappings',
    spec: `${BASE}files:\n  - source: a.txt\n    destination: /srv/a\n  - source: a.txt\n    destination: /srv/b\n`,
    files: file
  },
  {
    name: '19 no destination',
    spec: `${BASE}files:\n  - source: a.txt\n`,
    says: 'specifies only a source file (a.txt)'
  },
  {
    name: '20 no source',
    spec: `${BASE}files:\n  - destination: /srv\n`,
    says: 'specifies a destination file, but no source file'
  },
  {
    name: '21 no object',
    spec: permission('pattern: x'),
    files: file,
    says: 'a permission listed in the application specification file has no object value'
  },
  { name: "22 object '/', pattern '**'", spec: permission("object: '/'\n    pattern: '**'"), files: file },
  {
    name: '23 pattern on a file',
    spec: permission('object: /srv/app/a.txt\n    pattern: glob'),
    files: file,
    says: 'includes an object (/srv/app/a.txt) with an invalid pattern (glob)'
  },
  {
    name: '24 except on a file',
    spec: permission('object: /srv/app/a.txt\n    except: [glob]'),
    files: file,
    says: 'the except parameter for a pattern in the permissions section (["glob"])'
  },
  {
    name: '25 pattern on a file, with type directory',
    spec: permission('object: /srv/app/a.txt\n    pattern: glob\n    type: [directory]'),
    files: file
  },
  {
    name: '26 default acl on a file',
    spec: permission("object: /srv/app\n    acls: ['d:user:name:rwx']"),
    files: file,
    says: 'the -d parameter has been specified to apply an acl setting to a file'
  },
  {
    name: '27 a permission with all its keys',
    spec: permission(
      "object: /opt\n    pattern: 'prefix*'\n    except: [x]\n    type: [file, directory]\n    owner: root\n    group: root\n    mode: 6763\n    acls: ['u:henry:7', 'd:g:manager:rw']\n    context: {name: user_u, type: unconfined_t, range: 's3-s5:c0.c7,c13'}"
    ),
    files: file
  },
  {
    name: "28 acl '7'",
    spec: permission("object: /opt\n    acls: ['7']"),
    files: file,
    says: 'Invalid acl entry (7)'
  },
  {
    name: "29 acl 'd:u:bob:7:rwx'",
    spec: permission("object: /opt\n    acls: ['d:u:bob:7:rwx']"),
    files: file,
    says: 'Invalid acl entry (d:u:bob:7:rwx)'
  },
  {
    name: "30 acl 'mask:name:rwx'",
    spec: permission("object: /opt\n    acls: ['mask:name:rwx']"),
    files: file,
    says: 'Invalid acl entry (mask:name:rwx)'
  },
  {
    name: "31 acl 'user:bob:rwxd'",
    spec: permission("object: /opt\n    acls: ['user:bob:rwxd']"),
    files: file,
    says: 'contains an invalid character (d)'
  },
  {
    name: '32 valid acls',
    spec: permission("object: /opt\n    acls: ['d:bob:rwx', 'default::rw', 'm::7', 'g:dev:7', 'u:mask:7']"),
    files: file
  },
  {
    name: 'base acl entry',
    spec: permission("object: /opt\n    acls: ['u::7']"),
    files: file,
    says: 'Use mode to set the base acl entry (u::7)'
  },
  {
    name: '33 range s3-s2:c0',
    spec: range('s3-s2:c0'),
    files: file,
    says: 'a problem with the SELinux range specified (s3-s2:c0)'
  },
  { name: '34 range s3-:c0', spec: range('s3-:c0'), files: file, says: 'invalid range part s3-' },
  { name: '35 range s0:c1024', spec: range('s0:c1024'), files: file, says: 'invalid category c1024' },
  { name: '36 range s0:c0.c2,c1', spec: range('s0:c0.c2,c1'), files: file, says: 'duplicate categories' },
  {
    name: '37 context without a type',
    spec: permission('object: /opt\n    context: {name: name}'),
    files: file,
    says: 'an invalid context type ({"name"=>"name"})'
  },
  {
    name: '38 mode 12345',
    spec: permission('object: /opt\n    mode: 12345'),
    files: file,
    says: 'the length of a permissions mode (12345)'
  },
  { name: '38 mode 12', spec: permission('object: /opt\n    mode: 12'), files: file },
  {
    name: '38 mode 12a',
    spec: permission('object: /opt\n    mode: 12a'),
    files: file,
    says: 'contains an invalid character (a)'
  },
  { name: '39 file_exists_behavior: RETAIN', spec: `${BASE}file_exists_behavior: RETAIN\n` },
  {
    name: '40 script missing',
    spec: hook('location: a.sh'),
    says: 'Script does not exist at specified location: a.sh'
  }
]

describe("the forty cases of the agent's own tests", () => {
  test.each(CASES)('$name', async ({ spec, files = {}, says }) => {
    const findings = await judgeSpec(spec, files)
    expect([verdictOf(findings), tell(findings)]).toEqual([
      says === undefined ? 'take' : 'refuse',
      says === undefined ? expect.any(String) : expect.stringContaining(says)
    ])
  })
})
