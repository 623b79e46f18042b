import { markedBody } from '../../src/domain/comment-marker.js'
import { PLACE } from '../cloud/parts.js'
import { isOfItsOwnTime } from './cells.js'
import type { Interruption } from './interrupted.js'
import { openPulls, type Pull, type PullPlace } from './pulls.js'
import type { Told } from './world.js'

/** What happens to a request of a preview: the service refuses or loses it, or the run ends there. */
const KINDS = ['throttle', '500-json', 'reset-before', 'reset-after', 'access-denied'] as const
type Kind = (typeof KINDS)[number] | Interruption

/** One run in which one request fails. */
export interface PreviewCell {
  operation: string
  kind: Kind
  /** How many calls of the operation succeed first. */
  after: number
  isForEver: boolean
  /** For a run that is killed or canceled there: whether the service has carried out the request. */
  isDone: boolean
}

/** A cell and what is wrong with it. */
export interface PreviewRow extends PreviewCell {
  problems: string[]
  /** Whether the run succeeded in spite of the fault. */
  survived: boolean
}

/** Of what is called more often, the first few: polls are alike. */
const MOST_CALLS = 3

/** Runs for each pull request: its older previews make each run longer. */
const RUNS_PER_PULL = 8

/** All requests of a push to a pull request whose earlier commit runs already, crossed with all that can happen to them. */
const cellsOf = (operations: readonly string[]): PreviewCell[] => {
  const counts = new Map<string, number>()
  return operations.flatMap((operation): PreviewCell[] => {
    const after = counts.get(operation) ?? 0
    counts.set(operation, after + 1)
    if (after >= MOST_CALLS) return []
    const once = { operation, after, isForEver: false, isDone: false }
    return [
      ...KINDS.map((kind) => ({ ...once, kind })),
      ...(after === 0 ? KINDS.map((kind) => ({ ...once, kind, isForEver: true })) : []),
      { ...once, kind: 'killed' },
      { ...once, kind: 'killed', isDone: true },
      { ...once, kind: 'canceled', isDone: after % 2 === 1 }
    ]
  })
}

/** Two comments too many, as runs leave them that died. */
const addDoubles = (pull: Pull, { place: { cloud } }: PullPlace): void => {
  const { repository } = cloud
  const key = `${PLACE.application}/${PLACE.deploymentGroup}`
  const marker = { key, head: pull.head(), run: '1', attempt: '1' }
  const body = markedBody(marker, 'Of a run that died.')
  for (const user of [repository.token.user, repository.token.user])
    repository.comments.push({ id: repository.nextId++, issue: pull.number, body, user })
}

/** Plays one share of `shares`, and every n-th cell of it, and reports each row. Returns how many cells the whole has. */
export const crossPreviews = async (
  { share, shares, every }: { share: number; shares: number; every: number },
  tell: (row: PreviewRow) => void
): Promise<{ cells: number; calls: string[] }> => {
  const pulls = await openPulls()
  try {
    const calls = await callsOf(pulls)
    const cells = cellsOf(calls)
    const mine = cells.filter((_, at) => at % every === 0).filter((_, at) => at % shares === share)
    const production = pulls.production()
    let pull = pulls.open(100)
    for (const [at, cell] of mine.entries()) {
      if (at % RUNS_PER_PULL === 0) pull = await openServing(100 + at, pulls)
      tell(await playCell(cell, { pull, pulls, production }))
    }
    return { cells: cells.length, calls: [...new Set(calls)] }
  } finally {
    await pulls.close()
  }
}

/** A pull request whose first commit runs. */
const openServing = async (number: number, pulls: PullPlace): Promise<Pull> => {
  const pull = pulls.open(number)
  await pull.push()
  await pull.on({ action: 'opened' })
  await pulls.place.settle()
  return pull
}

/** The calls of a second push that every such push makes, with comments to delete; the first push creates the comment. */
const callsOf = async (pulls: PullPlace): Promise<string[]> => {
  const pull = await openServing(99, pulls)
  addDoubles(pull, pulls)
  const { requests } = pulls.place.cloud
  const from = requests.length
  await pull.push()
  await pull.on()
  await pulls.place.settle()
  const asked = requests.slice(from).map(({ operation }) => operation)
  return [...asked.filter((operation) => !isOfItsOwnTime(operation)), 'CreateComment']
}

interface Scene {
  pull: Pull
  pulls: PullPlace
  production: string
}

const spec = ({ operation, kind, after, isForEver, isDone }: PreviewCell): string => {
  const met = {
    killed: isDone ? 'slow-drip' : 'hang',
    // A call that hung would use up the time that is left.
    canceled: isDone ? 'reset-after' : 'reset-before'
  }
  const fault = kind === 'killed' || kind === 'canceled' ? met[kind] : kind
  return `${operation}:${fault}:${isForEver ? 'forever' : 1}:${after}`
}

