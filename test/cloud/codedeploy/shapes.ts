import * as client from '@aws-sdk/client-codedeploy'
import { ServiceError } from '../contract.js'

/**
 * A modelled shape as the SDK exports it: a number for a simple one, a tuple for the others, or a function that returns one of
 * them.
 */
type Schema = number | 'unit' | readonly unknown[] | (() => Schema)

const LIST = 64
const MAP = 128
const SIMPLE: Record<number, string> = { 0: 'string', 1: 'number', 2: 'boolean', 4: 'number' }

const schemas = client as unknown as Record<string, Schema | undefined>

/** The modelled input (4) or output (5) of an operation; undefined if the model does not have it. */
export const shapeOf = (operation: string, side: 'input' | 'output'): Schema | undefined => {
  const model = schemas[`${operation}$`]
  return Array.isArray(model) ? (model[side === 'input' ? 4 : 5] as Schema) : undefined
}

/**
 * Compares a value with its modelled shape: types and names of members. Throws SerializationException for a wrong type, as the
 * service does, and ValidationException for an unknown member (stricter than the service).
 */
export const checkShape = (schema: Schema, value: unknown, path = ''): void => {
  if (value === undefined || value === null) return
  if (typeof schema === 'function') {
    checkShape(schema(), value, path)
  } else if (schema === 'unit') {
    // A void operation: an empty structure.
    checkStructure([], [], { value: asObject(value, path), path })
  } else if (typeof schema === 'number') {
    checkSimple(schema, value, path)
  } else {
    checkTuple(schema, value, path)
  }
}

const checkSimple = (schema: number, value: unknown, path: string): void => {
  if (schema >= MAP) {
    for (const [key, item] of Object.entries(asObject(value, path)))
      checkShape(schema - MAP, item, `${path}.${key}`)
  } else if (schema >= LIST) {
    asArray(value, path).forEach((item, index) => checkShape(schema - LIST, item, `${path}[${index}]`))
  } else if (typeof value !== (SIMPLE[schema] ?? 'object')) {
    throw mistyped(path, SIMPLE[schema] ?? 'object', value)
  }
}

// [1, namespace, name, traits, member], [2, …, key, value], [3, …, names, members], and [0, …, simple].
const checkTuple = (schema: readonly unknown[], value: unknown, path: string): void => {
  switch (schema[0]) {
    case 1:
      asArray(value, path).forEach((item, index) =>
        checkShape(schema[4] as Schema, item, `${path}[${index}]`)
      )
      return
    case 2:
      for (const [key, item] of Object.entries(asObject(value, path)))
        checkShape(schema[5] as Schema, item, `${path}.${key}`)
      return
    case 3:
      checkStructure(schema[4] as string[], schema[5] as Schema[], { value: asObject(value, path), path })
      return
    default:
      checkShape(schema[4] as Schema, value, path)
  }
}

const checkStructure = (
  names: string[],
  members: Schema[],
  { value, path }: { value: Record<string, unknown>; path: string }
): void => {
  for (const [key, item] of Object.entries(value)) {
    const member = members[names.indexOf(key)]
    if (member === undefined) throw new ServiceError('ValidationException', `Unknown member '${path}.${key}'`)
    checkShape(member, item, `${path}.${key}`)
  }
}

const asObject = (value: unknown, path: string): Record<string, unknown> => {
  if (typeof value !== 'object' || Array.isArray(value)) throw mistyped(path, 'structure', value)
  return value as Record<string, unknown>
}

const asArray = (value: unknown, path: string): unknown[] => {
  if (!Array.isArray(value)) throw mistyped(path, 'list', value)
  return value
}

const mistyped = (path: string, expected: string, value: unknown): ServiceError =>
  new ServiceError(
    'SerializationException',
    `Expected ${expected} for '${path}', received ${JSON.stringify(value)}`
  )
