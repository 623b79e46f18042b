import { expect, test } from '@jest/globals'
import { failureKind, parseDocumentOutput } from '../../src/domain/instance-log.js'
import { failing } from '../fakes/endings.js'
import { failedDiagnostics } from '../fakes/nouns.js'

test('a line belongs to the log whose name the document put before it, whatever it says', () => {
  const output = 'agent: one\nagent: scripts: two\nscripts: agent is missing\nscripts: \n'
  expect(parseDocumentOutput(output)).toEqual({
    logs: [
      { name: 'agent', text: 'one\nscripts: two' },
      { name: 'scripts', text: 'agent is missing\n' }
    ],
    missing: []
  })
})

test.each([
  ['a log that is not there', 'agent is missing\nscripts: x', ['agent']],
  ['neither log', 'agent is missing\nscripts is missing\n', ['agent', 'scripts']],
  ['two empty logs', '', []]
])('%s', (_, output, missing) => {
  expect(parseDocumentOutput(output)?.missing).toEqual(missing)
})

test('what another document prints is not taken for a log', () => {
  expect(parseDocumentOutput('uid=0(root)\n')).toBeUndefined()
})

test('failures are of one kind if event, code and script are the same, wherever they happen', () => {
  const kindOf = (n: number, script: string): string => {
    const target = failing(n, n, failedDiagnostics({ scriptName: script, message: `on ${n}` }))
    const event = target.events.find(({ status }) => status === 'Failed')
    if (event === undefined) throw new Error('nothing failed')
    return failureKind({ target, event })
  }
  expect(kindOf(1, 'a.sh')).toBe(kindOf(2, 'a.sh'))
  expect(kindOf(1, 'a.sh')).not.toBe(kindOf(1, 'b.sh'))
})
