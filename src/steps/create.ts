import type { Clock, CodeDeploy } from '../ports.js'
import { sameRevision } from '../domain/revision.js'
import { ACTIVE_STATUSES, type Deployment } from '../domain/deployment.js'
import { factsOf, faultOf, wordsOf } from '../domain/fault.js'
import type { Order } from '../domain/order.js'
import { UserError } from '../errors.js'

/** What starting a deployment needs of CodeDeploy. */
export type StartService = Pick<
  CodeDeploy,
  'group' | 'deployment' | 'deploymentIds' | 'deployments' | 'create'
>

export interface CreateOptions {
  clock: Clock
  signal: AbortSignal
  tell: (sentence: string) => void
}

/** What became of an order: a deployment, or a refusal because the group (or the account) takes no more. */
export type Made =
  | { kind: 'deployment'; id: string; attached: boolean }
  | { kind: 'held'; holder: string | undefined; words: string }

/** After a lost answer: how often, and how far apart, to look for the deployment before it counts as never created. */
const LOST_LOOKS = 3
const LOST_PAUSE_MS = 2_000

/** After a cancel, a pending answer gets this much time; then the run looks for the deployment, quickly. */
const LATE_ANSWER_MS = 1_000
const HURRIED_PAUSE_MS = 400

/** Maximum attempts when answers get lost or calls are throttled. */
const CREATE_ATTEMPTS = 8
const FIRST_PAUSE_MS = 1_000

/** The same bundle, deployed by a person or a run: not by CodeDeploy's own rollback or for an instance that catches up. */
export const isOurs = (deployment: Deployment, order: Order): boolean =>
  deployment.creator === 'user' && sameRevision(deployment.revision, order.location)

/** The listed deployments of the group that are not over. */
export const activeDeployments = async (order: Order, service: StartService): Promise<Deployment[]> => {
  const { application, group } = order
  const ids = await service.deploymentIds({ application, group, statuses: ACTIVE_STATUSES })
  return ids.length === 0 ? [] : service.deployments(ids)
}

/**
 * Sends the order until it is answered. A throttled call or an expired token created nothing. After a lost answer, the run
 * looks for the deployment before it sends again. `lastBefore` was the group's last deployment before the order.
 */
export const create = async (
  order: Order,
  lastBefore: string | undefined,
  { service, options }: { service: StartService; options: CreateOptions }
): Promise<Made> => {
  for (let attempt = 1; ; attempt++) {
    options.signal.throwIfAborted()
    try {
      return { kind: 'deployment', id: await answerTo(service.create(order), options), attached: false }
    } catch (error) {
      if (factsOf(error).name === 'DeploymentLimitExceededException') return held(error)
      const fault = faultOf(error)
      if (fault === 'final') throw error
      if (fault === 'canceled') throw unsure(order, error)
      if (attempt === 1) options.tell(sayFault(error))
      if (fault === 'unknown-fate') {
        const id = await lostDeployment(order, lastBefore, { service, options })
        if (id !== undefined) return { kind: 'deployment', id, attached: true }
        if (options.signal.aborted) throw unsure(order, error)
      }
      if (attempt >= CREATE_ATTEMPTS) throw error
      await options.clock.sleep(FIRST_PAUSE_MS * 2 ** Math.min(attempt, 4), options.signal)
    }
  }
}

/** The answer; after a cancel, one that does not come soon counts as lost. */
const answerTo = async (answer: Promise<string>, { clock, signal }: CreateOptions): Promise<string> => {
  let hurry = (): void => undefined
  const late = new Promise<void>((resolve) => (hurry = resolve)).then(async () => {
    await clock.sleep(LATE_ANSWER_MS)
    throw Object.assign(new Error('no answer before the job ended'), { name: 'TimeoutError' })
  })
  signal.addEventListener('abort', hurry, { once: true })
  try {
    return await Promise.race([answer, late])
  } finally {
    signal.removeEventListener('abort', hurry)
  }
}

const unsure = ({ application, group }: Order, cause: unknown): UserError =>
  new UserError(
    'The job was canceled before CreateDeployment answered, and no deployment of this revision has shown up since.',
    `If it did start, it keeps running: check \`aws deploy list-deployments --application-name ${application} --deployment-group-name ${group}\`, or run this job again to follow it.`,
    { cause }
  )

const sayFault = (error: unknown): string => {
  return faultOf(error) === 'unknown-fate'
    ? `CreateDeployment did not answer: ${wordsOf(error)}. Checking whether the deployment was created anyway.`
    : `CreateDeployment was rejected temporarily: ${wordsOf(error)}. Retrying up to ${CREATE_ATTEMPTS - 1} times.`
}

/**
 * Finds a new deployment of our revision, which proves that the order was carried out. A cancel does not abort this: the run
 * must know whether a deployment exists before it ends.
 */
const lostDeployment = async (
  order: Order,
  lastBefore: string | undefined,
  { service, options: { clock, signal } }: { service: StartService; options: CreateOptions }
): Promise<string | undefined> => {
  for (let look = 0; look < LOST_LOOKS; look++) {
    await clock.sleep(signal.aborted ? HURRIED_PAUSE_MS : LOST_PAUSE_MS)
    const { lastAttempted } = await service.group(order.application, order.group)
    const candidates = new Set((await activeDeployments(order, service)).map((deployment) => deployment.id))
    if (lastAttempted !== undefined) candidates.add(lastAttempted.id)
    candidates.delete(lastBefore ?? '')
    const found = (await service.deployments([...candidates])).find((deployment) => isOurs(deployment, order))
    if (found !== undefined) return found.id
  }
  return undefined
}

/** The only place that reads an id from a message: the service has no field for it (docs/service.md, reference 4.6). */
const held = (error: unknown): Made => {
  const { message } = factsOf(error)
  return { kind: 'held', holder: /'(d-[A-Z0-9]+)'/.exec(message)?.[1], words: message }
}
