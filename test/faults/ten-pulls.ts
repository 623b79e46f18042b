import fc from 'fast-check'
import { previewParts } from '../scenarios/preview-parts.js'
import { openPulls, type Pull, type PullAction, type PullPlace } from './pulls.js'
import type { Told } from './world.js'

/** Each is called by every run of a preview that gets that far. */
const OPERATIONS = [
  ...['GetDeploymentGroup', 'ListDeployments', 'BatchGetDeployments', 'GetObject', 'PutObject'],
  ...['CreateDeployment', 'GetDeployment', 'ListDeploymentTargets', 'BatchGetDeploymentTargets'],
  ...['CompareCommits', 'GetTree', 'GetPull', 'GraphQL', 'ListComments', 'CreateComment', 'UpdateComment'],
  ...['ListGitHubDeployments', 'CreateGitHubDeployment', 'ListGitHubDeploymentStatuses'],
  'CreateGitHubDeploymentStatus'
] as const

/** What people do to one pull request. */
interface Event {
  pull: number
  what: 'push' | 'broken push' | 'close or reopen'
}

/** What happens at the same time: runs of some pull requests, and one fault. The runner of a lone run may die there. */
export interface Moment {
  events: Event[]
  fault: { operation: string; kind: string; times: string; after: number } | undefined
  dies: boolean
}

const event: fc.Arbitrary<Event> = fc.record({
  pull: fc.nat(9),
  what: fc.oneof(
    { arbitrary: fc.constant('push' as const), weight: 6 },
    { arbitrary: fc.constant('broken push' as const), weight: 1 },
    { arbitrary: fc.constant('close or reopen' as const), weight: 2 }
  )
})

const moment: fc.Arbitrary<Moment> = fc.record({
  events: fc.uniqueArray(event, { minLength: 1, maxLength: 3, selector: ({ pull }) => pull }),
  fault: fc.option(
    fc.record({
      operation: fc.constantFrom(...OPERATIONS),
      kind: fc.constantFrom('throttle', '500-json', 'reset-before', 'reset-after', 'access-denied'),
      times: fc.constantFrom('1', 'forever'),
      after: fc.nat(3)
    }),
    { nil: undefined }
  ),
  dies: fc.boolean()
})

export const moments = fc.array(moment, { minLength: 6, maxLength: 10 })

/** A pull request, and whether its last run said all that there was to say. */
interface Known {
  pull: Pull
  isOpen: boolean
  /** The bundle of its head has mistakes. */
  isBroken: boolean
  isClean: boolean
}

/**
 * The same where each pull request has an environment of its own: whatever happened, closing the last ones and the cleanup leave nothing on AWS, and one
 * comment on each pull request at most.
 */
export const playApart = async (all: readonly Moment[]): Promise<string[]> => {
  const pulls = await openPulls({ apart: true })
  try {
    const known = new Map<number, Known>()
    const production = pulls.production()
    for (const one of all) await playMoment(one, { pulls, known })
    await pulls.place.settle()
    for (const one of known.values()) if (one.isOpen) await one.pull.on({ action: 'closed' })
    const told = await pulls.cleanUp()
    const left = await previewParts(pulls.place.cloud)
    return [
      ...(told.code === 0 ? [] : [`the cleanup ended with ${told.code}\n${told.words}`]),
      ...left.map((part) => `left: ${part}`),
      ...[...known.values()].flatMap(({ pull }) => commentProblems(pull)),
      ...(pulls.production() === production ? [] : ['production was changed'])
    ]
  } finally {
    await pulls.close()
  }
}

const commentProblems = (pull: Pull): string[] => {
  const comments = pull.comments()
  return comments.length <= 1 && comments.every((comment) => comment.startsWith('### Preview ended'))
    ? []
    : [`#${pull.number} has the comments ${comments.join('\n---\n')}`]
}

/** Plays the moments, lets people rerun what failed, and returns what is wrong in the end. */
export const play = async (all: readonly Moment[]): Promise<string[]> => {
  const pulls = await openPulls()
  try {
    const known = new Map<number, Known>()
    const production = pulls.production()
    for (const one of all) await playMoment(one, { pulls, known })
    await pulls.place.settle()
    await putInOrder([...known.values()], pulls)
    await pulls.place.settle()
    return [
      ...[...known.values()].flatMap((one) => problemsOf(one, pulls.serving())),
      ...(pulls.production() === production ? [] : ['production was changed'])
    ]
  } finally {
    await pulls.close()
  }
}

