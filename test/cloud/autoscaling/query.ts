import { ServiceError } from '../contract.js'

/** A form of the query protocol as nested objects; every value is a string (contract: QueryOperations). */
export type Form = Record<string, unknown>

/** A string member, or undefined if it is absent or empty. */
export const text = (form: Form, member: string): string | undefined => {
  const value = form[member]
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** A required string member. */
export const required = (form: Form, member: string): string => {
  const value = text(form, member)
  if (value === undefined) {
    throw new ServiceError(
      'ValidationError',
      `1 validation error detected: Value null at '${member}' failed to satisfy constraint: Member must not be null`
    )
  }
  return value
}

/** A number member; forms contain it as text. */
export const number = (form: Form, member: string): number | undefined => {
  const value = text(form, member)
  if (value === undefined) return undefined
  const result = Number(value)
  if (!Number.isInteger(result))
    throw new ServiceError('ValidationError', `The ${member} '${value}' is not an integer.`)
  return result
}

export const flag = (form: Form, member: string): boolean => text(form, member) === 'true'

/** A list member; empty if it is absent. */
export const list = (form: Form, member: string): unknown[] => {
  const value = form[member]
  return Array.isArray(value) ? value : []
}

export const texts = (form: Form, member: string): string[] =>
  list(form, member).filter((item) => typeof item === 'string')

/** A list of structures. */
export const forms = (form: Form, member: string): Form[] =>
  list(form, member).filter((item): item is Form => typeof item === 'object' && item !== null)

/** A structure member. */
export const form = (parent: Form, member: string): Form | undefined => {
  const value = parent[member]
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Form) : undefined
}

/** One page of a list. The token is simply an offset, which is good enough here. */
export const paged = <Item>(
  items: Item[],
  given: string | undefined,
  size: number
): { page: Item[]; next?: string } => {
  const offset = given === undefined ? 0 : Number(given)
  if (!Number.isInteger(offset) || offset < 0)
    throw new ServiceError('InvalidNextToken', `The token '${given ?? ''}' is invalid.`)
  const page = items.slice(offset, offset + size)
  return offset + size < items.length ? { page, next: String(offset + size) } : { page }
}
