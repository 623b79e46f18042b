import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Target } from '../../src/domain/event.js'
import { gantt } from '../../src/report/gantt.js'
import { errorSummary } from '../../src/report/markdown.js'
import { deploySummary, rollbackSummary } from '../../src/report/summary.js'
import { at } from '../fakes/clock.js'
import { failedOutcome, failing, NEW, outcome, story } from '../fakes/endings.js'
import {
  ALLOW,
  deployment,
  events,
  failedDiagnostics,
  INSTALL,
  instance,
  served,
  target
} from '../fakes/nouns.js'
import { timesAt } from '../fakes/times.js'
import { NASTY_SUBJECTS } from '../fakes/subjects.js'
import { HOSTILE, markup } from '../hostile/text.js'

const MIB = 1024 * 1024
/** The whole, and each line of it at the start of a page. */
const HOSTILE_PARTS = [HOSTILE, ...HOSTILE.split('\n')]
const pipes = (line: string): number => line.split('|').length - 1
const many = (count: number, make: (n: number) => Target): Target[] =>
  Array.from({ length: count }, (_, n) => make(n))

describe('the timeline', () => {
  test('names each instance and marks what failed and what is running', () => {
    const running = target(instance(2), 'green', [
      { name: 'Install', status: 'InProgress', startTime: at(100) }
    ])
    const { text } = gantt({ deployment: deployment(), targets: [failing(1, 95), running] }, timesAt(at(130)))
    expect(text).toContain('section green i-0a1b2c3d4e5f60001\n')
    expect(text).toContain('ValidateService :crit, 2026-11-22T12:01:58.900, 2026-11-22T12:02:06.900')
    expect(text).toContain('Install :active, 2026-11-22T12:01:40.000, 2026-11-22T12:02:10.000')
    expect(text).toContain('Provision green :2026-11-22T12:00:00.000, 2026-11-22T12:01:35.000')
  })

  test('draws the failed and the slowest of many instances', () => {
    const targets = many(1000, (n) => (n === 700 ? failing(n, 95) : served(instance(n), 95 + (n % 7))))
    const { text, remarks } = gantt({ deployment: deployment(), targets }, timesAt(at(300)))
    expect(text.match(/^section green/gm)).toHaveLength(10)
    expect(text).toContain('i-0a1b2c3d4e5f60700')
    expect(text.length).toBeLessThan(50_000)
    expect(remarks[0]).toBe('Showing 10 of 1000 instances: those that failed or took longest.')
  })

  test.each([
    ['no targets', []],
    ['no times', [target(instance(1), 'green', [{ name: 'Install', status: 'Pending' }])]],
    [
      'broken times',
      [target(instance(1), 'green', [{ name: 'Install', status: 'Succeeded', startTime: new Date(NaN) }])]
    ]
  ])('there is none with %s', (_, targets) => {
    expect(gantt({ deployment: deployment(), targets }, timesAt(at(0)))).toEqual({ text: '', remarks: [] })
  })

  test('an event that ends before it starts has no length', () => {
    const event = { name: 'Install', status: 'Failed', startTime: at(10), endTime: at(5) }
    const { text } = gantt(
      { deployment: deployment(), targets: [target(instance(1), 'green', [event])] },
      timesAt(at(60))
    )
    expect(text).toContain('Install :crit, 2026-11-22T12:00:10.000, 2026-11-22T12:00:10.000')
  })
})

