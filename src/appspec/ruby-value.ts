import type { Mark } from './yaml/source.js'

/** A value's position in the file. */
interface Placed {
  start: Mark
}

/** A value as the agent (a Ruby program) holds it after reading its YAML. */
export type RubyValue = Placed &
  (
    | { kind: 'nil' }
    | { kind: 'boolean'; value: boolean }
    /** `octal`: written with a leading 0, which YAML 1.1 reads as base 8. */
    | { kind: 'integer'; value: bigint; octal?: boolean }
    | { kind: 'float'; value: number }
    | { kind: 'string'; value: string }
    | { kind: 'symbol'; value: string }
    | { kind: 'array'; items: RubyValue[] }
    | RubyHash
  )

/** `repeated`: the later keys that replaced an earlier, equal one. */
export type RubyHash = Placed & { kind: 'hash'; pairs: RubyPair[]; repeated: RubyValue[] }
export interface RubyPair {
  key: RubyValue
  value: RubyValue
}

/** The value of a string key; undefined when the key is missing. */
export const lookUp = (hash: RubyHash, name: string): RubyValue | undefined =>
  hash.pairs.find(({ key }) => key.kind === 'string' && key.value === name)?.value

/** Whether the value is false to Ruby: only nil and false are, and a missing value counts as nil. */
export const isFalsy = (value: RubyValue | undefined): boolean =>
  value === undefined || value.kind === 'nil' || (value.kind === 'boolean' && !value.value)

/** Whether the value is missing or nil. */
export const isNil = (value: RubyValue | undefined): value is undefined | (RubyValue & { kind: 'nil' }) =>
  value === undefined || value.kind === 'nil'

/** What Ruby's `to_s` returns for a value. */
export const toText = (value: RubyValue | undefined): string => {
  if (value === undefined || value.kind === 'nil') return ''
  if (value.kind === 'string' || value.kind === 'symbol') return value.value
  return inspect(value)
}

/** What Ruby's `inspect` returns for a value, as in the agent's messages. */
export const inspect = (value: RubyValue): string => {
  switch (value.kind) {
    case 'nil':
      return 'nil'
    case 'boolean':
    case 'integer':
      return String(value.value)
    case 'float':
      return floatText(value.value)
    case 'string':
      return JSON.stringify(value.value)
    case 'symbol':
      return `:${value.value}`
    case 'array':
      return `[${value.items.map(inspect).join(', ')}]`
    case 'hash':
      return `{${value.pairs.map(({ key, value: held }) => `${inspect(key)}=>${inspect(held)}`).join(', ')}}`
  }
}

const floatText = (value: number): string => {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity'
  const sign = value < 0 || Object.is(value, -0) ? '-' : ''
  const size = Math.abs(value)
  if (size !== 0 && (size >= 1e16 || size < 1e-4)) {
    const [digits = '', exponent = '0'] = size.toExponential().split('e')
    const power = Number(exponent)
    const padded = String(Math.abs(power)).padStart(2, '0')
    return `${sign}${digits.includes('.') ? digits : `${digits}.0`}e${power < 0 ? '-' : '+'}${padded}`
  }
  const plain = String(size)
  return sign + (plain.includes('.') ? plain : `${plain}.0`)
}

// Ruby strips these at both ends; a non-breaking space stays.
const STRIPPED = '\0\t\n\v\f\r '

/** What Ruby's `strip` returns for a string. */
export const strip = (text: string): string => {
  const end = withoutEnd(text, STRIPPED)
  let start = 0
  while (start < end.length && STRIPPED.includes(end.charAt(start))) start += 1
  return end.slice(start)
}

/** A text without these characters at its end. A regular expression would also try every run of them inside the text. */
export const withoutEnd = (text: string, characters: string): string => {
  let end = text.length
  while (end > 0 && characters.includes(text.charAt(end - 1))) end -= 1
  return text.slice(0, end)
}

/** The integer that Ruby's `to_i` reads at the start of a string; 0 if there is none. */
export const leadingInteger = (text: string): bigint => {
  const digits = /^[\t\n\v\f\r ]*([-+]?)(\d+(?:_\d+)*)/.exec(text)
  if (digits === null) return 0n
  const size = BigInt((digits[2] ?? '0').replaceAll('_', ''))
  return digits[1] === '-' ? -size : size
}
