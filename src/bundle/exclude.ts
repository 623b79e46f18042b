import ignore from 'ignore'

/** Whether a path (with `/`, relative to the source) is excluded. */
export type Excludes = (path: string, isDirectory: boolean) => boolean

/**
 * Patterns in .gitignore syntax, matched as git does on Linux: case-sensitive, and excluding a folder excludes everything
 * below it. `.git` (a folder, or the file of a worktree) is excluded at any depth, whatever the patterns say.
 */
export const excludes = (patterns: readonly string[]): Excludes => {
  const excluded = matching(patterns)
  return (path, isDirectory) =>
    path === '.git' || path.endsWith('/.git') || excluded(isDirectory ? `${path}/` : path)
}

/** The library caches every path it has checked, so it is recreated after this many. */
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
