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
  test('has a row for each event of a fleet, and marks what failed and what is in progress', () => {
    const running = target(instance(2), 'green', [
      { name: 'Install', status: 'InProgress', startTime: at(100) }
    ])
    const { text, remarks } = gantt(
      { deployment: deployment(), targets: [failing(1, 95), running] },
      timesAt(at(130))
    )
    expect(text).toContain(
      'section green ValidateService\nfailed :crit, 2026-11-22T12:01:58.900, 2026-11-22T12:02:06.900'
    )
    expect(text).toMatch(
      /section green Install\nin progress on 1 of 2 :active, .*, 2026-11-22T12:02:10.000$/m
    )
    expect(text).toContain(
      'section Provision green\n1 min 35 s :2026-11-22T12:00:00.000, 2026-11-22T12:01:35.000'
    )
    expect(remarks[0]).toMatch(/^2 green instances\. A bar runs from the first start to the last end/)
  })

  test('of many instances has as many rows as of one, with the fastest, the median and the slowest time', () => {
    const taking = (n: number, seconds: number): Target =>
      target(instance(n), 'green', [
        { name: 'Install', status: 'Succeeded', startTime: at(10 + n), endTime: at(10 + n + seconds) }
      ])
    const rows = (...seconds: number[]): string => {
      const targets = seconds.map((length, n) => taking(n, length))
      return gantt({ deployment: deployment(), targets }, timesAt(at(300))).text
    }
    expect(rows(4)).toContain('section green Install\n4.0 s :')
    expect(rows(4, 4.01)).toContain('section green Install\n4.0 s :')
    expect(rows(9, 4, 5.5)).toContain(
      'section green Install\n4.0 / 5.5 / 9.0 s :2026-11-22T12:00:10.000, 2026-11-22T12:00:19.000'
    )
    expect(rows(30, 90, 60, 120)).toContain('section green Install\n0.5 / 1.0 / 2.0 min :')
    const targets = many(1000, (n) => (n === 700 ? failing(n, 95) : served(instance(n), 95)))
    const { text, remarks } = gantt({ deployment: deployment(), targets }, timesAt(at(300)))
    expect(text).toContain('section green ValidateService\nfailed on 1 of 1000 :crit, ')
    expect(text.match(/^section /gm)?.length).toBeLessThan(15)
    expect(remarks[0]).toMatch(/^1000 green instances\. /)
  })

  test('says which fleets it draws, and how many events are too short to be drawn', () => {
    const short = (n: number, fleet: Target['fleet'], ...names: string[]): Target =>
      target(
        instance(n),
        fleet,
        names.map((name) => ({ name, status: 'Succeeded', startTime: at(20), endTime: at(20.1) }))
      )
    const long = target(instance(1), 'green', [
      { name: 'Install', status: 'Succeeded', startTime: at(10), endTime: at(100) }
    ])
    const drawn = gantt(
      {
        deployment: deployment(),
        targets: [long, short(2, 'green', 'BeforeInstall'), short(3, 'blue', 'BlockTraffic')],
        rollbackTargets: [short(3, 'blue', 'AllowTraffic')]
      },
      timesAt(at(300))
    )
    expect(drawn.text.match(/^section .*$/gm)).toEqual(['section Provision green', 'section green Install'])
    expect(drawn.remarks).toEqual([
      '2 green and 1 blue instance.',
      '3 events of less than 0.4 s are not drawn.',
      '↩ marks the rollback.'
    ])
  })

  test.each([
    [6, '2second', '%H:%M:%S'],
    [170, '1minute', '%H:%M'],
    [7_200, '1hour', '%H:%M'],
    [400_000, undefined, '%H:%M']
  ])('of %d s has an axis that a phone can show', (seconds, interval, format) => {
    const whole = target(instance(1), 'in-place', [
      { name: 'Install', status: 'Succeeded', startTime: at(0), endTime: at(seconds) }
    ])
    const { text } = gantt(
      { deployment: deployment({ style: 'IN_PLACE' }), targets: [whole] },
      timesAt(at(0))
    )
    expect(/^tickInterval (.*)$/m.exec(text)?.[1]).toBe(interval)
    expect(/^axisFormat (.*)$/m.exec(text)?.[1]).toBe(format)
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
    expect(text).toContain(
      'section green Install\nfailed :crit, 2026-11-22T12:00:10.000, 2026-11-22T12:00:10.000'
    )
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
    expect(text.match(/^\| green<br>/gm)).toHaveLength(1000)
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
        expect(tables.map(pipes)).toEqual([5, 5, 5, 3, 3, 3])
        expect(text.match(/^#/gm)).toHaveLength(3)
      }),
      { numRuns: 60 }
    )
  })
})
