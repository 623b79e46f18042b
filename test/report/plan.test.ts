import { describe, expect, test } from '@jest/globals'
import type { Plan, ServerChanges, Shipment } from '../../src/domain/plan.js'
import { planComment } from '../../src/report/plan.js'
import { planLines } from '../../src/report/plan-words.js'
import { at } from '../fakes/clock.js'
import { deployment, group, sha, waits } from '../fakes/nouns.js'
import { plan, planPage } from '../fakes/plan.js'
import { NASTY_SUBJECTS } from '../fakes/subjects.js'

const comment = (members: Partial<Plan> = {}): string => planComment(plan(members), planPage())
const shipped = (members: Partial<Shipment>): Pick<Plan, 'shipment'> => ({
  shipment: {
    value: {
      ...('value' in plan().shipment ? (plan().shipment as { value: Shipment }).value : never()),
      ...members
    }
  }
})
const never = (): never => {
  throw new Error('the plan of the fakes has a shipment')
}
const changed = (members: Partial<ServerChanges>): Pick<Plan, 'servers'> => ({
  servers: {
    value: {
      added: [],
      changed: [],
      removed: [],
      modeChanged: [],
      hooks: [],
      live: { files: 1, bytes: 1 },
      ...members
    }
  }
})

describe('the comment on a pull request', () => {
  test('says what is checked, what is live, what changes, and how long it takes', () => {
    const text = comment()
    for (const part of [
      '### ✅ What merging this deploys to `shop/web`',
      'Checked: `head bbbbbbbb merged into main` · [run](https://github.com/org/app/actions/runs/7)',
      '| **Live&nbsp;now** | `aaaaaaaa` on 2 instances |',
      '| **Bundle** | 41 files, 1.2 MiB (live: 40 files, 1.1 MiB) |',
      'copies `web-asg` (2 instances), moves the traffic (`CodeDeployDefault.AllAtOnce`), and terminates the old instances 8 h later',
      'about 4 min until it serves, 1 h 5 min until it ends (the median of the last 5 deployments)',
      '| **Right&nbsp;now** | nothing keeps a deploy from starting |',
      '#### On the servers: 1 added, 1 changed, 0 removed',
      '- `+ server/second-day.js`\n- `~ server/tickets.js`',
      '#### 1 commit since `aaaaaaaa`',
      `[\`bbbbbbbb\`](https://github.com/org/app/commit/${sha('b')}) \`Sell tickets for the second day\` \`kim\``,
      '| `server` | 0 | 1 | 0 |'
    ])
      expect(text).toContain(part)
  })

  test('says what keeps a deploy from starting', () => {
    const signed = { at: at(0).toISOString(), by: 'kim', run: '6', reason: 'checkout @broken' }
    const text = comment({
      obstacles: [
        { kind: 'hold', hold: signed },
        { kind: 'frozen', window: { from: 0, until: at(3600).getTime(), reason: 'Festival' } },
        { kind: 'holder', deployment: deployment(), targets: [] },
        { kind: 'undone', undone: { ...signed, deployment: 'd-BAD', tree: '0123456789ab' } }
      ]
    })
    expect(text).toContain('⚠️ On hold, so nothing is deployed. Held by kim in run 6')
    expect(text).toContain('@&#8203;broken')
    expect(text).toMatch(/⚠️ Frozen until .* Festival\./)
    expect(text).toContain('⚠️ d-AAAAAAAAA has held shop/web since')
    expect(text).toContain('a deploy of them is refused without `redeploy-undone: true`')
    expect(text).not.toContain('nothing keeps a deploy')
  })

  test.each<[string, Partial<Plan>, string]>([
    [
      'what the bundle changes',
      { servers: { unknown: 'there is no manifest.' } },
      'Not known: there is no manifest.'
    ],
    [
      'the commits',
      { shipment: { unknown: 'GitHub is down.' } },
      '#### Commits\n\nNot known: GitHub is down.'
    ],
    ['how long it takes', { expected: undefined }, 'not known: no earlier deployment of this group'],
    [
      'what is live',
      { live: { kind: 'unknown', reason: 'nobody knows', evidence: { from: 'deployments' } } },
      '| **Live&nbsp;now** | not known, because nobody knows |'
    ],
    [
      'the hold',
      { gaps: ['Whether the group is on hold is not known.'] },
      'Whether the group is on hold is not known.'
    ]
  ])('says what is not known: %s', (_, members, part) => expect(comment(members)).toContain(part))

  test.each<[string, Partial<Plan>, string]>([
    ['nothing changes', changed({}), '#### On the servers: nothing changes\n\nThe bundle has the same files'],
    ['modes', changed({ modeChanged: ['x'] }), '0 removed, 1 with another mode'],
    [
      'hooks',
      changed({ hooks: [{ event: 'ValidateService', script: 'scripts/check.sh', change: 'changed' }] }),
      '- `scripts/check.sh` (ValidateService) has changed'
    ],
    ['commits that would be gone', shipped({ lost: 2 }), '⚠️ 2 commits of what is live are not in this tree'],
    ['older commits', shipped({ total: 250 }), '… and 249 more, older'],
    ['a list of files that GitHub cut', shipped({ isWhole: false }), '1 file or more of the repository'],
    [
      'a refused bundle',
      {
        bundle: {
          files: 1,
          bytes: 1,
          findings: [{ severity: 'error', file: 'appspec.yml', line: 3, message: 'wrong `os`' }]
        }
      },
      '- ❌ `appspec.yml:3` wrong `os`'
    ],
    ['in place', { group: group({ style: 'IN_PLACE' }) }, 'installs in place'],
    [
      'blue kept',
      { group: group({ waits: waits({ blueAction: 'KEEP_ALIVE' }) }) },
      'keeps the old instances'
    ],
    [
      'waits',
      { group: group({ waits: waits({ readyMinutes: 5, terminationMinutes: 0 }) }) },
      ', waits 5 min before the traffic moves, moves the traffic (`CodeDeployDefault.AllAtOnce`), and terminates the old instances at once'
    ],
    [
      'one deployment',
      { expected: { toTrafficMs: 60_000, toEndMs: undefined, count: 1 } },
      'about 1 min until it serves (like the last deployment)'
    ]
  ])('%s', (_, members, part) => expect(comment(members)).toContain(part))

  test('a foreign name is never syntax, a mention or a reference', () => {
    const names = [
      ...NASTY_SUBJECTS,
      '@org/team fixes #1 https://github.com/o/r/issues/2 www.x.io GH-3',
      '`` ` ``',
      'a|b'
    ]
    const text = comment({
      ...shipped({
        commits: names.map((subject) => ({ sha: sha('b'), subject, author: subject })),
        files: names.map((name) => ({ path: `${name}/x/y`, change: 'added' }))
      }),
      ...changed({
        added: names,
        hooks: names.map((script) => ({ event: script, script, change: 'added' }))
      }),
      gaps: names,
      bundle: {
        files: 1,
        bytes: 1,
        findings: names.map((name) => ({ severity: 'warning', file: name, message: name }))
      }
    })
    const outside = text.replace(/(`+)(?!`)[^\n]*?(?<!`)\1(?!`)/g, '')
    expect(outside).not.toMatch(/[@#](?!&#8203;|\d+;|### |## |# )\w/)
    expect(outside).not.toMatch(/<(?!\/?(?:details|summary|sub|br)>)/)
  })

  test('rows are left out and counted until it fits, whatever is in it', () => {
    const many = Array.from({ length: 3_000 }, (_, at) => `${'한글|`<'.repeat(40)}/${at}/file`)
    const text = comment({
      ...changed({
        added: many,
        hooks: many.map((script) => ({ event: 'Install', script, change: 'added' }))
      }),
      ...shipped({
        commits: many.slice(0, 250).map((subject) => ({ sha: sha('b'), subject, author: subject })),
        total: 900,
        files: many.map((path) => ({ path, change: 'added' }))
      })
    })
    expect(text.length).toBeLessThanOrEqual(65_536)
    expect(Buffer.byteLength(text)).toBeLessThan(262_144)
    expect(text).toMatch(/… and [\d,]+ more/)
    expect(text).toContain('3000 added')
    expect(planComment(plan(), planPage(), 65_000).length).toBeLessThan(65_536)
  })
})

test('the plan in the log', () => {
  expect(planLines(plan(), planPage())).toEqual([
    'Plan for shop/web: head bbbbbbbb merged into main',
    'Live now: aaaaaaaa (d-AAAAAAAAA) on 2 instances, according to the load balancer',
    'Bundle: 41 files, 1.2 MiB',
    'On the servers: 1 added, 1 changed, 0 removed',
    'Commits: 1 more than what is live',
    'A deploy copies `web-asg` (2 instances), moves the traffic (`CodeDeployDefault.AllAtOnce`), and terminates the old instances 8 h later.',
    'It takes about 4 min until it serves, 1 h 5 min until it ends (the median of the last 5 deployments).'
  ])
})
