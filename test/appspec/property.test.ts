import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { judgeSpec, SCRIPT } from './bundle.js'

const LINES = [
  'version: 0.0',
  'os: linux',
  'files:',
  '  - source: /',
  '    destination: /srv/app',
  'permissions:',
  '  - object: /srv/app',
  '    pattern: "*"',
  '    mode: 0644',
  '    acls: [u:bob:7, d:g::rw]',
  '    context: {type: t, range: s0-s1:c0.c5}',
  'hooks:',
  '  AfterInstall:',
  '    - location: a.sh',
  '      timeout: 1:00',
  '? [a, {b: c}]',
  ': |\n  text',
  '<<: {os: linux}',
  '&a !!str x: *a',
  '--- # next'
]

const line = fc.oneof(fc.constantFrom(...LINES), fc.string({ unit: 'binary', maxLength: 20 }))
const text = fc.array(line, { maxLength: 20 }).map((lines) => Buffer.from(lines.join('\n')))
const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array))

test('no AppSpec file makes the check throw', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(text, bytes), async (spec) => {
      const findings = await judgeSpec(spec, { 'a.sh': SCRIPT })
      for (const { file, message, line: at = 1 } of findings) {
        expect(file).toBe('appspec.yml')
        expect(message).not.toBe('')
        expect(at).toBeGreaterThanOrEqual(1)
      }
    }),
    { numRuns: 500 }
  )
})

const PARTS = [
  ...[
    'nohup java -jar a.jar',
    ' & ',
    ' && ',
    ' | ',
    '|&',
    '; ',
    ';;',
    '\n',
    '( ',
    ' )',
    '((',
    '))',
    '{ ',
    ' }'
  ],
  ...[
    'if ',
    ' then ',
    ' fi',
    'for i in a',
    ' do ',
    ' done',
    'while ',
    'case x in ',
    ' esac',
    'f() ',
    'exec '
  ],
  ...[
    '"',
    "'",
    '`',
    '$(',
    '${',
    '}',
    '\\',
    '#',
    '<<E\n',
    '\nE\n',
    '> log',
    '2>&1',
    '>&-',
    '<(',
    '[[ ',
    ' ]]',
    'sh -c '
  ]
]
const script = fc.array(fc.oneof(fc.constantFrom(...PARTS), fc.string({ unit: 'binary', maxLength: 3 })), {
  maxLength: 40
})

test('no script makes the check throw, or be refused for what it runs', async () => {
  const spec = 'version: 0.0\nos: linux\nhooks:\n  ApplicationStart: [{location: a.sh}]\n'
  await fc.assert(
    fc.asyncProperty(script, async (parts) => {
      const findings = await judgeSpec(spec, { 'a.sh': `#!/bin/bash\n${parts.join('')}` })
      expect(findings.filter(({ severity }) => severity === 'error')).toEqual([])
    }),
    { numRuns: 2_000 }
  )
})
