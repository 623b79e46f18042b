import ignore from 'ignore'

/** Whether a path (with `/`, relative to the source) stays out. */
export type Excludes = (path: string, isDirectory: boolean) => boolean

/**
 * Patterns in .gitignore syntax, matched as git does on Linux: case counts, and a folder that is left out takes everything
 * below it along. `.git` (a folder, or the file of a worktree) is left out at any depth, whatever the patterns say.
 */
export const excludes = (patterns: readonly string[]): Excludes => {
  const excluded = matching(patterns)
  return (path, isDirectory) =>
    path === '.git' || path.endsWith('/.git') || excluded(isDirectory ? `${path}/` : path)
}

/** The library remembers every path that it was asked about, so it is made anew before that grows. */
const ASKED_AT_MOST = 10_000

const matching = (patterns: readonly string[]): ((path: string) => boolean) => {
  if (patterns.every((pattern) => pattern.trim() === '')) return () => false
  const begin = () => ignore({ ignorecase: false }).add(patterns)
  let [rules, asked] = [begin(), 0]
  return (path) => {
    if (++asked % ASKED_AT_MOST === 0) rules = begin()
    return rules.ignores(path)
  }
}
