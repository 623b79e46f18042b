import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { githubError } from '../../src/domain/github.js'
import {
  calledRunning,
  endPreview,
  openPreview,
  previewedPulls,
  retirePreviews,
  setPreview
} from '../../src/steps/preview-status.js'
import {
  fated,
  KILLED,
  memoryGitHub,
  type Fate,
  type GitHubWrites,
  type MemoryGitHub
} from '../fakes/github.js'

const head = (letter: string): string => letter.repeat(40)
const SUCCESS = { state: 'success', description: 'Ready', url: 'https://pr.example.com' } as const
const RUNNING = { state: 'in_progress', description: 'Installing' } as const
const CLOSED = { description: 'The pull request was closed.' }

/** What GitHub shows: task, commit and state of each deployment, oldest first. */
const shown = ({ deployments }: MemoryGitHub): string[] =>
  deployments.map(({ task, sha, states }) => `${task} ${sha.slice(0, 1)} ${states.at(-1) ?? '-'}`)

const GROUP = 'shop/web-preview'

const run = async (pull: number, letter: string, client: GitHubWrites, group = GROUP): Promise<void> => {
  const opened = await openPreview({ pull, head: head(letter), group }, client)
  await setPreview(opened, RUNNING, client)
  await setPreview(opened, SUCCESS, client)
}

/** How many states GitHub is asked for while a preview of #12 gets through. */
const statesRead = async (github: MemoryGitHub): Promise<number> => {
  let reads = 0
  const client = github.client((call, work) => {
    if (call === 'deploymentState') reads++
    return work()
  })
  await run(12, 'a', client)
  return reads
}

describe('a preview', () => {
  test('has one deployment for each commit, whatever number of runs shows it', async () => {
    const github = memoryGitHub()
    await run(12, 'a', github.client())
    await run(12, 'a', github.client())
    expect(shown(github)).toEqual(['preview:pr-12 a success'])
    expect(github.deployments).toMatchObject([{ ref: head('a'), payload: { pr: 12, group: GROUP } }])
  })

  test('that succeeds retires the earlier ones of its pull request, and the one whose turn it takes', async () => {
    const github = memoryGitHub()
    await run(6, 'd', github.client(), 'shop/other-preview')
    await run(7, 'a', github.client())
    await run(8, 'b', github.client())
    await run(8, 'c', github.client())
    expect(shown(github)).toEqual([
      'preview:pr-6 d success',
      'preview:pr-7 a inactive',
      'preview:pr-8 b inactive',
      'preview:pr-8 c success'
    ])
    expect(github.deployments[1]?.descriptions.at(-1)).toBe('Another pull request took its turn.')
  })

  test('looks at ten of the other pull requests at most, and leaves those of other tools', async () => {
    const github = memoryGitHub()
    const foreign = [null, undefined, '', 'text', 7, {}, { group: 7 }]
    for (let number = 0; number < 50; number++)
      github.deployments.push({
        ...{ id: number - 100, ref: 'x', sha: 'x', task: `preview:pr-${number + 20}` },
        ...{ payload: number < 40 ? { group: GROUP } : foreign[number - 40], states: ['success'] },
        descriptions: []
      })
    expect(await statesRead(github)).toBe(10)
    expect(
      github.deployments.filter(({ states }) => states.at(-1) === 'inactive').map(({ id }) => id)
    ).toEqual(Array.from({ length: 10 }, (_, at) => at - 70))
  })

  test('that GitHub calls running is found, and can be retired with a reason', async () => {
    const github = memoryGitHub()
    const client = github.client()
    await run(12, 'a', client)
    await setPreview(
      await openPreview({ pull: 12, head: head('b'), group: GROUP }, client),
      { state: 'failure', description: '' },
      client
    )
    expect(await calledRunning({ pull: 12, head: head('a') }, client)).toEqual([])
    const called = await calledRunning({ pull: 12, head: head('b') }, client)
    expect(called.map(({ sha }) => sha)).toEqual([head('a')])
    await retirePreviews(called, 'Another commit runs now.', client)
    expect(shown(github)).toEqual(['preview:pr-12 a inactive', 'preview:pr-12 b failure'])
    expect(github.deployments[0]?.descriptions.at(-1)).toBe('Another commit runs now.')
  })

  test('keeps saying that an earlier one failed, and retires one whose run ended without a word', async () => {
    const github = memoryGitHub()
    const client = github.client()
    for (const [letter, state] of [
      ['a', 'failure'],
      ['b', 'in_progress'],
      ['c', 'error']
    ] as const)
      await setPreview(
        await openPreview({ pull: 12, head: head(letter), group: GROUP }, client),
        { state, description: '' },
        client
      )
    await openPreview({ pull: 12, head: head('d'), group: GROUP }, client)
    await run(12, 'e', client)
    expect(shown(github).map((line) => line.slice(14))).toEqual([
      'a failure',
      'b inactive',
      'c error',
      'd inactive',
      'e success'
    ])
  })

  test('of an older commit that is deployed again takes the place of the newer one, until that succeeds again', async () => {
    const github = memoryGitHub()
    const client = github.client()
    await run(12, 'a', client)
    const newer = await openPreview({ pull: 12, head: head('b'), group: GROUP }, client)
    await setPreview(newer, SUCCESS, client)
    await run(12, 'a', client)
    expect(shown(github).map((line) => line.slice(14))).toEqual(['a inactive', 'b inactive', 'a success'])
    await setPreview(newer, SUCCESS, client)
    expect(shown(github).map((line) => line.slice(14))).toEqual(['a inactive', 'b success', 'a inactive'])
  })

  test('ends with its pull request, once, and starts anew when that is reopened', async () => {
    const github = memoryGitHub()
    const client = github.client()
    await run(12, 'a', client)
    await setPreview(
      await openPreview({ pull: 12, head: head('b'), group: GROUP }, client),
      { state: 'failure', description: '' },
      client
    )
    await run(13, 'a', client, 'shop/other-preview')
    expect(await endPreview(12, CLOSED, client)).toBe(2)
    expect(await endPreview(12, CLOSED, client)).toBe(0)
    expect(shown(github)).toEqual([
      'preview:pr-12 a inactive',
      'preview:pr-12 b inactive',
      'preview:pr-13 a success'
    ])
    await run(12, 'b', client)
    expect(shown(github).at(-1)).toBe('preview:pr-12 b success')
  })

  test('cuts a description to 140 characters', async () => {
    const github = memoryGitHub()
    const client = github.client()
    const opened = await openPreview({ pull: 12, head: head('a'), group: GROUP }, client)
    for (const description of ['🎪'.repeat(140), '🎪'.repeat(141)])
      await setPreview(opened, { state: 'failure', description }, client)
    expect(github.deployments[0]?.descriptions).toEqual(['🎪'.repeat(140), `${'🎪'.repeat(139)}…`])
  })

  test('reads at most 100 earlier ones', async () => {
    const github = memoryGitHub()
    for (let number = 0; number < 150; number++)
      github.deployments.push({
        ...{
          id: -number,
          ref: 'x',
          sha: 'x',
          task: 'preview:pr-12',
          payload: {},
          states: [],
          descriptions: []
        }
      })
    expect(await statesRead(github)).toBe(99)
  })

  test.each<Fate>(['lost-before', 'lost-after'])(
    'whose creation has no answer (%s) is looked for first',
    async (fate) => {
      const github = memoryGitHub()
      await run(12, 'a', github.client(fated({ 1: fate }, () => Promise.resolve())))
      expect(shown(github)).toEqual(['preview:pr-12 a success'])
    }
  )

  test('that may not be created is an error of its caller', async () => {
    const client = memoryGitHub().client((call, work) =>
      call === 'createDeployment'
        ? Promise.reject(githubError('denied', 'no', { permission: 'deployments: write' }))
        : work()
    )
    await expect(openPreview({ pull: 12, head: head('a'), group: GROUP }, client)).rejects.toMatchObject({
      permission: 'deployments: write'
    })
  })
})

