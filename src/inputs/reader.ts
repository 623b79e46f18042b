import type { InputName } from './table.js'

/** Reads inputs as types. Mistakes are collected with the value received, and reading continues. */
export interface InputReader {
  readonly mistakes: string[]
  raw(name: InputName): string
  wrong(name: InputName, value: string, why: string): void
  required(name: InputName, pattern: RegExp, rule: string): string
  optional(name: InputName, pattern: RegExp, rule: string): string | undefined
  choice<T extends string>(name: InputName, options: readonly [T, ...T[]]): T
  number(name: InputName, range: { min: number; max: number; whole?: boolean }): number
  flag(name: InputName): boolean
  /** Separated by commas or lines. */
  list(name: InputName, pattern: RegExp, rule: string): string[]
}

const quoted = (text: string): string => JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)

export const inputReader = (raw: (name: InputName) => string): InputReader => {
  const mistakes: string[] = []
  const wrong = (name: InputName, value: string, why: string): void => {
    mistakes.push(`Input \`${name}\`, got ${quoted(value)}: ${why}.`)
  }
  const missing = (name: InputName, rule: string): string => {
    mistakes.push(`Input \`${name}\` is missing: expected ${rule}.`)
    return ''
  }

  const optional: InputReader['optional'] = (name, pattern, rule) => {
    const value = raw(name)
    if (value === '') return undefined
    if (!pattern.test(value)) wrong(name, value, `expected ${rule}`)
    return value
  }

  const choice = <T extends string>(name: InputName, options: readonly [T, ...T[]]): T => {
    const value = raw(name)
    const found = options.find((option) => option === value)
    if (found === undefined)
      wrong(name, value, `expected one of ${options.map((one) => `\`${one}\``).join(', ')}`)
    return found ?? options[0]
  }

  return {
    mistakes,
    raw,
    wrong,
    optional,
    choice,
    required: (name, pattern, rule) => optional(name, pattern, rule) ?? missing(name, rule),
    number: (name, { min, max, whole = false }) => {
      const value = raw(name)
      const number = Number(value)
      const fits = value !== '' && number >= min && number <= max && (!whole || Number.isInteger(number))
      if (!fits) wrong(name, value, `expected a ${whole ? 'whole ' : ''}number from ${min} to ${max}`)
      return number
    },
    flag: (name) => choice(name, ['false', 'true']) === 'true',
    list: (name, pattern, rule) => {
      const items = raw(name)
        .split(/[,\n]/)
        .map((item) => item.trim())
        .filter((item) => item !== '')
      for (const item of items.filter((one) => !pattern.test(one))) wrong(name, item, `expected ${rule}`)
      return items
    }
  }
}
