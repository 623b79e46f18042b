import { describe, expect, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { examplePaths, ROOT, workflowPaths } from './files.js'
import type { Remark } from './lint.js'

function lint(...paths: string[]): Remark[] {
  const command = ['--import', 'tsx', 'test/workflows/lint.ts', ...paths]
  return JSON.parse(execFileSync(process.execPath, command, { cwd: ROOT, encoding: 'utf8' })) as Remark[]
}

test('neither the language service nor actionlint has a remark about any workflow or action file', () => {
  expect(lint(...workflowPaths(), ...examplePaths(), 'action.yml', 'action/action.yml')).toEqual([])
})

describe('the linters see', () => {
  const seen = lint('test/workflows/mistakes/call.yml').map(({ line, message }) => `${line}: ${message}`)

  test.each([
    ['an unknown input of a reusable workflow', /^10: .*enviroment/],
    ['an unknown input of the action', /^15: .*aws-regoin/],
    ['an unknown input of the folder action', /^20: .*s3-bukcet/],
    ["an unknown input of somebody else's action", /^25: .*persist-credential/],
    ['a title that reaches a shell', /^29: .*untrusted/],
    ['a runner that does not exist', /^31: .*ubuntu-latset/],
    ['a context that does not exist', /^38: .*githbu/]
  ])('%s', (_name, remark) => {
    expect(seen).toEqual(expect.arrayContaining([expect.stringMatching(remark)]))
  })
})
