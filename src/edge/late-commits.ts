import { compileFunction } from 'node:vm'
import type * as Commits from './commits.js'
import { COMMITS_SOURCE } from './commits-source.js'

/** `commits.ts`, compiled only when it is needed, from its text (commits-source.ts). */
export const lateCommits = (): typeof Commits => {
  const module = { exports: {} }
  const load = compileFunction(COMMITS_SOURCE, ['module', 'exports', 'require', '__dirname'], {
    filename: 'commit-subject.cjs'
  }) as (...given: readonly unknown[]) => void
  load(module, module.exports, (name: string) => process.getBuiltinModule(name), '')
  return module.exports as typeof Commits
}
