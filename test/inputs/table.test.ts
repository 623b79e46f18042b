import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { COMMANDS, INPUTS } from '../../src/inputs/table.js'

interface ActionInput {
  description?: string
  default?: string
  required?: boolean
}

const action = parse(readFileSync('action.yml', 'utf8')) as { inputs: Record<string, ActionInput> }

describe('action.yml and the table of inputs', () => {
  test('name the same inputs, in the same order', () => {
    expect(Object.keys(INPUTS)).toEqual(Object.keys(action.inputs))
  })

  test.each(Object.entries(INPUTS).filter(([name]) => name !== 'github-token'))(
    '%s has one default',
    (name, spec) => {
      expect(spec.default).toBe(action.inputs[name]?.default)
    }
  )

  test.each(Object.entries(INPUTS))('%s is described and belongs to a command', (name, spec) => {
    expect(action.inputs[name]?.description ?? '').not.toBe('')
    expect(spec.for.length).toBeGreaterThan(0)
    expect(COMMANDS).toEqual(expect.arrayContaining([...spec.for]))
  })

  test('the token comes from the runner, so the table has no default for it', () => {
    expect(action.inputs['github-token']?.default).toBe('${{ github.token }}')
    expect(INPUTS['github-token'].default).toBeUndefined()
  })
})
