import { compileFunction } from 'node:vm'
import type * as GitHubModule from './github.js'
import { GITHUB_SOURCE } from './github-source.js'

/** `github.ts`, compiled only when it is needed, from its text (github-source.ts). */
export const lateGitHub = (): typeof GitHubModule => {
  const module = { exports: {} }
  const load = compileFunction(GITHUB_SOURCE, ['module', 'exports', 'require', '__dirname'], {
    filename: 'github.cjs'
  }) as (...given: readonly unknown[]) => void
  load(module, module.exports, (name: string) => process.getBuiltinModule(name), '')
  return module.exports as typeof GitHubModule
}
