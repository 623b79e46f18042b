import type { Deployment, Outcome } from '../domain/deployment.js'
import type { DeploymentGroup } from '../domain/group.js'
import type { StoredLocation } from '../domain/revision.js'
import { UserError } from '../errors.js'
import { explained } from '../domain/refusal.js'
import type { DeploymentInputs } from '../inputs/types.js'
import type { Journal } from '../journal.js'
import { deploymentUrl } from '../report/console-link.js'
import type { Ending as StoryEnding } from '../report/story.js'
import { follow } from '../steps/conclude.js'
import type { Order } from '../domain/order.js'
import type { Live } from '../domain/live.js'
import { readLive } from '../steps/live.js'
import { start, type Started } from '../steps/start.js'
import type { World } from '../world.js'
import { cancelStarted } from './canceled.js'
import type { Services } from './group.js'
import { startService } from './start-service.js'
import { wayMaker } from './way.js'

export interface Assignment {
  inputs: DeploymentInputs
  group: DeploymentGroup
  location: StoredLocation
  description: string
  checkOrder: boolean
  /** Epoch milliseconds. */
  deadline: number
}

/** What became of an assignment. `started` when nobody waits, `canceled` when the job ended first. */
export type Ending =
  | { kind: 'outcome'; outcome: Outcome; attached: boolean }
  | { kind: 'started'; started: Started }
  | { kind: 'canceled'; outcome?: Outcome }

/** How it ended, and what it replaced when that became known only after a wait for the group. */
export interface Ended {
  ending: Ending
  replaced?: Live | undefined
}

/** Revision → Deployment → LifecycleEvents → Outcome: the path that deploy and rollback share. */
export const runDeployment = async (
  assignment: Assignment,
  services: Services,
  { world, journal }: { world: World; journal: Journal }
): Promise<Ended> => {
  const { inputs } = assignment
  let started: Started | undefined
  let replaced: Live | undefined
  const waits: Deployment[] = []
  try {
    started = await startOrAttach(assignment, services, { world, journal, waits })
    journal.started(started)
    startedOutputs(started, assignment, world)
    if (waits.length > 0) replaced = await livingNow(inputs, services)
    if (inputs.waitFor === 'none') return { ending: { kind: 'started', started }, replaced }
    const outcome = await follow(started.deployment.id, services.cancelable, {
      clock: world.clock,
      signal: world.canceled,
      deadline: assignment.deadline,
      pollMs: inputs.pollSeconds * 1000,
      until: inputs.waitFor,
      tell: journal.tell
    })
    return { ending: { kind: 'outcome', outcome, attached: started.attached }, replaced }
  } catch (error) {
    if (!world.canceled.aborted) throw howToGoOn(error, started)
    // What a step itself says of the cancel (a deployment may have been made) must not be hidden.
    if (started === undefined && error instanceof UserError && !isEnd(error, world)) throw error
    if (started === undefined) return { ending: { kind: 'canceled' }, replaced }
    const outcome = await cancelStarted(started.deployment, services.steady, { inputs, world, journal })
    return { ending: { kind: 'canceled', outcome }, replaced }
  }
}

/** While this run waited for the group, another revision may have come to live. */
const livingNow = async (
  { application, group }: DeploymentInputs,
  { cancelable, live }: Services
): Promise<Live> => (await readLive(await cancelable.group(application, group), live)).live

const startOrAttach = (
  { inputs, location, description, checkOrder, deadline }: Assignment,
  services: Services,
  { world, journal, waits }: { world: World; journal: Journal; waits: Deployment[] }
): Promise<Started> => {
  const order: Order = {
    application: inputs.application,
    group: inputs.group,
    location,
    description,
    fileExistsBehavior: inputs.fileExistsBehavior,
    ignoreApplicationStopFailures: inputs.ignoreApplicationStopFailures,
    ...(inputs.deploymentConfig === undefined ? {} : { deploymentConfig: inputs.deploymentConfig }),
    ...(inputs.autoRollbackEvents === undefined ? {} : { autoRollbackEvents: inputs.autoRollbackEvents })
  }
  const makeWayFor = wayMaker(inputs, services, { world, deadline })
  return start(order, startService(services.cancelable, services.steady), {
    clock: world.clock,
    signal: world.canceled,
    runId: world.context.runId,
    checkOrder,
    makeWay: (holder) => {
      waits.push(holder)
      return makeWayFor(holder)
    },
    tell: journal.say
  })
}

const isEnd = (error: unknown, { canceled, lastMoment }: World): boolean =>
  error === canceled.reason || error === lastMoment.reason

/** Known from the start, so that they are there whatever becomes of the watching. */
const startedOutputs = ({ deployment: { id } }: Started, { inputs }: Assignment, { runner }: World): void => {
  runner.output('deployment-id', id)
  runner.output('deployment-url', deploymentUrl(inputs.identity.region, id) ?? '')
}

/** Whatever ends the watching, the deployment itself goes on; a person must know how to see it through. */
const howToGoOn = (error: unknown, started: Started | undefined): unknown => {
  if (started === undefined) return error
  const { id } = started.deployment
  const told = explained(error)
  const message = told instanceof Error ? told.message : String(told)
  const hint = told instanceof UserError ? `${told.hint} ` : ''
  return new UserError(
    `${id} could not be watched any longer: ${message}`,
    `${hint}The deployment itself goes on. Run this job again and it follows ${id} to its end; or look at it by \`aws deploy get-deployment --deployment-id ${id}\`.`,
    { cause: error }
  )
}

/** The end as it is told; throws when the job was canceled before there was a deployment. */
export const endingOf = (ending: Ending): StoryEnding => {
  if (ending.kind === 'started') return { name: 'started', deployment: ending.started.deployment }
  if (ending.outcome !== undefined) return ending.outcome
  throw new UserError(
    'The job was canceled before anything was deployed.',
    'This run made no deployment. Run it again when you are ready.'
  )
}
