import type { Deployment, Outcome, Started } from '../domain/deployment.js'
import { mayBeDone } from '../domain/fault.js'
import type { DeploymentGroup } from '../domain/group.js'
import type { Live } from '../domain/live.js'
import type { ManifestHook } from '../domain/manifest.js'
import type { Order } from '../domain/order.js'
import { explained } from '../domain/refusal.js'
import type { StoredLocation } from '../domain/revision.js'
import { UserError } from '../errors.js'
import type { DeploymentInputs } from '../inputs/types.js'
import type { Journal } from '../journal.js'
import type { CodeDeploy, Polling, World } from '../ports.js'
import { deploymentUrl } from '../report/console-link.js'
import type { Ending as StoryEnding, Story } from '../report/story.js'
import type { Zone } from '../report/times.js'
import { holderLine } from '../report/waits.js'
import { resolveConflict } from '../steps/conflict.js'
import type { StartService } from '../steps/create.js'
import { follow } from '../steps/follow.js'
import { readLive } from '../steps/live.js'
import { start } from '../steps/start.js'
import type { Services } from './connect.js'
import { cancelStarted } from './cancel-started.js'
import { explaining } from './explaining.js'
import type { RollbackAlarms } from './rollback-alarms.js'

export interface Assignment {
  inputs: DeploymentInputs
  group: DeploymentGroup
  zone: Zone
  location: StoredLocation
  description: string
  checkOrder: boolean
  /** Throws when nothing may be deployed now; a rollback asks nobody. */
  admit?: ((last?: Deployment) => Promise<void>) | undefined
  /** Whether a deployment that serves, and the old fleet that it keeps, is left alone. */
  sparesServing?: boolean | undefined
  /** Epoch milliseconds. */
  deadline: number
  /** Called once the deployment exists. */
  started?: ((deployment: Deployment) => Promise<void>) | undefined
  /** The hooks of the bundle, where they are known: how long an event may take. */
  hooks?: (() => Promise<readonly ManifestHook[]>) | undefined
  /** How the order names the green fleet, where the group does not copy one. */
  green: (service: StartService) => StartService
  /** Only for a rollback: how its deployment is kept from being stopped by an alarm. */
  alarms?: RollbackAlarms
}

/** What became of an assignment: `started` if nobody waits, `canceled` if the job ended first. */
export type RunEnding =
  | { kind: 'outcome'; outcome: Outcome; attached: boolean }
  | { kind: 'started'; started: Started }
  | { kind: 'canceled'; outcome?: Outcome }

/** How it ended, and what it replaced, if that was known only after a wait for the group. */
export interface Ended {
  ending: RunEnding
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
    await assignment.alarms?.tell(started)
    await assignment.started?.(started.deployment)
    if (waits.length > 0) replaced = await livingNow(inputs, services)
    if (inputs.waitFor === 'none') return { ending: { kind: 'started', started }, replaced }
    const outcome = await follow(started.deployment.id, services.cancelable, {
      ...pollingOf(assignment, world),
      until: inputs.waitFor,
      ...(await explaining(started.deployment, assignment, services, { world, journal })),
      tell: journal.tell
    })
    return { ending: { kind: 'outcome', outcome, attached: started.attached }, replaced }
  } catch (error) {
    if (!world.canceled.aborted) throw howToGoOn(error, started)
    // A step's own error about the cancel (a deployment may have been created) must not be hidden.
    if (started === undefined && error instanceof UserError && !isEnd(error, world)) throw error
    if (started === undefined) return { ending: { kind: 'canceled' }, replaced }
    const outcome = await cancelStarted(started.deployment, services.steady, { inputs, world, journal })
    return { ending: { kind: 'canceled', outcome }, replaced }
  }
}

/** How this run waits for what happens at the service. */
export const pollingOf = (
  { inputs, deadline }: { inputs: DeploymentInputs; deadline: number },
  { clock, canceled }: World
): Polling => ({ clock, signal: canceled, deadline, pollMs: inputs.pollSeconds * 1000 })

/** While this run waited for the group, another revision may have gone live. */
const livingNow = async (
  { application, group }: DeploymentInputs,
  { cancelable, live }: Services
): Promise<Live> => (await readLive(await cancelable.group(application, group), live)).live

