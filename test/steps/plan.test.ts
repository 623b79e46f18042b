import { describe, expect, test } from '@jest/globals'
import { contentHash, type HashedEntry } from '../../src/domain/content-hash.js'
import { type Manifest, manifestKey, writeManifest } from '../../src/domain/manifest.js'
import type { ProposedTree } from '../../src/domain/pull-request.js'
import { EMPTY_RECORD, withRollback, withUndone, writeRecord } from '../../src/domain/record.js'
import type { Comparison, Tree } from '../../src/github-port.js'
import { readPlan, type PlanSources } from '../../src/steps/plan.js'
import { at, START } from '../fakes/clock.js'
import { historyOf } from '../fakes/history.js'
import { attempt, blocked, deployment, group, served, sha, stored } from '../fakes/nouns.js'
import { memoryManifests } from '../fakes/manifests.js'
import { memoryRecords } from '../fakes/records.js'

const file = (path: string, content = 'a'): HashedEntry => ({
  path,
  kind: 'file',
  mode: 0o644,
  size: 1,
  sha256: content.repeat(64)
})
const manifest = (...entries: HashedEntry[]): Manifest => ({
  contentHash: contentHash(entries),
  size: 100,
  hooks: [],
  entries
})
const LIVE = manifest(file('server.js'), file('old.js'))
const NOW = manifest(file('server.js', 'b'), file('new.js'))
/** Its key names the hash of its tree. */
const RUNNING = {
  ...stored(sha('a')),
  key: `codedeploy/shop/${sha('a')}-${LIVE.contentHash.slice(0, 12)}.zip`
}
const LIVE_KEY = manifestKey(RUNNING.key) ?? ''

const tree: ProposedTree = { kind: 'merge', commit: sha('c'), head: sha('b'), baseRef: 'main' }

const comparison = (members: Partial<Comparison> = {}): Comparison => ({
  status: 'ahead',
  aheadBy: 2,
  behindBy: 0,
  commits: [
    { sha: sha('b'), subject: 'Sell tickets', author: 'kim' },
    { sha: sha('c'), subject: 'Merge b into main' }
  ],
  files: [{ path: 'server.js', status: 'changed' }],
  isWhole: true,
  ...members
})

const trees = (whole = true): ((commit: string) => Promise<Tree>) => {
  const files = {
    [sha('a')]: { 'kept.js': '1', 'server.js': '1', 'old.js': '1' },
    [sha('c')]: { 'kept.js': '1', 'server.js': '2', 'new.js': '1' }
  }
  return (commit) => Promise.resolve({ files: new Map(Object.entries(files[commit] ?? {})), isWhole: whole })
}

interface Scene {
  attempts?: ReturnType<typeof attempt>[]
  compare?: Comparison | Error | undefined
  wholeTrees?: boolean
  sources?: Partial<PlanSources>
  tree?: ProposedTree
  freeze?: Parameters<typeof readPlan>[2]['freeze']
  manifest?: Manifest
  knowsHooks?: boolean
}

const MOVED = [served('i-1'), blocked('i-2')]

const planOf = async (scene: Scene = {}) => {
  const asked: string[] = []
  const history = historyOf(scene.attempts ?? [attempt(60, 'a', { revision: RUNNING }, MOVED)])
  const compared = 'compare' in scene ? scene.compare : comparison()
  const readTree = trees(scene.wholeTrees)
  const plan = await readPlan(
    group(),
    {
      service: history.service,
      health: () => Promise.resolve([{ id: 'i-1', state: 'healthy' }]),
      record: memoryRecords(),
      manifests: memoryManifests({ [LIVE_KEY]: writeManifest(LIVE) }),
      github: {
        compare: (...range) => {
          asked.push(range.map((one) => one.slice(0, 1)).join('...'))
          return compared instanceof Error ? Promise.reject(compared) : Promise.resolve(compared)
        },
        tree: (commit) => {
          asked.push(`tree ${commit.slice(0, 1)}`)
          return readTree(commit)
        }
      },
      ...scene.sources
    },
    {
      tree: scene.tree ?? tree,
      manifest: scene.manifest ?? NOW,
      knowsHooks: scene.knowsHooks ?? true,
      freeze: scene.freeze ?? [],
      now: START
    }
  )
  return { plan, asked }
}

test('a plan compares the live commit, and its manifest, with what is checked out', async () => {
  const { plan, asked } = await planOf()
  expect(plan.live).toMatchObject({ kind: 'commit', instances: ['i-1'] })
  expect(plan.servers).toMatchObject({
    value: { added: ['new.js'], changed: ['server.js'], removed: ['old.js'], live: { files: 2, bytes: 2 } }
  })
  expect(plan.expected).toMatchObject({ count: 1 })
  expect([plan.obstacles, plan.gaps]).toEqual([[], []])
  expect(asked).toEqual(['a...c'])
})

