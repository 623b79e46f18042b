import { describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

// That `npm ci` really prints no warning is checked by .ci/run, for the Node.js and npm it runs with; here is what each version reads.

interface Package {
  engines?: { node?: string }
  deprecated?: string
}

const read = (file: string): string => readFileSync(join(import.meta.dirname, '..', file), 'utf8')
const { packages } = JSON.parse(read('package-lock.json')) as { packages: Record<string, Package> }

type Version = readonly number[]

/** The oldest of each line that CONTRIBUTING.md names, and a newer one. */
const DOCUMENTED = ['20.19.0', '22.13.0', '24.0.0', '26.0.0']

const numbers = (text: string): Version =>
  text
    .split('.')
    .filter((part) => part !== '*')
    .map(Number)

const compare = (one: Version, other: Version): number => {
  const at = other.findIndex((part, index) => part !== (one[index] ?? 0))
  return at < 0 ? 0 : (one[at] ?? 0) - (other[at] ?? 0)
}

/** One comparator of a version range, as `^20.19.0` or `>=18`; an operator that isn't listed accepts nothing. */
const meets = (version: Version, comparator: string): boolean => {
  const [, operator = '', text = ''] = /^([<>=^~]*)(.+)$/.exec(comparator) ?? []
  const wanted = numbers(text)
  switch (operator) {
    case '>=':
      return compare(version, wanted) >= 0
    case '<=':
      return compare(version, wanted) <= 0
    case '^':
      return version[0] === wanted[0] && compare(version, wanted) >= 0
    case '':
      return compare(version, wanted) === 0
    default:
      return false
  }
}

const accepts = (range: string, version: string): boolean =>
  range.split('||').some((part) =>
    part
      .replace(/([<>=]) +/g, '$1')
      .trim()
      .split(/ +/)
      .every((comparator) => meets(numbers(version), comparator))
  )

describe('npm ci warns of no package:', () => {
  test.each(DOCUMENTED)('each runs on Node.js %s', (version) => {
    const refusing = Object.entries(packages).flatMap(([name, { engines }]) =>
      engines?.node === undefined || accepts(engines.node, version) ? [] : [`${name}: ${engines.node}`]
    )
    expect(refusing).toEqual([])
  })

  test('none is deprecated', () => {
    const deprecated = Object.entries(packages).filter(([, one]) => one.deprecated !== undefined)
    expect(deprecated).toEqual([])
  })

  test('no install script runs, so that npm asks for no approval', () => {
    expect(read('.npmrc')).toContain('\nignore-scripts=true\n')
  })
})

test.each([
  ['>= 20', '18.0.0', false],
  ['^18.14.0 || ^20.0.0 || >=24.0.0', '22.13.0', false],
  ['18 || 20 || >=22', '20.19.0', true],
  ['>=16 || 14 >=14.17', '20.19.0', true],
  ['>=22.12.0', '22.13.0', true],
  ['>=22', '20.19.0', false],
  ['^20.19.0', '20.18.9', false],
  ['6.* || >= 10.*', '20.19.0', true]
])('a package for Node.js %s on %s: %s', (range, version, isAccepted) => {
  expect(accepts(range, version)).toBe(isAccepted)
})
