import { quoting } from './problems.js'
import type { Problems } from './problems.js'
import { isNil, toText } from './ruby-value.js'
import type { RubyValue } from './ruby-value.js'

const badLength = (mode: string): string =>
  `The deployment failed because the length of a permissions mode (${mode}) in the application specification file is invalid. Permissions modes must be between one and four characters long. Update the permissions section of the AppSpec file, and then try again.`
const badCharacter = (mode: string, character: string): string =>
  `The deployment failed because the permissions mode (${mode}) in the application specification file contains an invalid character (${character}). Update the permissions section of the AppSpec file, and then try again.`

/** Checks a permission's mode: up to four octal digits (reference §6.3, M9 and M10). */
export const checkMode = (value: RubyValue | undefined, problems: Problems): { mode?: string } => {
  if (isNil(value)) return {}
  const mode = toText(value).padStart(3, '0')
  const bad = Array.from(mode).find((char) => !/^[0-7]$/.test(char))
  if (Array.from(mode).length > 4)
    problems.error(quoting(`A mode has at most four octal digits. ${hint(value)}`, badLength(mode)), value)
  else if (bad !== undefined)
    problems.error(quoting(`A mode has octal digits only. ${hint(value)}`, badCharacter(mode, bad)), value)
  else {
    warnOfOctal(value, mode, problems)
    return { mode }
  }
  return {}
}

// YAML 1.1 reads a number with a leading zero as octal, and the agent then takes its decimal digits for the mode.
const hint = (value: RubyValue): string =>
  value.kind === 'integer'
    ? `Unquoted, a number with a leading 0 is octal for the agent and becomes ${value.value}; write it without the 0, as in 755, or in quotes, as in "0755".`
    : 'Write it as in 644 or "0644".'

const warnOfOctal = (value: RubyValue, mode: string, problems: Problems): void => {
  if (value.kind === 'integer' && value.octal === true)
    problems.warning(
      `The Ruby agent reads this unquoted mode with a leading 0 as octal and sets ${mode}, the agent of 2.x sets what is written. ${hint(value)}`,
      value
    )
  else if (mode === '000') problems.warning('The mode is 000: nobody but root can use the files.', value)
}
