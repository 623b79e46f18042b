import { parse } from 'yaml'

/** One input of the action, as its users see it. */
export interface Input {
  name: string
  description: string
  default?: string
}

/** One output of the action. */
export interface Output {
  name: string
  description: string
}

/** The inputs and outputs in action.yml, from which the tables and the workflows are written. */
export interface Metadata {
  inputs: Input[]
  outputs: Output[]
}

type Field = Record<string, unknown>

/** Reads the text of action.yml. Throws an error that names every input and output without a description. */
export function readMetadata(text: string): Metadata {
  const document = parse(text) as { inputs?: Record<string, Field>; outputs?: Record<string, Field> }
  const inputs = Object.entries(document.inputs ?? {}).map(([name, field]) => inputOf(name, field))
  const outputs = Object.entries(document.outputs ?? {}).map(([name, field]) => outputOf(name, field))
  const silent = [...inputs, ...outputs].filter(({ description }) => description === '')
  if (silent.length > 0)
    throw new Error(
      `action.yml: no description for ${silent.map(({ name }) => name).join(', ')}; add one to each`
    )
  return { inputs, outputs }
}

function inputOf(name: string, field: Field): Input {
  const input = outputOf(name, field)
  return typeof field['default'] === 'string' ? { ...input, default: field['default'] } : input
}

function outputOf(name: string, field: Field): Output {
  const description = field['description']
  return { name, description: typeof description === 'string' ? description.trim() : '' }
}
