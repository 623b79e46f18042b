import type { Caller, QueryOperations } from '../contract.js'
import type { Answer, Call } from './call.js'
import { parseForm } from './form.js'
import { notSimulated } from './not-simulated.js'
import { NAMESPACES } from './refusal.js'
import { document } from './xml.js'

export const formOf = (call: Call): Record<string, unknown> =>
  parseForm(new URLSearchParams(call.body.toString('utf8')))

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

/** EC2 has no result wrapper, calls list members `item`, and starts names with a lower-case letter (EC2 API). */
const render = (call: Call, output: unknown): string => {
  const namespace = NAMESPACES[call.service] ?? ''
  const value = isObject(output) ? output : {}
  if (call.protocol === 'ec2') {
    return document(`${call.operation}Response`, namespace, { requestId: call.id, ...value }, 'item')
  }
  const whole = { [`${call.operation}Result`]: value, ResponseMetadata: { RequestId: call.id } }
  return document(`${call.operation}Response`, namespace, whole, 'member')
}

/** Runs an operation of the query protocol: form in, XML out (docs/service.md, reference 7.2). */
export const answerQuery = async (
  call: Call,
  operations: QueryOperations,
  caller: Caller
): Promise<Answer> => {
  const operation = Object.hasOwn(operations, call.operation) ? operations[call.operation] : undefined
  if (operation === undefined) throw notSimulated(call)
  const output: unknown = await operation(formOf(call), caller)
  return { status: 200, headers: { 'content-type': 'text/xml' }, body: render(call, output) }
}
