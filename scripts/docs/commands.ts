import { INPUTS, type InputSpec } from '../../src/inputs/table.js'

const specs: Readonly<Record<string, InputSpec | undefined>> = INPUTS

/** The commands that use an input of action.yml. Throws for an input that the action does not know. */
export function commandsOf(input: string): readonly string[] {
  const spec = specs[input]
  if (spec === undefined)
    throw new Error(`action.yml: the action knows no input ${input}; add it to src/inputs/table.ts`)
  return spec.for
}
