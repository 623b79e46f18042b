import { describe, expect, test } from '@jest/globals'
import { fleetName } from '../../src/domain/fixed-fleet.js'
import { greenFleets } from '../../src/inputs/green-fleet.js'
import { inputReader } from '../../src/inputs/reader.js'
import { fleet, tagged } from '../fakes/nouns.js'

const read = (groups: string, tags = '') => {
  const reader = inputReader((name) =>
    name === 'green-auto-scaling-group' ? groups : name === 'green-tags' ? tags : ''
  )
  return { fleets: greenFleets(reader), mistakes: reader.mistakes }
}

describe('green fleets', () => {
  test('none', () => expect(read('')).toEqual({ fleets: [], mistakes: [] }))

  test.each([
    ['green-fleet', ['green-fleet']],
    ['blue-fleet, green-fleet', ['blue-fleet', 'green-fleet']],
    ['blue-fleet\ngreen-fleet', ['blue-fleet', 'green-fleet']],
    ['green-fleet, green-fleet,', ['green-fleet']]
  ])('by name: %j', (text, names) => {
    expect(read(text)).toEqual({ fleets: names.map(fleet), mistakes: [] })
  })

  test.each([
    ['Name=festival-green', [tagged('Name=festival-green')]],
    ['Name=festival-green, stage=production', [tagged('Name=festival-green', 'stage=production')]],
    [
      'Name = festival-blue\n\n Name=festival-green \n',
      [tagged('Name=festival-blue'), tagged('Name=festival-green')]
    ],
    ['formula=a=b', [{ kind: 'tags', tags: [[{ key: 'formula', value: 'a=b' }]] }]],
    ['empty=', [{ kind: 'tags', tags: [[{ key: 'empty', value: '' }]] }]]
  ])('by tags: %j', (text, fleets) => {
    expect(read('', text)).toEqual({ fleets, mistakes: [] })
  })

  test.each([
    [
      'a, b, c',
      '',
      'Input `green-auto-scaling-group`, got "a, b, c": has 3 names; a group has two fleets that take turns, so name one or both.'
    ],
    [
      'a:b',
      '',
      'Input `green-auto-scaling-group`, got "a:b": expected the name of an Auto Scaling group, or two of them.'
    ],
    [
      '',
      'a=1\nb=2\nc=3',
      'Input `green-tags`, got "a=1\\nb=2\\nc=3": has 3 lines, one for each fleet; a group has two fleets that take turns, so name one or both.'
    ],
    [
      '',
      'green',
      'Input `green-tags`, got "green": expected tags such as `Name=festival-green, stage=production`.'
    ],
    [
      '',
      '=green',
      'Input `green-tags`, got "=green": expected tags such as `Name=festival-green, stage=production`.'
    ],
    [
      '',
      'a=1, b=2, c=3, d=4',
      'Input `green-tags`, got "a=1, b=2, c=3, d=4": has 4 tags; CodeDeploy combines at most 3.'
    ],
    [
      'green-fleet',
      'Name=green',
      'Input `green-tags`, got "Name=green": `green-auto-scaling-group` is set too; name the green fleet in one of the two.'
    ]
  ])('refused: %j and %j', (groups, tags, mistake) => {
    expect(read(groups, tags).mistakes).toEqual([mistake])
  })

  test('are called as they were written', () => {
    expect(read('', 'Name=green, stage=prod').fleets.map(fleetName)).toEqual(['Name=green, stage=prod'])
  })
})
