import type { Clock, CodeDeploy } from '../ports.js'
import { isOver, type Deployment } from '../domain/deployment.js'
import { factsOf, faultOf, isDenied, wordsOf } from '../domain/fault.js'
import { allowIt } from '../domain/rights.js'

/** What canceling needs of CodeDeploy; these calls are not aborted by the cancel itself. */
export type CancelService = Pick<CodeDeploy, 'deployment' | 'stop'>

export interface CancelOptions {
  policy: 'rollback' | 'stop' | 'leave'
  clock: Clock
  /** Aborted shortly before the runner kills the process, which ends all calls. */
  lastMoment?: AbortSignal
  tell: (sentence: string) => void
}

/** A runner sends SIGINT, waits 7.5 s, sends SIGTERM, waits 2.5 s and kills: checking may take this long. */
const LOOKING_MS = 4_500
const LOOK_EVERY_MS = 700

/** Does what `on-cancel` says with the deployment, and returns its last known state (`known` when nothing answers). */
export const cancel = async (
  known: Deployment,
  service: CancelService,
  options: CancelOptions
): Promise<Deployment> => {
  const { policy, tell } = options
  const { id } = known
  if (policy === 'leave') {
    tell(`The job was canceled. ${id} was left alone and keeps running (\`on-cancel: leave\`).`)
    return orKnown(service.deployment(id), known)
  }
  tell(`The job was canceled. Stopping ${id}${policy === 'rollback' ? ' with rollback' : ''}.`)
  await stopOrSay(id, service, options)
  return lookBriefly(known, service, options)
}

const stopOrSay = async (
  id: string,
  service: CancelService,
  { policy, tell, lastMoment }: CancelOptions
): Promise<void> => {
  try {
    const { message } = await service.stop(id, policy === 'rollback')
    if (message !== '') tell(message)
  } catch (error) {
    if (factsOf(error).name === 'DeploymentAlreadyCompletedException') return
    const why = lastMoment?.aborted === true ? 'no answer before this job ended' : wordsOf(error)
    tell(
      faultOf(error) === 'final' && lastMoment?.aborted !== true
        ? `The service refused to stop ${id}: ${why}. It keeps running.${isDenied(error) ? ` To let a cancel stop it, ${allowIt(error)}.` : ''}`
        : `It is not known whether ${id} was stopped: ${why}. If it is still running, stop it with \`aws deploy stop-deployment --deployment-id ${id}\`.`
    )
  }
}

/** When the final read fails, the report shows the last known state. */
const orKnown = async (reading: Promise<Deployment>, known: Deployment): Promise<Deployment> => {
  try {
    return await reading
  } catch {
    return known
  }
}

const lookBriefly = async (
  known: Deployment,
  service: CancelService,
  { clock, lastMoment }: CancelOptions
): Promise<Deployment> => {
  const end = clock.now() + LOOKING_MS
  for (let latest = known; ;) {
    latest = await orKnown(service.deployment(known.id), latest)
    const isTimeUp = lastMoment?.aborted === true || clock.now() + LOOK_EVERY_MS > end
    if (isOver(latest.status) || isTimeUp) return latest
    await clock.sleep(LOOK_EVERY_MS)
  }
}