interface Scene {
  pulls: PullPlace
  known: Map<number, Known>
}

const playMoment = async ({ events, fault, dies }: Moment, { pulls, known }: Scene): Promise<void> => {
  const { faults } = pulls.place.cloud
  const runs: { one: Known; action: PullAction }[] = []
  for (const { pull: at, what } of events) {
    const one = known.get(at)
    if (one === undefined) runs.push(await opened(10 + at, what === 'broken push', { pulls, known }))
    else if (what === 'close or reopen') {
      one.isOpen = !one.isOpen
      runs.push({ one, action: one.isOpen ? 'reopened' : 'closed' })
    } else if (one.isOpen) {
      one.isBroken = what === 'broken push'
      await one.pull.push({ broken: one.isBroken })
      runs.push({ one, action: 'synchronize' })
    }
  }
  const interrupted = dies && runs.length === 1 && fault !== undefined ? 'killed' : undefined
  if (fault !== undefined) {
    const kind = interrupted === undefined ? fault.kind : fault.after % 2 === 0 ? 'hang' : 'slow-drip'
    faults.add(`${fault.operation}:${kind}:${interrupted === undefined ? fault.times : '1'}:${fault.after}`)
  }
  await Promise.all(
    runs.map(async ({ one, action }) => {
      one.isClean = isClean(await one.pull.on({ action, interrupted }), one)
    })
  )
  faults.clear()
}

const opened = async (
  number: number,
  isBroken: boolean,
  { pulls, known }: Scene
): Promise<{ one: Known; action: PullAction }> => {
  const one = { pull: pulls.open(number), isOpen: true, isBroken, isClean: false }
  known.set(number - 10, one)
  await one.pull.push({ broken: isBroken })
  return { one, action: 'opened' }
}

/** It ended as it had to, and warned of nothing. A bundle with mistakes ends with the same code as AWS that can't be asked. */
const isClean = (told: Told | undefined, { isOpen, isBroken }: Known): boolean => {
  if (told === undefined || told.log.includes('warning: ')) return false
  return isOpen && isBroken ? told.log.includes('Not deployed: the bundle has') : told.code === 0
}

/** People run again what failed, and a push to one more pull request gets through. */
const putInOrder = async (all: readonly Known[], pulls: PullPlace): Promise<void> => {
  for (const one of all) {
    if (!one.isClean) await one.pull.on({ action: one.isOpen ? 'synchronize' : 'closed' })
    await pulls.place.settle()
  }
  const last = pulls.open(99)
  await last.push()
  await last.on({ action: 'opened' })
  await pulls.cleanUp()
}

const problemsOf = ({ pull, isOpen, isBroken }: Known, serving: string): string[] => {
  const comments = pull.comments()
  const [comment = ''] = comments
  // One that was closed before any run could comment has nothing to be ended.
  const isShown = isOpen || comments.length > 0
  const last = pull.shown().at(-1)
  const state = last?.statuses.at(-1)?.state ?? 'none'
  const problems: [boolean, string][] = [
    [comments.length > 1 || (isOpen && comments.length === 0), `${comments.length} comments`],
    [
      isShown && pull.commentedHeads()[0] !== pull.head(),
      'the comment is about another commit than the newest'
    ],
    [
      isShown && !isOpen && !comment.startsWith('### Preview ended'),
      'the comment does not say that it is closed'
    ],
    [isOpen && comment.startsWith('### Preview ended'), 'the comment says that it is closed'],
    [
      isOpen && comment.includes('The agent would refuse') !== isBroken,
      'the comment does not say whether the bundle has mistakes'
    ],
    [pull.calledServing().some((sha) => sha !== serving), 'a commit is called running that does not run'],
    [
      !isOpen && pull.shown().some(({ statuses }) => statuses.at(-1)?.state !== 'inactive'),
      'it is closed, but a preview is not shown as ended'
    ],
    [
      isOpen && isBroken && (last?.sha !== pull.head() || state !== 'failure'),
      `its newest commit was refused, but is shown as ${state}`
    ],
    [
      isOpen && !isBroken && !['inactive', 'success'].includes(state),
      `its newest commit was deployed, but is shown as ${state}`
    ]
  ]
  return problems.filter(([isTrue]) => isTrue).map(([, what]) => `#${pull.number}: ${what}`)
}
