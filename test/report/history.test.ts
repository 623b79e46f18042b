import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { displayWidth } from '../../src/report/columns.js'
import { historyLines, historySummary, type Listed } from '../../src/report/history.js'
import { painter } from '../../src/report/style.js'
import { dispatchCommand } from '../../src/report/way-back.js'
import type { Workflow } from '../../src/domain/workflow.js'
import type { HistoryRow } from '../../src/domain/history.js'
import { timesAt } from '../fakes/times.js'
import { at } from '../fakes/clock.js'
import { NEW, OLD } from '../fakes/endings.js'
import { row, stored } from '../fakes/nouns.js'
import { NASTY_SUBJECTS } from '../fakes/subjects.js'

const MIB = 1024 * 1024
const HOUR = 3600
const pipes = (line: string): number => line.split('|').length - 1
const tableOf = (markdown: string): string[] => markdown.split('\n').filter((line) => line.startsWith('|'))

const repository = { serverUrl: 'https://github.com', name: 'festabook/server' }
const workflow: Workflow = { repository, file: 'rollback.yml' }

const listed = (over: Partial<Listed> = {}): Listed => ({
  ...timesAt(at(HOUR)),
  application: 'festabook',
  group: 'production',
  region: 'ap-northeast-2',
  repository,
  ...over
})

const linesOf = (rows: readonly HistoryRow[], over: Partial<Listed> = {}): string[] =>
  historyLines(rows, { paint: painter(false), ...listed(over) })

/** A row without these members. */
const without = (given: HistoryRow, ...names: (keyof HistoryRow)[]): HistoryRow =>
  Object.fromEntries(
    Object.entries(given).filter(([name]) => !names.includes(name as keyof HistoryRow))
  ) as unknown as HistoryRow

const foreign = (over: Partial<HistoryRow>): HistoryRow =>
  without(row({ addressable: false, ...over }), 'commit', 'subject', 'who')

const S3_KEY = 'festabook/BuildArtif/AbC1234'
const PIPELINE = foreign({
  deploymentId: 'd-PIPELINE0',
  revision: { kind: 's3', bucket: 'pipeline', key: S3_KEY, bundleType: 'zip' },
  revisionText: `s3://pipeline/${S3_KEY}`
})
const GITHUB = foreign({
  deploymentId: 'd-GITHUB000',
  revision: { kind: 'foreign', text: `a/b@${OLD}` },
  revisionText: `a/b@${OLD}`,
  available: 'unknown'
})
const RESTART = without(
  foreign({ deploymentId: 'd-RESTART00', restart: true, available: false, revisionText: 'unknown' }),
  'revision'
)

const PAST = [
  row({
    live: true,
    subject: '축제 지도 수정',
    rollbackOf: 'd-BAD000000',
    startedAt: at(-18 * HOUR),
    completedAt: at(-18 * HOUR + 29_640)
  }),
  row({
    deploymentId: 'd-BAD000000',
    commit: OLD,
    status: 'Failed',
    rolledBackBy: 'd-AAAAAAAAA',
    startedAt: at(-40 * HOUR),
    completedAt: at(-40 * HOUR + 1_080),
    durationMs: 1_080_000,
    timeToTrafficMs: 5_000,
    available: false
  }),
  without(
    row({ deploymentId: 'd-AUTO00000', status: 'InProgress', creator: 'autoscaling', available: 'unknown' }),
    'completedAt',
    'durationMs',
    'timeToTrafficMs'
  )
]

