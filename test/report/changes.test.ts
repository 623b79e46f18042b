import { describe, expect, test } from '@jest/globals'
import type { BundleChanges } from '../../src/domain/manifest.js'
import {
  changeBlocks,
  goingBackBlocks,
  goingBackLines,
  listedBlocks,
  type ListedChange,
  listedLines
} from '../../src/report/changes.js'
import type { RollbackDone } from '../../src/report/rollback.js'
import { rollbackSummary } from '../../src/report/summary.js'
import { sha } from '../fakes/nouns.js'
import { NASTY_SUBJECTS } from '../fakes/subjects.js'
import { HOSTILE, markup } from '../hostile/text.js'

const changes = (members: Partial<BundleChanges> = {}): BundleChanges => ({
  ...{ added: [], changed: [], removed: [], modeChanged: [], hooks: [] },
  ...members
})
const names = (count: number, letter: string): string[] =>
  Array.from({ length: count }, (_, at) => `${letter}/${at}`)

const SOME = changes({
  added: ['new.txt'],
  changed: ['server.js'],
  removed: ['old.txt'],
  modeChanged: ['run.sh'],
  hooks: [{ event: 'ValidateService', script: 'scripts/validate.sh', change: 'changed' }]
})
const COUNTS =
  '1 added, 1 changed, 1 removed, 1 with another mode; hooks: scripts/validate.sh (ValidateService) changed'

describe('what going back changes', () => {
  test('is a line of counts and hooks in the log, and a line for each path', () => {
    expect(goingBackLines({ value: SOME })).toEqual([
      `Going back changes on the servers: ${COUNTS}`,
      '  + new.txt',
      '  ~ server.js',
      '  − old.txt',
      '  mode run.sh'
    ])
  })

  test('names at most 20 paths and five hooks in the log, and counts the others', () => {
    const hooks = names(8, 's').map((script) => ({ event: 'AfterInstall', script, change: 'added' as const }))
    const lines = goingBackLines({ value: changes({ added: names(1_500, 'a'), hooks }) })
    expect(lines).toHaveLength(22)
    expect(lines[0]).toMatch(
      /hooks: s\/0 \(AfterInstall\) added, .*s\/4 \(AfterInstall\) added, … and 3 more$/
    )
    expect(lines.at(-1)).toBe('  … and 1,480 more')
  })

  test.each([
    [
      'the same files',
      { value: changes() },
      'Going back changes nothing on the servers: both bundles have the same files.'
    ],
    [
      'a target that serves already',
      { alreadyOn: sha('a') },
      'Going back changes nothing on the servers that have the traffic: they run aaaaaaaa already.'
    ],
    [
      'nothing known',
      { unknown: 'S3 did not answer within 5 s.' },
      'What going back changes on the servers is not known: S3 did not answer within 5 s.'
    ]
  ])('is one sentence for %s', (_, back, sentence) => {
    expect(goingBackLines(back)).toEqual([sentence])
    expect(goingBackBlocks(back)).toEqual([sentence])
  })

  test('is folded in the summary of a rollback, before its figures', () => {
    const done: RollbackDone = {
      way: 'redeploy',
      ...{ commit: sha('a'), application: 'shop', group: 'web', tookMs: 1 },
      changes: { value: SOME }
    }
    const text = rollbackSummary(done)
    expect(text).toContain(
      '<details><summary>What going back changes on the servers: 1 added, 1 changed, 1 removed, 1 with another mode</summary>\n\nThe scripts of hooks change:\n\n- `scripts/validate.sh` (ValidateService) has changed'
    )
    expect(text).toContain('- `+ new.txt`\n- `~ server.js`\n- `− old.txt`\n- `mode run.sh`')
    expect(rollbackSummary({ ...done, changes: undefined })).not.toContain('going back')
  })
})

describe('what going back to the rows of a list would change', () => {
  const row = (way: string, found: ListedChange['changes']): ListedChange => ({
    ...{ way, name: way },
    changes: found
  })

  test('is a line for each', () => {
    const all = [
      row('aaaaaaaa', { value: SOME }),
      row('d-B', { value: changes() }),
      row('c', { unknown: 'lost.' })
    ]
    expect(listedLines(all)).toEqual([
      'What a rollback would change on the servers:',
      `  aaaaaaaa  ${COUNTS}`,
      '  d-B       nothing, the files are the same',
      '  c         not known: lost.'
    ])
    expect(listedBlocks(all)).toEqual([
      `What a rollback would change on the servers:\n\n- \`aaaaaaaa\` ${COUNTS}\n- \`d-B\` nothing, the files are the same\n- \`c\` not known: lost.`
    ])
  })

  test('is one sentence when it is not known for one reason, and nothing without rows', () => {
    const all = [row('a', { unknown: 'lost.' }), row('b', { unknown: 'lost.' })]
    const sentence = 'What a rollback would change on the servers is not known: lost.'
    expect([listedLines(all), listedBlocks(all)]).toEqual([[sentence], [sentence]])
    expect([listedLines([]), listedBlocks([])]).toEqual([[], []])
  })
})

describe('foreign names', () => {
  const nasty = [...NASTY_SUBJECTS, ...HOSTILE.split('\n'), HOSTILE, '`` ` ``', '</details>', '::error::x']
  const all = changes({
    added: nasty,
    hooks: nasty.map((script) => ({ event: script, script, change: 'removed' }))
  })
  const reasons = nasty.map((unknown, at) => ({ way: `${at}`, name: unknown, changes: { unknown } }))

  test('are one harmless line each in the log', () => {
    const lines = nasty.flatMap((name) => [
      ...goingBackLines({ value: changes({ changed: [name], hooks: all.hooks.slice(0, 1) }) }),
      ...goingBackLines({ unknown: name }),
      ...goingBackLines({ alreadyOn: name })
    ])
    for (const line of [...lines, ...listedLines(reasons)]) {
      expect(line).not.toMatch(/^\s*::|##\[/)
      // eslint-disable-next-line no-control-regex -- what a terminal would act on
      expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
    }
  })

  test('are no markup in the summary and in a comment', () => {
    const blocks = [
      ...changeBlocks(all, 1_000),
      ...listedBlocks(reasons),
      ...nasty.flatMap((name) => goingBackBlocks({ unknown: name }))
    ]
    for (const block of blocks) {
      const outside = block
        .replace(/<\/?(details|summary)>/g, '')
        .replace(/(`+)(?!`)[^\n]*?(?<!`)\1(?!`)/g, '')
      expect(markup(outside)).toEqual([])
      expect(outside).not.toMatch(/[@#](?!&#8203;|\d+;)\w/)
    }
  })
})
