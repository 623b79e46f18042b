import { ServiceError, type JsonOperations } from '../contract.js'
import type { Answer, Call } from './call.js'
import { notSimulated } from './not-simulated.js'

/**
 * Dates become epoch seconds with a fraction, the only form that clients accept (docs/service.md, reference 7.1); null members
 * are dropped.
 */
export const toJson = (value: unknown): string =>
  JSON.stringify(value, function (this: Record<string, unknown>, key, member: unknown) {
    const original = this[key]
    return original instanceof Date ? original.getTime() / 1000 : (member ?? undefined)
  })

export const parseJson = (call: Call): Record<string, unknown> => {
  const text = call.body.toString('utf8')
  try {
    const value: unknown = text === '' ? {} : JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>
  } catch {
    // Reported below, like any other body that is not an object.
  }
  throw new ServiceError('SerializationException', 'The request body is not a JSON object.')
}

/** Runs the operation that an authenticated call names; throws for one that this cloud does not have. */
export const perform = (call: Call, operations: JsonOperations, input: Record<string, unknown>): unknown => {
  const operation = Object.hasOwn(operations, call.operation) ? operations[call.operation] : undefined
  if (operation !== undefined && call.caller !== undefined) return operation(input, call.caller)
  throw notSimulated(call)
}

/**
 * Runs an operation of the JSON 1.1 protocol. An operation without output answers 200 with an empty body (docs/service.md,
 * reference 7.1).
 */
export const answerJson = async (
  call: Call,
  operations: JsonOperations,
  input: Record<string, unknown>
): Promise<Answer> => {
  const output = await perform(call, operations, input)
  const body = output === undefined ? '' : toJson(output)
  // Clients of either version take the other one's content type.
  return { status: 200, headers: { 'content-type': 'application/x-amz-json-1.1' }, body }
}
