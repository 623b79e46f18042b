import type { Deployment } from '../domain/deployment.js'
import type { Target } from '../domain/event.js'
import { factsOf, isDenied, wordsOf } from '../domain/fault.js'
import { trafficHasBegun, trafficHasMoved } from '../domain/phase.js'

/** What acting on a holder needs of CodeDeploy. */
export interface ActingService {
  stop(id: string, rollback: boolean): Promise<{ pending: boolean; message: string }>
  endWait(id: string, wait: 'READY_WAIT' | 'TERMINATION_WAIT'): Promise<void>
}

export interface ActingOptions {
  policy: 'wait' | 'fail' | 'supersede'
  endTerminationWait: boolean
  tell: (sentence: string) => void
}

/** What is done about a holder, each once: stop it, end its termination wait, or say that this could be done. */
export type Act = 'stop' | 'stop-and-return' | 'let-end' | 'end-wait' | 'offer'

/** A holder that was installing when it was met may only wait later on; then its wait can be ended. */
export const actFor = (
  holder: Deployment,
  targets: Target[],
  { policy, endTerminationWait }: ActingOptions
): Act | undefined => {
  if (!trafficHasMoved(holder, targets)) return policy === 'supersede' ? stopFor(holder, targets) : undefined
  return endTerminationWait || policy === 'supersede' ? 'end-wait' : 'offer'
}

/**
 * A rollback of the service's own ends in a moment and leaves one revision serving, so it is let end. Once traffic moves, a
 * bare stop would leave both fleets in the load balancer; with rollback it goes back to one of them first.
 */
const stopFor = (holder: Deployment, targets: Target[]): Act =>
  holder.creator === 'codeDeployRollback' ? 'let-end' : trafficHasBegun(targets) ? 'stop-and-return' : 'stop'

const endTerminationWait = async (
  holder: Deployment,
  service: ActingService,
  options: ActingOptions
): Promise<void> => {
  options.tell(
    `Ending the termination wait of ${holder.id}: its old fleet is terminated now, so traffic can no longer go back to it within seconds.`
  )
  await orRefused(() => service.endWait(holder.id, 'TERMINATION_WAIT'), holder, options)
}

const supersede =
  (rollback: boolean) =>
  async (holder: Deployment, service: ActingService, options: ActingOptions): Promise<void> => {
    options.tell(
      `Stopping ${holder.id}, as \`on-conflict: supersede\` says${rollback ? '; its traffic goes back first, so that one revision serves' : ''}.`
    )
    await orRefused(() => service.stop(holder.id, rollback), holder, options)
  }

/** A refusal by state is no error: the holder is past the point, or over, and is waited for. */
const orRefused = async (
  call: () => Promise<unknown>,
  holder: Deployment,
  { tell }: ActingOptions
): Promise<void> => {
  try {
    await call()
  } catch (error) {
    const { name } = factsOf(error)
    if (isDenied(error) || !/^(Deployment|Invalid|Unsupported)/.test(name)) throw error
    tell(`The service refused it: ${wordsOf(error)}. Waiting for the end of ${holder.id} instead.`)
  }
}

const offer = (_: Deployment, __: ActingService, { tell }: ActingOptions): Promise<void> => {
  tell(
    'It only waits for the end of its old fleet. `end-termination-wait: true` would end that wait at once, and with it the way back within seconds.'
  )
  return Promise.resolve()
}

const letEnd = (holder: Deployment, _: ActingService, { tell }: ActingOptions): Promise<void> => {
  tell(
    `${holder.id} brings the former revision back. It is not stopped, since that would leave two revisions serving.`
  )
  return Promise.resolve()
}

/** How each is done; told in the log. A refusal by the holder's state is told, and thrown by nothing. */
export const ACTS = {
  stop: supersede(false),
  'stop-and-return': supersede(true),
  'let-end': letEnd,
  'end-wait': endTerminationWait,
  offer
} as const
