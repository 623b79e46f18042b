import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { parseMarker, writeMarker } from '../../src/domain/comment-marker.js'
import { githubError } from '../../src/domain/github.js'
import { stickyComment, type Sticky } from '../../src/steps/sticky-comment.js'
import { fated, KILLED, memoryGitHub, type Fate, type MemoryGitHub } from '../fakes/github.js'

const sticky = (run: number, more: Partial<Sticky> = {}): Sticky => ({
  ...{ issue: 12, key: 'preview', head: 'a'.repeat(40), run: String(run), attempt: '1', text: `Run ${run}` },
  ...more
})
const bodyOf = (wanted: Sticky): string => `${writeMarker(wanted)}\n${wanted.text}`
const bodies = ({ comments }: MemoryGitHub): string[] => comments.map(({ body }) => body)

describe('a sticky comment', () => {
  test('is created once and then updated in place', async () => {
    const github = memoryGitHub()
    const client = github.client()
    const first = await stickyComment(sticky(1), client)
    const second = await stickyComment(sticky(2), client)
    expect([first.did, second.did]).toEqual(['created', 'updated'])
    expect(second.url).toBe(first.url)
    expect(bodies(github)).toEqual([bodyOf(sticky(2))])
  })

  test('is not written again if it says the same already', async () => {
    const github = memoryGitHub()
    const calls: string[] = []
    const client = github.client((call, work) => (calls.push(call), work()))
    await stickyComment(sticky(1), client)
    calls.length = 0
    expect((await stickyComment(sticky(1), client)).did).toBe('unchanged')
    expect(calls).toEqual(['comments'])
  })

  test('of a newer run stays; a later step or attempt of the same run replaces it', async () => {
    const github = memoryGitHub()
    const client = github.client()
    const texts = [
      sticky(10),
      sticky(9, { attempt: '3' }),
      sticky(10, { text: 'later' }),
      sticky(10, { attempt: '2' }),
      sticky(10)
    ]
    const did: string[] = []
    for (const text of texts) did.push((await stickyComment(text, client)).did)
    expect(did).toEqual(['created', 'newer', 'updated', 'updated', 'newer'])
    expect(bodies(github)).toEqual([bodyOf(sticky(10, { attempt: '2' }))])
  })

  test('leaves alone those of others with the same marker, and own ones with another key or none', async () => {
    const github = memoryGitHub()
    github.foreign(bodyOf(sticky(99)))
    const client = github.client()
    await client.createComment(12, bodyOf(sticky(99, { key: 'other' })))
    await client.createComment(12, `Quoted:\n${bodyOf(sticky(99))}`)
    const before = bodies(github)
    expect((await stickyComment(sticky(1), client)).did).toBe('created')
    expect(bodies(github)).toEqual([...before, bodyOf(sticky(1))])
  })

  test('is the oldest of several; the others are deleted', async () => {
    const github = memoryGitHub()
    const client = github.client()
    for (const run of [1, 2, 3]) await client.createComment(12, bodyOf(sticky(run)))
    expect(await stickyComment(sticky(4), client)).toMatchObject({ did: 'updated' })
    expect(github.comments).toMatchObject([{ id: 1, body: bodyOf(sticky(4)) }])
  })

  test('keeps what a newer run wrote into a second one before it died', async () => {
    const github = memoryGitHub()
    const client = github.client()
    for (const run of [1, 9]) await client.createComment(12, bodyOf(sticky(run)))
    expect(await stickyComment(sticky(4), client)).toMatchObject({ did: 'newer' })
    expect(github.comments).toMatchObject([{ id: 1, body: bodyOf(sticky(9)) }])
  })

  test('that another run created at the same time is updated, and the own one is deleted', async () => {
    const github = memoryGitHub()
    const other = github.client()
    const client = github.client(async (call, work) => {
      if (call === 'createComment') await other.createComment(12, bodyOf(sticky(1)))
      return work()
    })
    expect(await stickyComment(sticky(2), client)).toMatchObject({ did: 'updated' })
    expect(github.comments).toMatchObject([{ id: 1, body: bodyOf(sticky(2)) }])
  })

  test('that somebody deletes meanwhile is created again', async () => {
    const github = memoryGitHub()
    await stickyComment(sticky(1), github.client())
    let isDeleted = false
    const client = github.client((call, work) => {
      if (call === 'updateComment' && !isDeleted) github.comments.length = 0
      isDeleted ||= call === 'updateComment'
      return work()
    })
    expect(await stickyComment(sticky(2), client)).toMatchObject({ did: 'created' })
    expect(bodies(github)).toEqual([bodyOf(sticky(2))])
  })

  test.each<[Fate, string]>([
    ['lost-before', 'created'],
    ['lost-after', 'unchanged']
  ])('whose creation has no answer (%s) is looked for first', async (fate, did) => {
    const github = memoryGitHub()
    const client = github.client(fated({ 1: fate }, () => Promise.resolve()))
    expect(await stickyComment(sticky(1), client)).toMatchObject({ did })
    expect(bodies(github)).toEqual([bodyOf(sticky(1))])
  })

  test('is created once although the list does not show it yet', async () => {
    const github = memoryGitHub()
    const client = github.client((call, work) => (call === 'comments' ? Promise.resolve([]) : work()))
    expect(await stickyComment(sticky(1), client)).toMatchObject({ did: 'created' })
    expect(bodies(github)).toEqual([bodyOf(sticky(1))])
  })

  test('is given up after five lost creations, and at once after a refusal', async () => {
    const failing = (error: Error) => {
      let count = 0
      const client = memoryGitHub().client((call, work) =>
        call === 'createComment' ? (count++, Promise.reject(error)) : work()
      )
      return { client, count: () => count }
    }
    const lost = failing(githubError('unavailable', 'lost'))
    await expect(stickyComment(sticky(1), lost.client)).rejects.toMatchObject({ kind: 'unavailable' })
    const denied = failing(githubError('denied', 'no', { permission: 'pull-requests: write' }))
    await expect(stickyComment(sticky(1), denied.client)).rejects.toMatchObject({ kind: 'denied' })
    const gone = failing(githubError('gone', 'no such pull request'))
    await expect(stickyComment(sticky(1), gone.client)).rejects.toMatchObject({ kind: 'gone' })
    expect([lost.count(), denied.count(), gone.count()]).toEqual([5, 1, 1])
  })

  test('that is too long is refused before any call', async () => {
    const client = memoryGitHub().client(() => Promise.reject(new Error('called')))
    await expect(stickyComment(sticky(1, { text: 'x'.repeat(65_536) }), client)).rejects.toThrow(
      'It must be cut to'
    )
  })
})