const startOrAttach = (
  {
    inputs,
    zone,
    location,
    description,
    checkOrder,
    sparesServing,
    admit,
    deadline,
    green,
    alarms
  }: Assignment,
  services: Services,
  { world, journal, waits }: { world: World; journal: Journal; waits: Deployment[] }
): Promise<Started> => {
  const { application, group, deploymentConfig, autoRollbackEvents } = inputs
  const order: Order = {
    ...{ application, group, location, description, deploymentConfig, autoRollbackEvents },
    fileExistsBehavior: inputs.fileExistsBehavior,
    ignoreApplicationStopFailures: inputs.ignoreApplicationStopFailures
  }
  const makeWayFor = wayMaker(inputs, services, { world, zone, deadline, sparesServing })
  const service = green(startService(services.cancelable, services.steady))
  return start(order, alarms?.around(service) ?? service, {
    clock: world.clock,
    signal: world.canceled,
    runId: world.context.runId,
    checkOrder,
    admit,
    resolveConflict: (holder) => {
      waits.push(holder)
      return makeWayFor(holder)
    },
    tell: journal.say
  })
}

const isEnd = (error: unknown, { canceled, lastMoment }: World): boolean =>
  error === canceled.reason || error === lastMoment.reason

/** Set at the start, so that they exist whatever happens while watching. */
const startedOutputs = ({ deployment: { id } }: Started, { inputs }: Assignment, { runner }: World): void => {
  runner.output('deployment-id', id)
  runner.output('deployment-url', deploymentUrl(inputs.identity.region, id) ?? '')
}

/** When watching breaks off, the deployment keeps running; the error says how to follow it. */
const howToGoOn = (error: unknown, started: Started | undefined): unknown => {
  if (started === undefined) return error
  const { id } = started.deployment
  const told = explained(error)
  const message = told instanceof Error ? told.message : String(told)
  const hint = told instanceof UserError ? `${told.hint} ` : ''
  return new UserError(
    `${id} can no longer be watched: ${message}`,
    `${hint}The deployment itself keeps running. Run this job again to follow ${id} to its end, or check it with \`aws deploy get-deployment --deployment-id ${id}\`.`,
    { cause: error }
  )
}

/** The ending for the report; throws when the job was canceled before there was a deployment. */
export const endingOf = (ending: RunEnding, command: Story['command'] = 'deploy'): StoryEnding => {
  if (ending.kind === 'started') return { name: 'started', deployment: ending.started.deployment }
  if (ending.outcome !== undefined) return ending.outcome
  throw new UserError(
    command === 'rollback'
      ? 'The job was canceled before the rollback began.'
      : 'The job was canceled before anything was deployed.',
    'This run created no deployment. Run it again when you are ready.'
  )
}

/**
 * CodeDeploy for starting a deployment. Until an order is sent, a cancel ends every call at once. After that, the run must
 * find out what was created, so calls continue for as long as a canceled job lives.
 */
export const startService = (cancelable: StartService, steady: StartService): StartService => {
  let isOut = false
  const view = (): StartService => (isOut ? steady : cancelable)
  return {
    group: (application, name) => view().group(application, name),
    deployment: (id) => view().deployment(id),
    deploymentIds: (filter) => view().deploymentIds(filter),
    deployments: (ids) => view().deployments(ids),
    create: async (order: Order) => {
      isOut = true
      try {
        return await steady.create(order)
      } catch (error) {
        // Any error but a lost answer means that nothing was created.
        isOut = mayBeDone(error)
        throw error
      }
    }
  }
}

type Clearing = { world: World } & Pick<Assignment, 'zone' | 'deadline' | 'sparesServing'>

/** Frees the group as the inputs say, and logs who holds it in the meantime. */
export const wayMaker =
  (
    inputs: DeploymentInputs,
    services: { cancelable: CodeDeploy },
    { world, zone, deadline, sparesServing = false }: Clearing
  ) =>
  (holder: Deployment): Promise<void> =>
    resolveConflict(holder, services.cancelable, {
      policy: inputs.onConflict,
      endTerminationWait: inputs.endTerminationWait,
      zone,
      sparesServing,
      ...pollingOf({ inputs, deadline }, world),
      tellHolder: (latest, targets) =>
        world.runner.info(holderLine(latest, targets, { now: new Date(world.clock.now()), zone })),
      tell: world.runner.info
    })