describe('what ships', () => {
  test('the test merge itself is not a commit that anybody wrote', async () => {
    const { plan } = await planOf()
    expect(plan.shipment).toEqual({
      value: {
        from: sha('a'),
        to: sha('c'),
        commits: [{ sha: sha('b'), subject: 'Sell tickets', author: 'kim' }],
        total: 1,
        lost: 0,
        files: [{ path: 'server.js', change: 'changed' }],
        isWhole: true
      }
    })
  })

  test('a merge commit that somebody checked out as the head counts', async () => {
    const { plan } = await planOf({ tree: { ...tree, kind: 'head' } })
    expect(plan.shipment).toMatchObject({ value: { total: 2 } })
  })

  test.each<[string, Partial<Comparison>]>([
    ['there may be more than GitHub lists', { isWhole: false }],
    ['the live commit has what this tree lacks', { status: 'diverged', behindBy: 3 }],
    ['the tree is older', { status: 'behind', aheadBy: 0, behindBy: 3, commits: [], files: [] }]
  ])('the trees are compared when %s', async (_, members) => {
    const { plan, asked } = await planOf({ compare: comparison(members) })
    expect(asked).toEqual(['a...c', 'tree a', 'tree c'])
    expect(plan.shipment).toMatchObject({
      value: {
        lost: members.behindBy ?? 0,
        isWhole: true,
        files: [
          { path: 'server.js', change: 'changed' },
          { path: 'new.js', change: 'added' },
          { path: 'old.js', change: 'removed' }
        ]
      }
    })
  })

  test('a tree that GitHub cuts is not whole', async () => {
    const { plan } = await planOf({ compare: comparison({ isWhole: false }), wholeTrees: false })
    expect(plan.shipment).toMatchObject({ value: { isWhole: false } })
  })

  test('without the trees, what the comparison lists is shown as a part', async () => {
    const { plan } = await planOf({
      sources: {
        github: {
          compare: () => Promise.resolve(comparison({ isWhole: false })),
          tree: () => Promise.resolve(undefined)
        }
      }
    })
    expect(plan.shipment).toMatchObject({ value: { isWhole: false, files: [{ path: 'server.js' }] } })
  })

  test.each<[string, Scene, RegExp]>([
    ['there is no token', { sources: { github: undefined } }, /no `github-token`/],
    ['GitHub does not answer', { compare: new Error('socket hang up') }, /socket hang up/],
    ['the live commit is gone', { compare: undefined }, /does not know `aaaaaaaa` and `cccccccc`/],
    ['the checked-out commit is unknown', { tree: { ...tree, commit: '' } }, /which commit the workspace/],
    ['nothing is live', { attempts: [] }, /not one commit that this action has deployed/]
  ])('is not known when %s', async (_, scene, why) => {
    const { plan } = await planOf(scene)
    expect('unknown' in plan.shipment ? plan.shipment.unknown : '').toMatch(why)
  })
})

describe('what changes on the servers', () => {
  test('is not known without the manifest of what is live, and says why', async () => {
    const { plan } = await planOf({
      sources: { manifests: memoryManifests() }
    })
    expect(plan.servers).toEqual({
      unknown: `s3://bundles/${LIVE_KEY} does not exist; bundles that an older version of this action stored have no manifest.`
    })
  })

  test('is not known of a bundle that cannot be read', async () => {
    const { plan } = await planOf({ manifest: manifest() })
    expect(plan.servers).toEqual({ unknown: 'the bundle cannot be read.' })
  })

  test('says nothing of hooks when the AppSpec has mistakes', async () => {
    const hooks = [{ event: 'ValidateService', script: 'new.js' }]
    const hooksOf = async (knowsHooks: boolean) => {
      const { plan } = await planOf({ manifest: { ...NOW, hooks }, knowsHooks })
      return 'value' in plan.servers ? plan.servers.value.hooks.length : undefined
    }
    expect([await hooksOf(true), await hooksOf(false)]).toEqual([1, 0])
  })

  test('is not known when no single revision is live', async () => {
    const { plan } = await planOf({ attempts: [] })
    expect(plan.servers).toEqual({ unknown: 'it is not one known revision that is live.' })
  })
})

describe('what keeps a deploy from starting', () => {
  const kim = { at: at(0).toISOString(), by: 'kim', run: '6', reason: 'broken' }

  test('a deployment that is running, with its instances', async () => {
    const { plan } = await planOf({
      attempts: [
        attempt(1, 'b', { status: 'InProgress' }, [served('i-9')]),
        attempt(60, 'a', { revision: RUNNING }, MOVED)
      ]
    })
    expect(plan.obstacles).toMatchObject([
      { kind: 'holder', deployment: { id: 'd-B1' }, targets: [{ id: 'i-9' }] }
    ])
  })

  test('a hold, a freeze, and files that were rolled back', async () => {
    const undone = deployment({
      id: 'd-BAD',
      revision: {
        ...stored(sha('d')),
        key: `codedeploy/shop/${sha('d')}-${NOW.contentHash.slice(0, 12)}.zip`
      }
    })
    const record = withUndone(undone, kim)(withRollback({ ...kim, to: sha('a') }, true)(EMPTY_RECORD))
    const { plan } = await planOf({
      sources: { record: memoryRecords(writeRecord(record)) },
      freeze: [{ from: START - 1, until: START + 1, reason: 'Festival' }]
    })
    expect(plan.obstacles).toMatchObject([
      { kind: 'hold', hold: { by: 'kim' } },
      { kind: 'frozen', window: { reason: 'Festival' } },
      { kind: 'undone', undone: { deployment: 'd-BAD' } }
    ])
  })

  test('a record that cannot be read is a gap, not a failure', async () => {
    const record = memoryRecords()
    record.failing.read = new Error('connection lost')
    const { plan } = await planOf({ sources: { record } })
    expect(plan.gaps).toEqual([
      'Whether the group is on hold is not known: s3://bundles/codedeploy/shop/groups/web.json cannot be read: connection lost'
    ])
  })
})
