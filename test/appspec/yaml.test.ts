import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { loadYaml } from '../../src/appspec/load.js'
import { inspect, type RubyValue } from '../../src/appspec/ruby-value.js'
import { YamlError } from '../../src/appspec/yaml/source.js'

/** What `YAML.load` of Ruby 3.1 (Psych 4.0.4) reads from each text, with a letter for each type, as in the fixture. */
type Known = unknown[] | 'refused'

const values = JSON.parse(readFileSync(new URL('yaml-values.json', import.meta.url), 'utf8')) as [
  string,
  Known
][]

const LETTERS = { boolean: 'b', integer: 'i', float: 'f', string: 's', symbol: 'y' } as const

const spell = (value: RubyValue | undefined): unknown[] => {
  if (value === undefined || value.kind === 'nil') return ['nil']
  if (value.kind === 'array') return ['a', value.items.map(spell)]
  if (value.kind === 'hash') return ['h', value.pairs.map((pair) => [spell(pair.key), spell(pair.value)])]
  const text = value.kind === 'integer' || value.kind === 'float' ? inspect(value) : value.value
  return [LETTERS[value.kind], text]
}

const load = (text: string): Known => {
  try {
    return spell(loadYaml(Buffer.from(text)).value)
  } catch (error) {
    if (error instanceof YamlError) return 'refused'
    throw error
  }
}

test('reads every text as the value that the agent reads', () => {
  expect(values.map(([text]) => [text, load(text)])).toEqual(values)
})

describe('an error has the position of', () => {
  const places: [string, string, number, number][] = [
    ['a tab', 'a:\n\tb: c', 1, 0],
    ['an open quote', 'a: "b\nc: d', 1, 4],
    ['an open bracket', 'a: [b\nc: d\n', 1, 1],
    ['an undefined tag handle', 'a: !x!y z', 0, 3],
    ['nesting that is too deep', `a: ${'['.repeat(2000)}`, 0, 1002]
  ]
  test.each(places)('%s', (_name, text, line, column) => {
    const read = (): unknown => loadYaml(Buffer.from(text))
    expect(read).toThrow(YamlError)
    try {
      read()
    } catch (error) {
      expect((error as YamlError).mark).toMatchObject({ line, column })
    }
  })
})
