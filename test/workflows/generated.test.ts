import { describe, expect, test } from '@jest/globals'
import { dirname, join } from 'node:path'
import { FOLDER_ACTION, generated } from '../../scripts/docs/files.js'
import { fill } from '../../scripts/docs/markers.js'
import { readMetadata } from '../../scripts/docs/metadata.js'
import { inputTable } from '../../scripts/docs/tables.js'
import { action, read } from './files.js'

test.each([...(await generated(read))])('%s agrees with action.yml', (path, text) => {
  expect(read(path)).toBe(text)
})

test('the folder action is the same action, one folder below', () => {
  const { runs, ...surface } = action(FOLDER_ACTION)
  const { runs: root, ...expected } = action('action.yml')
  expect(surface).toEqual(expected)
  expect(runs.using).toBe(root.using)
  expect(join(dirname(FOLDER_ACTION), runs.main)).toBe(root.main)
})

describe('a change of action.yml', () => {
  const missing = 'inputs:\n  speed:\n    default: "5"\noutputs:\n  end:\n    description: ""\n'

  test('without a description is refused, with every name', () => {
    expect(() => readMetadata(missing)).toThrow('no description for speed, end')
  })

  test('shows in every file that depends on it', async () => {
    const description = 'Name of the role session'
    const changed = (path: string): string =>
      path === 'action.yml' ? read(path).replace(description, 'Another place') : read(path)
    const texts = await generated(changed)
    expect([...texts.keys()]).toHaveLength(6)
    for (const text of texts.values()) expect(text).toContain('Another place')
  })

  test('that the action does not know is refused', async () => {
    const added = '  new-one:\n    description: Tells it.\n\noutputs:'
    const changed = (path: string): string =>
      path === 'action.yml' ? read(path).replace('\noutputs:', `\n${added}`) : read(path)
    await expect(generated(changed)).rejects.toThrow('the action knows no input new-one')
  })
})

test('in the reusable workflows a flag is a boolean, and an input that takes more than a flag a string', async () => {
  for (const [path, text] of await generated(read))
    if (path.endsWith('/cleanup.yml'))
      expect(text).toMatch(/ {6}dry-run:\n.*\n {8}type: boolean\n {8}default: true\n/)
    else if (path.startsWith('.github/')) {
      expect(text).toMatch(
        / {6}ignore-application-stop-failures:\n.*\n {8}type: boolean\n {8}default: false\n/
      )
      if (!path.endsWith('/preview.yml'))
        expect(text).toMatch(/ {6}end-termination-wait:\n.*\n {8}type: string\n {8}default: 'false'\n/)
    }
})

describe('a table', () => {
  const input = { name: 'limit', default: 'x|y', description: 'One\n  or | two.' }

  test('keeps a bar and a line break within their cell', () => {
    expect(inputTable({ inputs: [input], outputs: [] })).toContain(
      '| `limit` | rollback, history | `x\\|y` | One or \\| two. |'
    )
  })
})

test('a file without its markers is refused with the lines it should have', () => {
  expect(() => fill('# Title\n', { name: 'inputs', comment: 'markdown', body: '' })).toThrow(
    '<!-- inputs: begin -->'
  )
})