// Several runs at once, in any order of their requests and answers, killed at any of them, with answers lost.

const fates = (kinds: readonly Fate[]) =>
  fc.dictionary(fc.nat(5).map(String), fc.constantFrom(...kinds), { maxKeys: 2 })
const ANY: readonly Fate[] = ['killed-before', 'killed-after', 'lost-before', 'lost-after']

const alive = (work: Promise<unknown>): Promise<unknown> =>
  work.catch((error: unknown) => {
    if (error !== KILLED) throw error
  })

const ownOnes = ({ comments }: MemoryGitHub) => comments.filter(({ isOwn }) => isOwn)

describe('whatever happens', () => {
  const copied = bodyOf(sticky(99))

  test('runs at once leave one comment', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.integer({ min: 2, max: 4 }), async (scheduler, count) => {
        const github = memoryGitHub()
        github.foreign(copied)
        const runs = Array.from({ length: count }, (_, at) =>
          stickyComment(
            sticky(at + 1),
            github.client(fated({}, (label) => scheduler.schedule(Promise.resolve(), label)))
          )
        )
        await scheduler.waitFor(Promise.all(runs))
        expect(ownOnes(github)).toHaveLength(1)
        expect(github.comments[0]?.body).toBe(copied)
      })
    )
  })

  test('the next run that gets through leaves one comment with its text', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fates(ANY), { minLength: 1, maxLength: 4 }),
        async (scheduler, all) => {
          const github = memoryGitHub()
          github.foreign(copied)
          const runs = all.map((one, at) =>
            alive(
              stickyComment(
                sticky(at + 1),
                github.client(fated(one, (label) => scheduler.schedule(Promise.resolve(), label)))
              )
            )
          )
          await scheduler.waitFor(Promise.all(runs))
          await stickyComment(sticky(50), github.client())
          expect(ownOnes(github).map(({ body }) => body)).toEqual([bodyOf(sticky(50))])
          expect(github.comments[0]?.body).toBe(copied)
        }
      )
    )
  })

  test('one after another, no run replaces what a newer one has written', async () => {
    const run = fc.tuple(fc.integer({ min: 1, max: 9 }), fates(ANY))
    await fc.assert(
      fc.asyncProperty(fc.array(run, { minLength: 1, maxLength: 6 }), async (all) => {
        const github = memoryGitHub()
        let newest = 0
        for (const [number, one] of all) {
          await alive(stickyComment(sticky(number), github.client(fated(one, () => Promise.resolve()))))
          const shown = ownOnes(github).map(({ body }) => Number(parseMarker(body)?.run))
          expect(Math.max(0, ...shown)).toBeGreaterThanOrEqual(newest)
          newest = Math.max(0, ...shown)
        }
      })
    )
  })
})
