import ignore from 'ignore'

/** Whether a path (with `/`, relative to the source) stays out. */
export type Excludes = (path: string, isDirectory: boolean) => boolean

/**
 * Patterns in .gitignore syntax, matched as git does on Linux: case counts, and a folder that is left out takes everything
 * below it along. `.git` (a folder, or the file of a worktree) is left out at any depth, whatever the patterns say.
 */
export const excludes = (patterns: readonly string[]): Excludes => {
  const rules = ignore({ ignorecase: false }).add(patterns)
  return (path, isDirectory) =>
    path === '.git' || path.endsWith('/.git') || rules.ignores(isDirectory ? `${path}/` : path)
}
