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

/** Time, an end to it, and a place to say what is waited for. */
export interface CreateOptions {
  clock: Pick<Clock, 'sleep'>
  signal: AbortSignal
  tell: (sentence: string) => void
}

/** What became of an order: a deployment, or the service's word that the group (or the account) takes no more. */
export type Made =
  | { kind: 'deployment'; id: string; attached: boolean }
  | { kind: 'held'; holder: string | undefined; words: string }

/** How often, and how far apart, a deployment of a lost answer is looked for before it counts as never made. */
const LOST_LOOKS = 3
const LOST_PAUSE_MS = 2_000

/** After a cancel, an answer that is under way gets so much time; then the deployment is looked for, quickly. */
const LATE_ANSWER_MS = 1_000
const HURRIED_PAUSE_MS = 400

/** So many times an order is sent whose answers all got lost, or which was throttled. */
const CREATE_ATTEMPTS = 8
const FIRST_PAUSE_MS = 1_000

/** The same bundle, deployed by a person or a run: not the service's own rollback or an instance's catching up. */
export const isOurs = (deployment: Deployment, order: Order): boolean =>
  deployment.creator === 'user' && sameRevision(deployment.revision, order.location)

/** The deployments of the group that are not over, as far as they are listed. */
export const activeDeployments = async (order: Order, service: StartService): Promise<Deployment[]> => {
  const { application, group } = order
  const ids = await service.deploymentIds({ application, group, statuses: ACTIVE_STATUSES })
  return ids.length === 0 ? [] : service.deployments(ids)
}

/**
 * Sends the order until it is answered. Throttling and a refused token did nothing; after a lost answer the deployment is
 * looked for first. `lastBefore` is the deployment that was the group's last one until then.
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

/** The answer; after a cancel, a lost one if it does not come soon. */
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
 * A deployment of our revision that was not the group's last one before: the work was done. Not aborted by a cancel: whether a deployment
 * exists must be known before the run may end.
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

/** The only place where an id is read from a sentence: the service has no field for it (reference §4.6). */
const held = (error: unknown): Made => {
  const { message } = factsOf(error)
  return { kind: 'held', holder: /'(d-[A-Z0-9]+)'/.exec(message)?.[1], words: message }
}
