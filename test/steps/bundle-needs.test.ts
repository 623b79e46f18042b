import { describe, expect, test } from '@jest/globals'
import type { Deployment, DeploymentFilter } from '../../src/domain/deployment.js'
import type { DeploymentGroup } from '../../src/domain/group.js'
import type { CodeDeploy } from '../../src/ports.js'
import { bundleNeeds } from '../../src/steps/bundle-needs.js'
import { at } from '../fakes/clock.js'
import { deployment, group as anyGroup, served, sha, stored } from '../fakes/nouns.js'

/** Deployments of bundles, the oldest first: each letter is a commit. */
const past = (letters: string, { group: name = 'web' }: { group?: string } = {}): Deployment[] =>
  letters.split('').map((letter, index) =>
    deployment({
      ...{ id: `d-${name}${index}`, group: name, status: 'Succeeded', createdAt: at(index * 1000) },
      revision: stored(sha(letter))
    })
  )

/** Deployments that run while the groups are read. */
const running = (letter: string): Deployment =>
  deployment({ id: 'd-RUNS', revision: stored(sha(letter)), createdAt: at(900_000), waits: undefined })

const open = (deployments: Deployment[], groups: DeploymentGroup[]) => {
  let lists = 0
  const codeDeploy = {
    group: (_: string, name: string) =>
      Promise.resolve(groups.find((one) => one.name === name) ?? group({ name })),
    deploymentIds: ({ group: name, statuses, since = 0, until = Infinity }: DeploymentFilter) => {
      lists++
      const fits = ({ status, createdAt, group: its }: Deployment): boolean =>
        its === name &&
        (statuses?.includes(status) ?? true) &&
        createdAt.getTime() >= since &&
        createdAt.getTime() <= until
      return Promise.resolve(deployments.filter(fits).map(({ id }) => id))
    },
    deployments: (ids: readonly string[]) =>
      Promise.resolve(deployments.filter(({ id }) => ids.includes(id))),
    targetIds: (id: string) => Promise.resolve(id === 'd-RUNS' ? [] : [`i-${id}`]),
    targets: (id: string) => Promise.resolve([served(`i-${id}`)])
  } as unknown as CodeDeploy
  // Each group has a target group of its own name.
  const health = ([name]: readonly string[]) => {
    const live = deployments.filter((one) => one.group === name && one.status === 'Succeeded').at(-1)
    return Promise.resolve(live === undefined ? [] : [{ id: `i-${live.id}`, state: 'healthy' }])
  }
  const service = { groups: () => Promise.resolve(groups.map(({ name }) => name)) }
  const sources = { service, codeDeploy, live: { service: codeDeploy, health } }
  return { needs: (keep: number) => bundleNeeds('shop', keep, sources), lists: () => lists }
}

/** A group with a target group of its own name. */
const group = ({ name = 'web', ...members }: Partial<DeploymentGroup> = {}): DeploymentGroup =>
  anyGroup({ name, targetGroups: [name], loadBalancers: [name], ...members })

const last = (all: readonly Deployment[]): Partial<DeploymentGroup> => {
  const newest = all.at(-1)
  return newest === undefined
    ? {}
    : { lastSuccessful: { id: newest.id, createdAt: newest.createdAt }, lastAttempted: { id: newest.id } }
}
const letters = (needed: readonly { kind: string }[]): string =>
  [...new Set(needed.map((one) => /shop\/(.)/.exec((one as { key?: string }).key ?? '')?.[1] ?? '?'))]
    .sort()
    .join('')

describe('what a group needs of the bundles', () => {
  test('is the newest different ones, however often the last was deployed', async () => {
    const all = past('abcddd')
    const { needs } = open(all, [group({ ...last(all) })])
    expect(letters(await needs(3)())).toBe('bcd')
    expect(letters(await needs(1)())).toBe('d')
  })

  test('has those of a running deployment, which may bring back an old one', async () => {
    const all = past('abcd')
    const { needs } = open([running('a'), ...all], [group({ ...last(all) })])
    expect(letters(await needs(1)())).toBe('ad')
  })

  test('has those of every group of the application', async () => {
    const all = past('abcd')
    const other = past('f', { group: 'api' })
    const { needs } = open(
      [...other, ...all],
      [group({ ...last(all) }), group({ name: 'api', ...last(other) })]
    )
    expect(letters(await needs(1)())).toContain('f')
  })

  test('is read again only when a group or what runs on it has changed', async () => {
    const all = past('abcd')
    const groups = [group({ ...last(all) })]
    const { needs, lists } = open(all, groups)
    const read = needs(1)
    await read()
    const before = lists()
    await read()
    expect(lists() - before).toBe(1)
    all.unshift(running('a'))
    expect(letters(await read())).toContain('a')
  })

  test('is nothing for a group that was never deployed to', async () => {
    const { needs } = open([], [group()])
    expect(await needs(3)()).toEqual([])
  })
})

describe('nothing is deleted', () => {
  test('when the last success is not shown, since its bundle could be any', async () => {
    const { needs } = open(
      [],
      [group({ lastSuccessful: { id: 'd-GONE', createdAt: at(0) }, lastAttempted: { id: 'd-GONE' } })]
    )
    await expect(needs(1)()).rejects.toThrow(/nothing more is deleted/)
  })
})
