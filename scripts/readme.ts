/**
 * `npm run docs` writes what depends on action.yml: the README's tables, the folder action, and the inputs and outputs of the
 * reusable workflows; and what depends on docs/iam: the policies of the CloudFormation templates. `npm run docs -- --check` writes
 * nothing and fails if one of them is stale.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generated, generatedStacks } from './docs/files.js'
import { STACKS } from './docs/stack.js'

const root = join(import.meta.dirname, '..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const texts = [...(await generated(read)), ...(await generatedStacks(read))]
const stale = texts.filter(([path, text]) => current(path) !== text)

if (process.argv.includes('--check')) {
  for (const [path] of stale)
    console.error(
      `${path} does not agree with ${STACKS.has(path) ? 'docs/iam' : 'action.yml'}; run "npm run docs"`
    )
  process.exitCode = stale.length > 0 ? 1 : 0
} else {
  for (const [path, text] of stale) {
    writeFileSync(join(root, path), text)
    console.log(`wrote ${path}`)
  }
}

/** The current text of a file; undefined if it does not exist yet. */
function current(path: string): string | undefined {
  try {
    return read(path)
  } catch {
    return undefined
  }
}
