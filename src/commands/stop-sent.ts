import type { Deployment } from '../domain/deployment.js'
import { isDenied, wordsOf } from '../domain/fault.js'
import { UserError } from '../errors.js'
import type { World } from '../world.js'

/** A stop that was sent is not taken back by a cancel, or by answers that get lost afterwards. */
export const howItGoesOn = (error: unknown, { id }: Deployment, { canceled }: World): unknown => {
  if (isDenied(error)) return error
  const why = canceled.aborted ? 'The job was canceled' : wordsOf(error)
  return new UserError(
    `${why}, while ${id} was being stopped with rollback.`,
    `The service goes on with the stop if it has received it: look at \`aws deploy get-deployment --deployment-id ${id}\`, or run this job again, which goes on from what is live then.`,
    { cause: error }
  )
}
