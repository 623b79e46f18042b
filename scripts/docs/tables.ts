import { COMMANDS } from '../../src/inputs/table.js'
import { commandsOf } from './commands.js'
import type { Input, Metadata, Output } from './metadata.js'

/** The inputs as a Markdown table, in the order of action.yml. */
export const inputTable = ({ inputs }: Metadata): string =>
  table(['input', 'for', 'default', 'what it is'], inputs.map(inputRow))

/** The outputs as a Markdown table, in the order of action.yml. */
export const outputTable = ({ outputs }: Metadata): string =>
  table(['output', 'what it is'], outputs.map(outputRow))

const inputRow = (input: Input): string[] => [
  code(input.name),
  forOf(input),
  defaultOf(input),
  input.description
]

const forOf = (input: Input): string => {
  const commands = commandsOf(input.name)
  return commands.length === COMMANDS.length ? 'all' : commands.join(', ')
}

const outputRow = (output: Output): string[] => [code(output.name), output.description]

const defaultOf = (input: Input): string => (input.default === undefined ? '–' : code(input.default))

const code = (text: string): string => '`' + text + '`'

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]): string => `| ${cells.map(cell).join(' | ')} |`
  return ['', line(head), line(head.map(() => '---')), ...rows.map(line), ''].join('\n')
}

/** A cell is one line, and a `|` in it would start the next cell. */
const cell = (text: string): string => text.replaceAll(/\s*\n\s*/g, ' ').replaceAll('|', '\\|')
