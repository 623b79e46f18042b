import { ServiceError } from '../contract.js'

/** A typed refusal of CodeDeploy: HTTP 400 with the exception's name (docs/service.md, reference 7.1). */
export const refuse = (exception: string, message: string): never => {
  throw new ServiceError(exception, message)
}
