import { cbor, dateToTag } from '@smithy/core/cbor'
import { ServiceError } from '../contract.js'
import type { Answer, Call } from './call.js'

/** Dates become tagged epoch seconds; undefined members are dropped (Smithy RPC v2 CBOR). */
const tagged = (value: unknown): unknown => {
  if (value instanceof Date) return dateToTag(value)
  if (Array.isArray(value)) return value.map(tagged)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  return Object.fromEntries(members.map(([name, member]) => [name, tagged(member)]))
}

/** An answer in the protocol of current clients of CloudWatch; without the header they take it for a fault in front of the service. */
export const answerCbor = (value: unknown, status = 200, headers: Record<string, string> = {}): Answer => ({
  status,
  headers: { 'content-type': 'application/cbor', 'smithy-protocol': 'rpc-v2-cbor', ...headers },
  body: Buffer.from(cbor.serialize(tagged(value)))
})

export const parseCbor = ({ body }: Call): Record<string, unknown> => {
  try {
    const value: unknown = body.length === 0 ? {} : cbor.deserialize(body)
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>
  } catch {
    // Refused below, as any other body that is no map.
  }
  throw new ServiceError('SerializationException', 'The request body is not a CBOR map.')
}
