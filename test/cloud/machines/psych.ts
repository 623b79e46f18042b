import { isAlias, isMap, isScalar, isSeq, parseDocument } from 'yaml'
import type { Scalar } from 'yaml'

/** When a plain scalar is a number or a date in Ruby's YAML, which is YAML 1.1 with peculiarities. */
const DATE = /^\d{4}-\d{1,2}-\d{1,2}$/
const TIME = /^-?\d{4}-\d{1,2}-\d{1,2}(?:[Tt]|\s+)\d{1,2}:\d\d:\d\d/
const INTEGER = /^[-+]?(?:0|[1-9](?:[0-9]|,[0-9]|_[0-9])*)$/
const OCTAL = /^[-+]?0[0-7_,]+$/
const HEX = /^[-+]?0x[0-9a-fA-F_,]+$/
const FLOAT = /^[-+]?(?:\d[\d_,]*)?(?:\.\d[\d_]*)?(?:[eE][-+]?\d+)?$/
const SIXTIES = /^[-+]?\d[\d_]*(?::[0-5]?\d){1,2}$/

/**
 * Reads YAML as the agent does (docs/service.md, reference 6.3): octal `0644`, sexagesimal `1:00`, the last of duplicate keys,
 * no aliases, no dates; everything after a second `---` is ignored.
 */
export const loadYaml = (text: string): unknown => {
  const document = parseDocument(text.replace(/^\uFEFF/, ''), {
    version: '1.1',
    schema: 'failsafe',
    uniqueKeys: false,
    logLevel: 'silent'
  })
  const error = document.errors.find(({ code }) => code !== 'MULTIPLE_DOCS')
  if (error !== undefined) {
    const { line, col } = error.linePos?.[0] ?? { line: 0, col: 0 }
    const what = error.message.split(' at line ')[0] ?? error.message
    throw new Error(`(<unknown>): ${what} at line ${line} column ${col}`)
  }
  const value = plain(document.contents)
  // After a byte order mark only the first key survives (docs/service.md, reference 6.3).
  return text.startsWith('\uFEFF') && isRecord(value)
    ? Object.fromEntries(Object.entries(value).slice(0, 1))
    : value
}

const plain = (node: unknown): unknown => {
  if (isAlias(node)) throw new Error(`Unknown alias: ${node.source}`)
  if (isSeq(node)) return node.items.map(plain)
  if (isMap(node))
    return Object.fromEntries(node.items.map(({ key, value }) => [String(plain(key)), plain(value)]))
  return isScalar(node) ? scalar(node) : null
}

const scalar = (node: Scalar): unknown => {
  const text = typeof node.value === 'string' ? node.value : ''
  return node.type === 'PLAIN' && node.tag === undefined ? meaning(text) : text
}

const meaning = (text: string): unknown => {
  if (/^(?:~|null|Null|NULL|)$/.test(text)) return null
  if (/^(?:yes|true|on)$/i.test(text)) return true
  if (/^(?:no|false|off)$/i.test(text)) return false
  if (DATE.test(text)) throw new Error('Tried to load unspecified class: Date')
  if (TIME.test(text)) throw new Error('Tried to load unspecified class: Time')
  const digits = text.replace(/[_,]/g, '')
  if (OCTAL.test(text)) return digits.startsWith('-') ? -parseInt(digits.slice(1), 8) : parseInt(digits, 8)
  if (INTEGER.test(text) || HEX.test(text)) return Number(digits)
  if (SIXTIES.test(text)) return sixties(digits)
  return FLOAT.test(text) && /\d/.test(text) ? new RubyFloat(Number(digits)) : text
}

/**
 * `1:00` is an hour in seconds, `0:30` half an hour: the first part always counts as 3600 (docs/service.md, reference 6.3,
 * timeout).
 */
const sixties = (text: string): number =>
  text.split(':').reduce((sum, part, index) => sum + Number(part) * 60 ** Math.abs(index - 2), 0)

/** A number that keeps its decimal point: `1.0` is not `1` in a message. */
export class RubyFloat {
  readonly value: number
  constructor(value: number) {
    this.value = value
  }
  toString(): string {
    return Number.isInteger(this.value) ? this.value.toFixed(1) : String(this.value)
  }
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof RubyFloat)

/** How Ruby writes a value in an error message. */
export const inspect = (value: unknown): string => {
  if (value === null || value === undefined) return 'nil'
  if (typeof value === 'string') return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(inspect).join(', ')}]`
  if (value instanceof RubyFloat) return value.toString()
  if (!isRecord(value)) return typeof value === 'object' ? '' : `${value as number}`
  return `{${Object.entries(value)
    .map(([key, entry]) => `${inspect(key)}=>${inspect(entry)}`)
    .join(', ')}}`
}

/** How Ruby interpolates a value: nil becomes nothing. */
export const inWords = (value: unknown): string =>
  value === null || value === undefined ? '' : typeof value === 'string' ? value : inspect(value)
