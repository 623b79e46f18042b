import { describe, expect, test } from '@jest/globals'
import { changes, type ToldEvents } from '../../src/domain/event-changes.js'
import type { Target } from '../../src/domain/event.js'

const look = (status: string, name = 'Install', id = 'i-1'): Target[] => [
  { id, fleet: 'green', status: 'InProgress', events: [{ name, status }] }
]

describe('what a new look reports', () => {
  test.each([
    [
      'each step once',
      ['Pending', 'InProgress', 'InProgress', 'Succeeded', 'Succeeded'],
      ['InProgress', 'Succeeded']
    ],
    ['a step that was missed', ['Pending', 'Failed'], ['Failed']],
    ['skipped at once', ['Skipped'], ['Skipped']],
    [
      'nothing of an older answer',
      ['InProgress', 'Pending', 'InProgress', 'Succeeded', 'InProgress', 'Failed'],
      ['InProgress', 'Succeeded']
    ],
    ['a word of tomorrow', ['Pondering', 'Succeeded'], ['Pondering', 'Succeeded']],
    [
      'a word that comes and goes, once',
      ['InProgress', 'Unknown', 'InProgress', 'Unknown', 'Succeeded'],
      ['InProgress', 'Unknown', 'Succeeded']
    ]
  ])('%s', (_, statuses, told) => {
    const memory: ToldEvents = new Map()
    expect(
      statuses.flatMap((status) => changes(memory, look(status)).map(({ event }) => event.status))
    ).toEqual(told)
  })

  test('events and instances are kept apart', () => {
    const memory: ToldEvents = new Map()
    expect(changes(memory, look('Succeeded'))).toHaveLength(1)
    expect(changes(memory, look('Succeeded', 'BeforeInstall'))).toHaveLength(1)
    expect(changes(memory, look('Succeeded', 'Install', 'i-2'))).toHaveLength(1)
    expect(changes(memory, look('Succeeded'))).toHaveLength(0)
  })
})
