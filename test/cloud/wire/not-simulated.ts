import { ServiceError } from '../contract.js'
import type { Call } from './call.js'

/** Says which operation a client asked for, and that this is no fault of the client, nor of the real service. */
export const notSimulated = ({ service, operation, protocol }: Call): ServiceError =>
  new ServiceError(
    'NotSimulated',
    `The local cloud does not simulate ${service}:${operation}. test/cloud/README.md says what it simulates, and how to add an operation.`,
    protocol === 's3' ? 501 : 400
  )