describe('the job summary', () => {
  test('of a success, in order', () => {
    const text = deploySummary(story())
    expect(text.match(/^#.*$/gm)).toEqual([
      '## ✅ aaaaaaaa is live on shop/web after 2 min 40 s',
      '### Timeline',
      '### Instances'
    ])
    expect(text).toContain(
      '| 2 min 40 s | 3 min 20 s | 3 green, 3 blue | 4.6 MiB, 4.6 MiB sent, SHA-256 <code>00c0ffee00c0</code> |'
    )
  })

  test('a bundle that was already uploaded', () => {
    const bundle = { size: 1, uploadedBytes: 0, contentHash: 'a'.repeat(64), address: 's3://b/k' }
    expect(deploySummary(story({ bundle }))).toContain('nothing sent')
  })

  test('of a run that only starts a deployment has neither timeline nor instances', () => {
    const text = deploySummary(story({ ending: { name: 'started', deployment: deployment() } }))
    expect(text.match(/^#.*$/gm)).toEqual(['## 🚀 Started d-AAAAAAAAA on shop/web'])
  })

  test('of a failure shows the cause before the error code of the service', () => {
    const text = deploySummary(story({ ending: failedOutcome() }))
    expect(text.indexOf('ScriptFailed')).toBeLessThan(text.indexOf('HEALTH&#95;CONSTRAINTS'))
    expect(text).toContain('line 12: [: : integer expression expected')
  })

  test('of a failure tells the cause first and once, and folds the clean-up at the end', () => {
    const ending = { ...failedOutcome(), targets: [failing(1, 95), failing(2, 97)] }
    const text = deploySummary(story({ ending }))
    const places = ['### Failures', 'never stopped serving', '### Timeline', '<summary>Clean up'].map(
      (word) => text.indexOf(word)
    )
    expect(Math.min(...places)).toBeGreaterThan(0)
    expect(places).toEqual([...places].sort((one, other) => one - other))
    expect(text.match(/<summary>❌.*<\/summary>/g)).toEqual([
      '<summary>❌ <b>ValidateService</b> on 2 of 2 green instances in <code>scripts/validate.sh</code> line 12: ScriptFailed, exit code 3</summary>'
    ])
    expect(text).toContain('\n[stderr]scripts/validate.sh: line 12: [: : integer expression expected\n')
    expect(text).not.toMatch(/deployment-archive|failed first|only sums up/)
  })

  test('of a run without an outcome is prose, line by line, whatever its words are', () => {
    expect(errorSummary('2 inputs:\n  - `region`: <b>', 'Run `a b` again.')).toBe(
      '## ❌ The run failed\n\n2 inputs:<br>- <code>region</code>: &#60;b&#62;\n\nRun <code>a b</code> again.\n'
    )
  })

  test('of a rollback, alone and with the story of the deployment that did it', () => {
    const done = { way: 'redeploy', commit: NEW, application: 'a', group: 'b', tookMs: 1000 } as const
    expect(rollbackSummary(done).match(/^#.*$/gm)).toHaveLength(1)
    expect(rollbackSummary(done, story()).match(/^#.*$/gm)).toHaveLength(3)
  })

  test('a thousand failed instances with huge outputs still fit', () => {
    const diagnostics = failedDiagnostics({
      logTail: `${'x'.repeat(300)}\n`.repeat(2000),
      message: 'm'.repeat(5000)
    })
    const targets = many(1000, (n) => failing(n, 95, { ...diagnostics, errorCode: `Code${n}` }))
    const text = deploySummary(story({ ending: { ...failedOutcome(), targets } }))
    expect(Buffer.byteLength(text)).toBeLessThan(MIB)
    expect(text).toContain('995 more failed events')
    expect(text).toContain('500 more instances are not shown here.')
  })

  test('a fence in the output of a script does not end its code block', () => {
    const diagnostics = failedDiagnostics({ logTail: '```\n# out\n</details>' })
    const text = deploySummary(
      story({ ending: { ...failedOutcome(), targets: [failing(1, 95, diagnostics)] } })
    )
    expect(text).toContain('````text\n')
  })

  test.each(HOSTILE_PARTS)(
    'hostile words of a service or a script are text on every page (%#)',
    (foreign) => {
      const diagnostics = { message: foreign, logTail: foreign, scriptName: foreign, errorCode: foreign }
      const ending = { ...failedOutcome(), targets: [failing(1, 95, diagnostics)] }
      expect(markup(deploySummary(story({ ending })))).toEqual([])
      expect(markup(errorSummary(foreign, `Next ${foreign}`))).toEqual([])
    }
  )

  test('no name and no subject breaks a table or forges a heading', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...NASTY_SUBJECTS)), (foreign) => {
        const its = {
          ...target(instance(1), 'green', events([foreign, ...INSTALL, ...ALLOW], 95), foreign),
          id: foreign
        }
        const named = deployment({ status: 'Succeeded', application: foreign, group: foreign, id: foreign })
        const text = deploySummary(
          story({ subject: foreign, commit: foreign, ending: outcome({ deployment: named, targets: [its] }) })
        )
        const tables = text.split('\n').filter((line) => line.startsWith('|'))
        expect(tables.map(pipes)).toEqual([5, 5, 5, 8, 8, 8])
        expect(text.match(/^#/gm)).toHaveLength(3)
      }),
      { numRuns: 60 }
    )
  })
})
