import { parseDocument } from './document.js'
import { loadYaml } from './load.js'
import type { Problems } from './problems.js'
import type { AppSpec } from './spec.js'
import { YamlError } from './yaml/source.js'

/** Reads an AppSpec file; undefined, with an error in `problems`, when the agent could not read it at all. */
export const readAppSpec = (bytes: Buffer, problems: Problems): AppSpec | undefined => {
  try {
    const { value, unread } = loadYaml(bytes)
    if (unread !== undefined)
      problems.warning(
        'The agent reads nothing from here on, because the first document ends above. Put everything into one document.',
        { start: unread }
      )
    if (bytes.subarray(0, 3).equals(Buffer.from('\ufeff')))
      problems.warning(
        'The file starts with a byte order mark, which shifts the first line for the agent. Save it as UTF-8 without one.'
      )
    return parseDocument(value, problems)
  } catch (error) {
    if (!(error instanceof YamlError)) throw error
    problems.error(`The agent cannot read the file: ${explain(error.message)}`, { start: error.mark })
    return undefined
  }
}

const ADVICE: [RegExp, string][] = [
  [/tab|cannot start any token/, 'YAML allows no tabs in indentation; look for one here, and use spaces.'],
  [/Unknown alias/, 'The agent does not accept anchors and aliases (& and *). Write the value out.'],
  [/unspecified class: (?:Date|Time)/, 'The agent does not accept an unquoted date. Put it in quotes.'],
  [/unspecified class/, 'The agent does not accept tags that name a class. Remove the tag.'],
  [/UTF-8/, 'Save the file as UTF-8.']
]

const explain = (problem: string): string => {
  const advice = ADVICE.find(([pattern]) => pattern.test(problem))?.[1]
  return `“${problem}”. ${advice ?? 'Correct the YAML here or just above.'}`
}
