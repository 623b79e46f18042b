import { isOver, type Deployment } from '../domain/deployment.js'
import { factsOf, faultOf, wordsOf } from '../domain/fault.js'

/** What canceling needs of CodeDeploy; these calls are not aborted by the cancel itself. */
export interface CancelService {
  deployment(id: string): Promise<Deployment>
  stop(id: string, rollback: boolean): Promise<{ pending: boolean; message: string }>
}

export interface CancelOptions {
  policy: 'rollback' | 'stop' | 'leave'
  clock: { now(): number; sleep(ms: number): Promise<void> }
  tell: (sentence: string) => void
}

/** A runner sends SIGINT, waits 7.5 s, sends SIGTERM, waits 2.5 s and kills: this much is spent on looking. */
const LOOKING_MS = 4_500
const LOOK_EVERY_MS = 700

/** Does what `on-cancel` says with the deployment, and returns it as it was seen last. */
export const cancel = async (
  id: string,
  service: CancelService,
  options: CancelOptions
): Promise<Deployment> => {
  const { policy, tell } = options
  if (policy === 'leave') {
    tell(`The job was canceled. ${id} is left alone and goes on, as \`on-cancel: leave\` says.`)
    return service.deployment(id)
  }
  tell(`The job was canceled. Stopping ${id}${policy === 'rollback' ? ' with rollback' : ''}.`)
  await stopOrSay(id, service, options)
  return lookBriefly(id, service, options)
}

const stopOrSay = async (
  id: string,
  service: CancelService,
  { policy, tell }: CancelOptions
): Promise<void> => {
  try {
    const { message } = await service.stop(id, policy === 'rollback')
    if (message !== '') tell(message)
  } catch (error) {
    if (factsOf(error).name === 'DeploymentAlreadyCompletedException') return
    tell(
      faultOf(error) === 'final'
        ? `The service refused to stop ${id}: ${wordsOf(error)}. It goes on.`
        : `Whether ${id} was stopped is not known: ${wordsOf(error)}.`
    )
  }
}

const lookBriefly = async (
  id: string,
  service: CancelService,
  { clock }: CancelOptions
): Promise<Deployment> => {
  const end = clock.now() + LOOKING_MS
  for (;;) {
    const deployment = await service.deployment(id)
    if (isOver(deployment.status) || clock.now() + LOOK_EVERY_MS > end) return deployment
    await clock.sleep(LOOK_EVERY_MS)
  }
}
