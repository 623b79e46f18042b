import { previewParts } from '../scenarios/preview-parts.js'
import { isOfItsOwnTime } from './cells.js'
import type { Interruption } from './interrupted.js'
import { openPulls, type Pull, type PullAction, type PullPlace } from './pulls.js'

/** What happens to a request of a run: it fails once in passing, its answer gets lost, or the run dies or is canceled there. */
const KINDS = ['throttle', 'reset-before', 'reset-after', 'killed', 'killed when done', 'canceled'] as const
type Kind = (typeof KINDS)[number]

/** What only these runs ask for. */
export const ONLY_OF_ENVIRONMENTS = [
  ...['CreateRule', 'CreateTargetGroup', 'DeleteDeploymentGroup', 'DeleteRule', 'DeleteTargetGroup'],
  ...['DescribeLoadBalancers', 'DescribeSecurityGroups', 'DescribeTags', 'ListTagsForResource']
] as const

/** One run that makes an environment or takes it down, in which something happens to one request. */
export interface EnvironmentCell {
  action: Extract<PullAction, 'opened' | 'closed'>
  operation: string
  /** How many calls of the operation succeed first. */
  after: number
  kind: Kind
}

export interface EnvironmentRow extends EnvironmentCell {
  problems: string[]
}

/** Of what is called more often, the first few: polls are alike. */
const MOST_CALLS = 3

/** What GitHub is asked is crossed in the previews' own matrix. */
const OF_GITHUB = /Comment|GitHub|^(?:CompareCommits|GetTree|GetPull|GraphQL|ListPulls|GetCommit|GetIDToken)$/

/** Other runs ask for it as their time allows; these always do. */
const FLEETS = 'DescribeAutoScalingGroups'

const cellsOf = (action: EnvironmentCell['action'], operations: readonly string[]): EnvironmentCell[] => {
  const counts = new Map<string, number>()
  return operations
    .filter((operation) => !OF_GITHUB.test(operation) && (operation === FLEETS || !isOfItsOwnTime(operation)))
    .flatMap((operation): EnvironmentCell[] => {
      const after = counts.get(operation) ?? 0
      counts.set(operation, after + 1)
      return after >= MOST_CALLS ? [] : KINDS.map((kind) => ({ action, operation, after, kind }))
    })
}

/** Plays one share of `shares`, and every n-th cell of it, and reports each row. Returns how many cells the whole has. */
export const crossEnvironments = async (
  { share, shares, every }: { share: number; shares: number; every: number },
  tell: (row: EnvironmentRow) => void
): Promise<{ cells: number; calls: string[] }> => {
  const pulls = await openPulls({ apart: true })
  try {
    const { requests } = pulls.place.cloud
    const [pull, from] = [pulls.open(1), requests.length]
    await pull.push()
    await pull.on({ action: 'opened' })
    const closing = requests.length
    await pull.on({ action: 'closed' })
    const calls = requests.map(({ operation }) => operation)
    const cells = [
      ...cellsOf('opened', calls.slice(from, closing)),
      ...cellsOf('closed', calls.slice(closing))
    ]
    const mine = cells.filter((_, at) => at % every === 0).filter((_, at) => at % shares === share)
    for (const [at, cell] of mine.entries()) tell(await playCell(cell, pulls.open(100 + at), pulls))
    return { cells: cells.length, calls: [...new Set(calls.slice(from))] }
  } finally {
    await pulls.close()
  }
}

const FAULTS: Readonly<Record<Kind, [fault: string, interruption?: Interruption]>> = {
  throttle: ['throttle'],
  'reset-before': ['reset-before'],
  'reset-after': ['reset-after'],
  killed: ['hang', 'killed'],
  'killed when done': ['slow-drip', 'killed'],
  canceled: ['reset-before', 'canceled']
}

const playCell = async (cell: EnvironmentCell, pull: Pull, pulls: PullPlace): Promise<EnvironmentRow> => {
  const { place } = pulls
  const { cloud } = place
  const production = pulls.production()
  await pull.push()
  if (cell.action === 'closed') await pull.on({ action: 'opened' })
  const [fault, interrupted] = FAULTS[cell.kind]
  cloud.faults.add(`${cell.operation}:${fault}:1:${cell.after}`)
  const from = cloud.requests.length
  const told = await pull.on({ action: cell.action, interrupted })
  const isMet = cloud.requests.slice(from).some(({ fault: met }) => met !== undefined)
  cloud.faults.clear()
  const problems = [
    ...(isMet ? [] : ['the fault never occurred']),
    ...(interrupted === undefined && told?.code !== 0
      ? [`it ended with ${told?.code ?? 'nothing'}\n${told?.words ?? ''}`]
      : [])
  ]
  if (cell.action === 'opened') {
    problems.push(...(await rerunProblems(pull, pulls)))
    await pull.on({ action: 'closed' })
  } else if (cell.after % 2 === 0) await pull.on({ action: 'closed' })
  else if ((await pulls.cleanUp()).code !== 0) problems.push('the cleanup failed')
  await place.settle()
  const left = await previewParts(cloud)
  problems.push(...left.map((part) => `left: ${part}`))
  if (pull.comments().length > 1) problems.push(`${pull.comments().length} comments`)
  if (pulls.production() !== production) problems.push('production was changed')
  const name = `${cell.action} ${cell.operation} ${cell.kind} after ${cell.after}`
  return { ...cell, problems: problems.map((problem) => `${name}: ${problem}`) }
}

/** A rerun makes what is missing, and nothing twice. */
const rerunProblems = async (pull: Pull, { place }: PullPlace): Promise<string[]> => {
  const again = await pull.on({ action: 'synchronize', attempt: 2 })
  await place.settle()
  const parts = await previewParts(place.cloud)
  const kinds = parts.map((part) => part.replace(/ (pr-|\d).*/, ''))
  const isWhole = kinds.join() === 'Auto Scaling group,deployment group,rule,target group'
  return [
    ...(again?.code === 0 ? [] : [`its rerun ended with ${again?.code ?? 'nothing'}\n${again?.words ?? ''}`]),
    ...(isWhole ? [] : [`after its rerun there are ${parts.join(', ')}`])
  ]
}