describe('the history in the log', () => {
  test('figures in columns, and below them notes, subject and who', () => {
    expect(linesOf(PAST, { workflow })).toEqual([
      '   commit    status      started                     completed       duration  to traffic  deployment',
      '●  aaaaaaaa  Succeeded   2026-11-21 18:00  19 h ago  11-22 02:14   8 h 14 min  3 min 12 s  d-AAAAAAAAA',
      '             live · rollback of d-BAD000000 · 축제 지도 수정 · mina',
      '   bbbbbbbb  Failed      2026-11-20 20:00  41 h ago  20:18        18 min 00 s       5.0 s  d-BAD000000',
      '             bundle gone · rolled back by d-AAAAAAAAA · [BE] DEV -> PROD merge · mina',
      '   aaaaaaaa  InProgress  2026-11-22 12:00  1 h ago   –                      –           –  d-AUTO00000',
      '             bundle not checked · started by autoscaling · [BE] DEV -> PROD merge · mina',
      '',
      '● is live now.',
      'A row whose bundle is gone cannot be rolled back to.',
      'To roll back, put a commit, a deployment ID or `previous` in place of COMMIT:',
      '    gh workflow run rollback.yml --repo festabook/server -f commit=COMMIT',
      '    https://github.com/festabook/server/actions/workflows/rollback.yml'
    ])
  })

  test('shows the times of the zone', () => {
    expect(linesOf(PAST, timesAt(at(HOUR), 'Asia/Seoul'))[1]).toContain('2026-11-22 03:00  19 h ago  11:14')
    expect(linesOf(PAST, timesAt(at(HOUR), 'America/St_Johns'))[1]).toContain(
      '2026-11-21 14:30  19 h ago  22:44'
    )
  })

  test('without a known workflow, it says which inputs roll back', () => {
    expect(linesOf(PAST).slice(-2)).toEqual([
      '● is live now.',
      'To roll back, run `command: rollback` with a commit, `previous`, or a deployment ID. A row whose bundle is gone cannot be rolled back to.'
    ])
  })

  test('deployments of others are rows like any other', () => {
    const told = linesOf([PIPELINE, GITHUB, RESTART]).map((line) => line.trim())
    expect(told[2]).toBe(
      `not deployed by this action · roll back by its deployment ID · s3://pipeline/${S3_KEY}`
    )
    expect(told[4]).toBe('not in S3 · not deployed by this action · a/b@bbbbbbbb')
    expect(told[6]).toBe('restart · no revision named')
  })

  test('says so when it is empty', () => {
    expect(linesOf([])).toEqual(['This group has no deployments yet.'])
  })

  test('fits 120 cells, and its columns align, whatever the names', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...NASTY_SUBJECTS)), (text) => {
        const lines = linesOf([
          row(),
          row({
            subject: text,
            who: text,
            status: text,
            deploymentId: text,
            creator: text,
            rollbackOf: text,
            rolledBackBy: text
          })
        ])
        const [, one = '', , other = ''] = lines
        const upTo = (line: string): number => displayWidth(line.slice(0, line.indexOf('2026-11-22 12:00')))
        expect(upTo(other)).toBe(upTo(one))
        expect(Math.max(...lines.slice(0, 5).map(displayWidth))).toBeLessThanOrEqual(120)
        expect(lines.every((line) => !line.trimStart().startsWith('::') && !line.includes('\n'))).toBe(true)
      }),
      { numRuns: 100 }
    )
  })
})

describe('the history in the summary', () => {
  test('three columns: what decides first, links to commit, run and deployment', () => {
    const rows = [row({ ...PAST[0], runId: '7000000004' }), ...PAST.slice(1)]
    const cells = tableOf(historySummary(rows, listed()))
    expect(cells[0]).toBe(
      '| Revision,\u00a0when\u00a0and\u00a0by\u00a0whom | Started\u00a0→\u00a0completed | Deployment |'
    )
    expect(cells[2]?.replace(/\u00a0/g, ' ').replace(/\u2011/g, '-')).toBe(
      '| 🟢 <b>live, rollback of d-BAD000000</b>' +
        `<br>[<code>aaaaaaaa</code>](https://github.com/festabook/server/commit/${NEW}) 축제 지도 수정` +
        '<br>19 h ago by mina · [run](https://github.com/festabook/server/actions/runs/7000000004)' +
        ' | 2026-11-21 18:00<br>→ 11-22 02:14 · took 8 h 14 min' +
        ' | ✅ [d-AAAAAAAAA](https://ap-northeast-2.console.aws.amazon.com/codesuite/codedeploy/deployments/d-AAAAAAAAA?region=ap-northeast-2)' +
        '<br>traffic after 3 min 12 s |'
    )
    expect(cells[3]).toContain('❌ <b>Failed, bundle gone, rolled back by d-AAAAAAAAA</b><br>')
    expect(cells[4]?.replace(/\u00a0/g, ' ')).toContain('<br>1 h 00 min so far |')
  })

  test('names the zone once', () => {
    const text = historySummary(PAST, listed(timesAt(at(HOUR), 'Pacific/Chatham')))
    expect(text.match(/Chatham/g)).toHaveLength(1)
    expect(text).toContain('<sub>All times are in Pacific/Chatham (now UTC+13:45).</sub>')
  })

  test('without a repository, there are no links to it', () => {
    const text = historySummary([row({ runId: '7' })], listed({ repository: undefined }))
    expect(text).toContain('<br>1 h ago by mina |')
    expect(text).toContain('<code>aaaaaaaa</code> &#91;BE&#93; DEV -&#62; PROD merge')
  })

  test('says so when it is empty', () => {
    expect(historySummary([], listed())).toBe(
      '## Deployments of festabook/production\n\nThis group has no deployments yet.\n'
    )
  })

  test('ten thousand rows still fit', () => {
    const rows = Array.from({ length: 10_000 }, (_, n) => {
      const commit = String(n).padStart(40, '0')
      return row({ deploymentId: `d-${n}`, commit, subject: '|'.repeat(300), runId: '7000000004' })
    })
    const text = historySummary(rows, listed({ workflow }))
    expect(Buffer.byteLength(text)).toBeLessThan(MIB)
    expect(text).toContain('9500 older deployments are not shown here')
    expect(text.match(/^gh workflow run/gm)).toHaveLength(50)
  })

  test('no name breaks the table', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...NASTY_SUBJECTS)), (text) => {
        const rows = [row(), row({ subject: text, who: text, status: text, runId: text })]
        const names = { application: text, group: text, workflow: { repository, file: `${text}.yml` } }
        expect(tableOf(historySummary(rows, listed(names))).map(pipes)).toEqual([4, 4, 4, 4])
      }),
      { numRuns: 100 }
    )
  })
})

