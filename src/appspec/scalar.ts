import { leadingInteger } from './ruby-value.js'
import type { RubyValue } from './ruby-value.js'

/** A scalar's value without its position. */
export type Scalar =
  | { kind: 'nil' }
  | { kind: 'boolean'; value: boolean }
  | { kind: 'integer'; value: bigint; octal?: boolean }
  | { kind: 'float'; value: number }
  | { kind: 'string'; value: string }
  | { kind: 'symbol'; value: string }
  /** The agent's YAML reader rejects the text with this message. */
  | { kind: 'refused'; message: string }

const TEXT = /^[^\d.:-]?[\p{Alphabetic}_\t\n\v\f\r !@#$%^&*(){}<>|/\\~;=]+/u
const TIME =
  /^-?\d{4}-\d{1,2}-\d{1,2}(?:[Tt]|[\t\n\v\f\r ]+)\d{1,2}:\d\d:\d\d(?:\.\d*)?(?:[\t\n\v\f\r ]*(?:Z|[-+]\d{1,2}:?(?:\d\d)?))?$/
const DATE = /^\d{4}-(?:1[012]|0\d|\d)-(?:[12]\d|3[01]|0\d|\d)$/
const BASE_60 = /^[-+]?[0-9][0-9_]*(:[0-5]?[0-9]){1,2}$/
const BASE_60_FLOAT = /^[-+]?[0-9][0-9_]*(:[0-5]?[0-9]){1,2}\.[0-9_]*$/
const FLOAT = /^[-+]?([0-9][0-9_,]*)?\.[0-9]*([eE][-+][0-9]+)?$/
const INTEGER =
  /^(?:[-+]?0b[01_,]+|[-+]?0[0-7_,]+|[-+]?(?:0|[1-9](?:[0-9]|,[0-9]|_[0-9])*)|[-+]?0x[0-9a-fA-F_,]+)$/

/**
 * Reads a scalar written without quotes as the agent's YAML reader does (Psych 4.0 on Ruby 3.1, YAML 1.1): `0644` is octal,
 * `1:00` is base 60, `no` is false, and an unquoted date is rejected (docs/service.md, reference 6.3).
 */
export const readScalar = (text: string): Scalar => {
  if (text === '') return { kind: 'nil' }
  if (TEXT.test(text) || text.includes('\n')) return readWord(text)
  if (TIME.test(text)) return refused('Tried to load unspecified class: Time')
  if (DATE.test(text)) return refused('Tried to load unspecified class: Date')
  return readSpecial(text) ?? readNumber(text)
}

const refused = (message: string): Scalar => ({ kind: 'refused', message })

const readWord = (text: string): Scalar => {
  if (Array.from(text).length > 5 || /(?<![^\n])[^ytonf~]/i.test(text)) return { kind: 'string', value: text }
  if (text === '~' || /(?<![^\n])null(?![^\n])/i.test(text)) return { kind: 'nil' }
  if (/(?<![^\n])(yes|true|on)(?![^\n])/i.test(text)) return { kind: 'boolean', value: true }
  if (/(?<![^\n])(no|false|off)(?![^\n])/i.test(text)) return { kind: 'boolean', value: false }
  return { kind: 'string', value: text }
}

const readSpecial = (text: string): Scalar | undefined => {
  if (/^\+?\.inf$/i.test(text)) return { kind: 'float', value: Infinity }
  if (/^-\.inf$/i.test(text)) return { kind: 'float', value: -Infinity }
  if (/^\.nan$/i.test(text)) return { kind: 'float', value: NaN }
  if (!/^:[^\n]/.test(text)) return undefined
  const quoted = /^:(["'])([^\n]*)\1/.exec(text)
  return { kind: 'symbol', value: (quoted?.[2] ?? text).replace(/^:/, '') }
}

const readNumber = (text: string): Scalar => {
  if (BASE_60.test(text)) return { kind: 'integer', value: base60(text, leadingInteger, 60n) }
  if (BASE_60_FLOAT.test(text)) return { kind: 'float', value: base60Float(text) }
  if (FLOAT.test(text)) {
    if (/^[-+]?\.$/.test(text)) return { kind: 'string', value: text }
    return parseFloatStrictly(text.replace(/[,_]/g, '').replace(/\.([Ee]|$)/, '$1'))
  }
  return INTEGER.test(text) ? parseInteger(text.replace(/[,_]/g, '')) : { kind: 'string', value: text }
}

const base60 = (text: string, toNumber: (part: string) => bigint, base: bigint): bigint =>
  text
    .split(':')
    .map((part, place) => toNumber(part) * base ** BigInt(Math.abs(place - 2)))
    .reduce((sum, part) => sum + part, 0n)

const base60Float = (text: string): number =>
  text
    .split(':')
    .map((part, place) => Number.parseFloat(part.replaceAll('_', '')) * 60 ** Math.abs(place - 2))
    .reduce((sum, part) => sum + part, 0)

const parseInteger = (text: string): Scalar => {
  const [, sign = '', prefix = '', digits = ''] = /^([-+]?)(0[xb]|0(?=\d))?([^\n]*)$/.exec(text) ?? []
  if (digits === '') return refused(`invalid value for Integer(): "${text}"`)
  const size = BigInt(prefix === '0' ? `0o${digits}` : prefix + digits)
  return { kind: 'integer', value: sign === '-' ? -size : size, octal: prefix === '0' }
}

const RUBY_FLOAT = /^[ \t\n\v\f\r]*[-+]?(\d+(_\d+)*)?(\.\d+(_\d+)*)?([eE][-+]?\d+(_\d+)*)?[ \t\n\v\f\r]*$/

/** Reads a text as Ruby's `Float()` does, which accepts nothing but a number. */
export const parseFloatStrictly = (text: string): Scalar => {
  if (!RUBY_FLOAT.test(text) || !/^[ \t\n\v\f\r]*[-+]?\.?\d/.test(text))
    return refused(`invalid value for Float(): "${text}"`)
  return { kind: 'float', value: Number(text.replaceAll('_', '')) }
}

/** The value of a scalar tagged `!!float`: what Ruby's `Float()` returns for it. */
export const toFloat = (scalar: Scalar): Scalar => {
  if (scalar.kind === 'float' || scalar.kind === 'refused') return scalar
  if (scalar.kind === 'integer') return { kind: 'float', value: Number(scalar.value) }
  if (scalar.kind === 'string') return parseFloatStrictly(scalar.value)
  return refused(`can't convert ${scalar.kind} into Float`)
}

/** Whether a scalar has a value, and is not rejected. */
export const isValue = (scalar: Scalar): scalar is Exclude<Scalar, { kind: 'refused' }> =>
  scalar.kind !== 'refused'

export type ScalarValue = Exclude<RubyValue, { kind: 'array' } | { kind: 'hash' }>
