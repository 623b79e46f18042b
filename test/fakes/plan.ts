import type { Plan } from '../../src/domain/plan.js'
import type { PlanPage } from '../../src/report/plan.js'
import { at } from './clock.js'
import { deployment, group, sha } from './nouns.js'
import { UTC } from './times.js'

/** A plan with nothing in its way: two files change on two instances. */
export const plan = (members: Partial<Plan> = {}): Plan => ({
  tree: { kind: 'merge', commit: sha('c'), head: sha('b'), baseRef: 'main' },
  bundle: { files: 41, bytes: 1_300_000, findings: [] },
  group: group(),
  live: {
    kind: 'commit',
    deployment: deployment({ status: 'Succeeded' }),
    instances: ['i-1', 'i-2'],
    evidence: { from: 'load-balancer' }
  },
  shipment: {
    value: {
      from: sha('a'),
      to: sha('c'),
      commits: [{ sha: sha('b'), subject: 'Sell tickets for the second day', author: 'kim' }],
      total: 1,
      lost: 0,
      files: [{ path: 'server/tickets.js', change: 'changed' }],
      isWhole: true
    }
  },
  servers: {
    value: {
      added: ['server/second-day.js'],
      changed: ['server/tickets.js'],
      removed: [],
      modeChanged: [],
      hooks: [],
      live: { files: 40, bytes: 1_200_000 }
    }
  },
  expected: { toTrafficMs: 250_000, toEndMs: 3_900_000, count: 5 },
  obstacles: [],
  gaps: [],
  ...members
})

export const planPage = (members: Partial<PlanPage> = {}): PlanPage => ({
  now: at(0),
  zone: UTC,
  repository: { serverUrl: 'https://github.com', name: 'org/app' },
  runId: '7',
  ...members
})