describe('the way back', () => {
  const lineOf = (rows: readonly HistoryRow[], over: Partial<Listed> = {}): string[] =>
    historySummary(rows, listed({ workflow, ...over }))
      .split('\n')
      .filter((line) => line.startsWith('gh '))

  const older = row({ deploymentId: 'd-OLD000000', commit: OLD, startedAt: at(-5 * HOUR) })

  test('each revision that can be gone back to has its line, and the page of the workflow is linked', () => {
    const rows = [row({ live: true }), older, row({ deploymentId: 'd-AGAIN0000' }), PIPELINE, GITHUB]
    expect(lineOf(rows)).toEqual([
      `gh workflow run rollback.yml --repo festabook/server -f commit=${OLD}`,
      'gh workflow run rollback.yml --repo festabook/server -f commit=d-PIPELINE0'
    ])
    const text = historySummary(rows, listed({ workflow }))
    expect(text).toContain(
      '[Start <code>rollback.yml</code>](https://github.com/festabook/server/actions/workflows/rollback.yml) with a commit'
    )
    expect(text).toContain('<details><summary>2 lines to copy</summary>')
    expect(text).toContain('<code>bbbbbbbb</code> &#91;BE&#93; DEV -&#62; PROD merge, 6 h ago\n```sh\ngh ')
  })

  test.each<[string, Partial<HistoryRow>]>([
    ['is gone', { available: false }],
    ['never served', { served: false }],
    ['is live', { live: true }]
  ])('a revision that %s has none', (_, over) => {
    expect(lineOf([row({ ...older, ...over })])).toEqual([])
    expect(historySummary([row({ ...older, ...over })], listed({ workflow }))).not.toContain('to copy')
  })

  test('another bundle of the same commit is named by its deployment', () => {
    const rebuilt = row({
      ...older,
      deploymentId: 'd-NEWER0000',
      revision: { ...stored(OLD), key: `codedeploy/shop/${OLD}-ffffffffffff.zip` }
    })
    expect(lineOf([rebuilt, older]).map((line) => line.split('commit=')[1])).toEqual([OLD, 'd-OLD000000'])
    expect(linesOf([rebuilt, older])[4]).toContain('roll back by its deployment ID')
  })

  test('a bundle that could not be checked may be there', () => {
    expect(lineOf([row({ ...older, available: 'unknown' })])).toHaveLength(1)
  })

  test.each([
    ['rollback.yml', 'https://github.com', 'rollback.yml --repo festabook/server'],
    ['rollback.yml', 'https://git.example.com', 'rollback.yml --repo git.example.com/festabook/server'],
    ['roll back; rm -rf ~.yml', 'https://github.com', "'roll back; rm -rf ~.yml' --repo festabook/server"],
    ["it's.yaml", 'https://github.com', "'it'\\''s.yaml' --repo festabook/server"],
    ['$(id)`id`.yml', 'https://github.com', "'$(id)`id`.yml' --repo festabook/server"]
  ])('the workflow %s on %s', (file, serverUrl, expected) => {
    const of = { repository: { ...repository, serverUrl }, file }
    expect(dispatchCommand(of, 'previous')).toBe(`gh workflow run ${expected} -f commit=previous`)
  })

  test('the name of a workflow cannot leave its link or its code block', () => {
    const of = { repository, file: '](https:%x)```<b>.yml' }
    const text = historySummary([older], listed({ workflow: of }))
    expect(text).toContain(
      'https://github.com/festabook/server/actions/workflows/%5D(https%3A%25x)%60%60%60%3Cb%3E.yml'.replace(
        /[()]/g,
        (sign) => (sign === '(' ? '%28' : '%29')
      )
    )
    expect(text).toContain('````sh\n')
    expect(text).not.toContain('<b>.yml</code>')
  })
})