const playCell = async (cell: PreviewCell, { pull, pulls, production }: Scene): Promise<PreviewRow> => {
  const { place } = pulls
  const { cloud } = place
  if (cell.operation === 'CreateComment')
    cloud.repository.comments = cloud.repository.comments.filter(({ issue }) => issue !== pull.number)
  await pull.push()
  if (cell.operation === 'DeleteComment') addDoubles(pull, pulls)
  const before = new Set(cloud.requests)
  cloud.faults.add(spec(cell))
  const interrupted = cell.kind === 'killed' || cell.kind === 'canceled' ? cell.kind : undefined
  const id = pulls.nextRun()
  const told = await pull.on({ id, interrupted })
  const failed = cloud.requests.filter((one) => one.fault !== undefined && !before.has(one)).length
  cloud.faults.clear()
  const first = [
    ...(failed === 0 ? ['the fault never occurred'] : []),
    ...(told === undefined ? [] : endProblems(told, cell, pull))
  ]
  await place.settle()
  const settled = told === undefined ? [] : claimProblems(cell, { pull, pulls })
  // A run in which nothing went wrong needs no other.
  const isDone = told?.code === 0 && interrupted === undefined && !told.log.includes('warning: ')
  const again = isDone ? told : await pull.on({ id, attempt: 2 })
  await place.settle()
  const problems = [
    ...first,
    ...settled,
    ...rerunProblems(again, { pull, pulls }),
    ...(pulls.production() === production ? [] : ['production was changed'])
  ]
  const name = `${spec(cell)}${interrupted === undefined ? '' : ` (${interrupted})`}`
  return {
    ...cell,
    survived: told?.code === 0,
    problems: problems.map((problem) => `${name}: ${problem}\n${told?.words ?? ''}`)
  }
}

const OF_GITHUB =
  /^(?:CompareCommits|GetTree|GetPull|GraphQL|GetCommit|\w*Comments?|\w*GitHub\w*|ListComments)$/

/** What GitHub must not be told for the pull request to say the truth in the end. */
const SHOWS = /^(?:\w*GitHub\w*|\w*Comments?|GraphQL)$/

type Judged = Pick<Scene, 'pull' | 'pulls'>

/** What is wrong with how a run ended, given what it says. */
const endProblems = (told: Told, cell: PreviewCell, pull: Pull): string[] => {
  const warnings = told.log.split('\n').filter((line) => line.startsWith('warning: '))
  const [message = '', hint = ''] = told.words.split('\n')
  const isCanceled = cell.kind === 'canceled'
  const isLive = pull
    .deploymentsOf(pull.head())
    .some(
      ({ phase, status }) => status === 'Succeeded' || phase === 'termination-wait' || phase === 'terminating'
    )
  return Object.entries({
    [`it ended with ${told.code}, though nothing depends on GitHub`]:
      OF_GITHUB.test(cell.operation) && !isCanceled && told.code !== 0,
    [`${warnings.length} warnings:\n${warnings.join('\n')}`]:
      OF_GITHUB.test(cell.operation) && warnings.length > 1,
    'the error is not for a person': told.words.includes('NOT FOR A PERSON'),
    'the error does not say what happened and what to do next':
      told.error !== undefined && (/^\S*$/.test(message) || hint.length < 10),
    'a success was reported, but the commit does not serve': told.code === 0 && !isLive,
    'it ended with 0 after a cancel': isCanceled && told.code === 0 && !isLive,
    [`two deployments of one commit`]: pull.deploymentsOf(pull.head()).length > 1,
    'a status says failure after a success':
      told.code === 0 && pull.shown().at(-1)?.statuses.at(-1)?.state === 'failure'
  })
    .filter(([, isTrue]) => isTrue)
    .map(([what]) => what)
}

/** What is wrong with what the pull request says once nothing runs any longer. */
const claimProblems = (cell: PreviewCell, { pull, pulls }: Judged): string[] => {
  const serving = pulls.serving()
  const [comment = ''] = pull.comments()
  const claimed = /🟢 `(\w{8})` serves/.exec(comment)?.[1]
  return [
    ...pull
      .calledServing()
      .filter((sha) => sha !== serving && !SHOWS.test(cell.operation))
      .map((sha) => `${sha.slice(0, 8)} is called running, but ${serving.slice(0, 8)} runs`),
    ...(claimed === undefined || serving.startsWith(claimed) || SHOWS.test(cell.operation)
      ? []
      : [`the comment says that ${claimed} serves, but ${serving.slice(0, 8)} does`])
  ]
}

/** A rerun without faults puts everything in order. */
const rerunProblems = (again: Told | undefined, { pull, pulls }: Judged): string[] => {
  const head = pull.head()
  const comments = pull.comments()
  const open = pull.shown().filter(({ statuses }) => {
    return !['inactive', 'failure', 'error'].includes(statuses.at(-1)?.state ?? 'none')
  })
  const deployed = pull.deploymentsOf(head).length
  return [
    ...(again?.code === 0 ? [] : [`its rerun ended with ${again?.code ?? 'nothing'}\n${again?.words ?? ''}`]),
    ...(pulls.serving() === head ? [] : ['after its rerun, the commit does not serve']),
    ...(deployed === 1 ? [] : [`after its rerun, there are ${deployed} deployments of the commit`]),
    ...(comments.length === 1 ? [] : [`after its rerun, there are ${comments.length} comments`]),
    ...(comments[0]?.includes(`🟢 \`${head.slice(0, 8)}\` serves`) === true
      ? []
      : [`after its rerun, the comment does not show the preview\n${comments[0] ?? ''}`]),
    ...(open.length === 1 && open[0]?.sha === head && open[0].statuses.at(-1)?.state === 'success'
      ? []
      : [
          `after its rerun, GitHub shows ${open.map(({ sha, statuses }) => `${sha.slice(0, 8)} ${statuses.at(-1)?.state ?? 'none'}`).join(', ')}`
        ])
  ]
}