test('the pull requests with previews are found by their tasks', async () => {
  const github = memoryGitHub()
  for (const pull of [12, 7, 12]) await openPreview({ pull, head: head('a'), group: GROUP }, github.client())
  github.deployments.push({
    ...github.deployments[0],
    id: 99,
    task: 'preview:pr-0x',
    ref: '',
    sha: '',
    payload: 0,
    states: [],
    descriptions: []
  })
  expect(await previewedPulls(github.client())).toEqual([7, 12])
})

describe('whatever happens', () => {
  const fates = fc.dictionary(
    fc.nat(15).map(String),
    fc.constantFrom<Fate>('killed-before', 'killed-after', 'lost-before', 'lost-after'),
    { maxKeys: 2 }
  )
  const pushes = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fates), { minLength: 1, maxLength: 4 })

  test('the next run that gets through leaves one preview in its group, and the end leaves none; other groups keep theirs', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), pushes, async (scheduler, all) => {
        const github = memoryGitHub()
        await run(6, 'x', github.client(), 'shop/other-preview')
        await run(7, 'y', github.client())
        const turn = (label: string): Promise<void> => scheduler.schedule(Promise.resolve(), label)
        const runs = all.map(([letter, one]) =>
          run(12, letter, github.client(fated(one, turn))).catch((error: unknown) => {
            if (error !== KILLED && (error as Error).name !== 'GitHubError') throw error
          })
        )
        await scheduler.waitFor(Promise.all(runs))
        await run(12, 'z', github.client())
        const open = shown(github).filter((line) => !/inactive$/.test(line))
        expect(open).toEqual(['preview:pr-6 x success', 'preview:pr-12 z success'])
        await endPreview(12, CLOSED, github.client())
        expect(shown(github).filter((line) => !/inactive$/.test(line))).toEqual(['preview:pr-6 x success'])
      })
    )
  })

  test('two runs for the same commit at once leave one deployment that is not retired', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const github = memoryGitHub()
        const turn = (label: string): Promise<void> => scheduler.schedule(Promise.resolve(), label)
        await scheduler.waitFor(Promise.all([1, 2].map(() => run(12, 'a', github.client(fated({}, turn))))))
        expect(shown(github).filter((line) => !/inactive$/.test(line))).toEqual(['preview:pr-12 a success'])
      })
    )
  })
})
