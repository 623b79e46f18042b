import type { Blob, Commit, Files, Repository } from './repository.js'

/** A change of one file, as a comparison lists it. */
export interface Change {
  filename: string
  status: 'added' | 'removed' | 'modified' | 'changed' | 'renamed'
  sha: string
  previous_filename?: string
}

const NOTHING: Files = new Map()

/** The commit with this full or abbreviated SHA, or at the end of this branch. */
export const commitAt = (repository: Repository, reference: string): Commit | undefined => {
  const sha =
    repository.branches.get(reference) ?? repository.branches.get(reference.replace(/^refs\/heads\//, ''))
  return repository.commits.find(
    (one) => one.sha === sha || (reference.length >= 7 && one.sha.startsWith(reference))
  )
}

export const parentsOf = (repository: Repository, commit: Commit): readonly string[] => {
  if (commit.parents !== undefined) return commit.parents
  const before = repository.commits[repository.commits.indexOf(commit) - 1]
  return before === undefined ? [] : [before.sha]
}

/** A commit without files of its own has those of its first parent. */
export const filesAt = (repository: Repository, commit: Commit): Files => {
  for (let one: Commit | undefined = commit; one !== undefined;) {
    if (one.files !== undefined) return one.files
    const [parent] = parentsOf(repository, one)
    one = repository.commits.find(({ sha }) => sha === parent)
  }
  return NOTHING
}

/** The commit and everything that it is made on. */
export const historyOf = (repository: Repository, commit: Commit): ReadonlySet<string> => {
  const bySha = new Map(repository.commits.map((one) => [one.sha, one]))
  const found = new Set<string>()
  const open = [commit.sha]
  for (let sha = open.pop(); sha !== undefined; sha = open.pop()) {
    const one = bySha.get(sha)
    if (one === undefined || found.has(sha)) continue
    found.add(sha)
    open.push(...parentsOf(repository, one))
  }
  return found
}

/** The newest commit that both are made on; the list has each commit after its parents. */
export const mergeBase = (
  repository: Repository,
  base: ReadonlySet<string>,
  head: ReadonlySet<string>
): Commit | undefined => repository.commits.findLast(({ sha }) => base.has(sha) && head.has(sha))

/** What changed between two trees, by path; a file that only moved is renamed. */
export const changesBetween = (before: Files, after: Files): Change[] => {
  const removed = [...before].filter(([path]) => !after.has(path))
  const bySha = new Map(removed.map(([path, { sha }]) => [sha, path]))
  const changes = [...after].flatMap(([path, blob]) => {
    const former = before.get(path)
    if (former !== undefined) return changeOf(path, former, blob)
    const moved = bySha.get(blob.sha)
    bySha.delete(blob.sha)
    const added = { filename: path, sha: blob.sha }
    return moved === undefined
      ? [{ ...added, status: 'added' as const }]
      : [{ ...added, status: 'renamed' as const, previous_filename: moved }]
  })
  const renamed = new Set(
    changes.map((change) => ('previous_filename' in change ? change.previous_filename : ''))
  )
  const gone = removed
    .filter(([path]) => !renamed.has(path))
    .map(([filename, { sha }]) => ({ filename, sha, status: 'removed' as const }))
  return [...changes, ...gone].sort((one, other) => (one.filename < other.filename ? -1 : 1))
}

const changeOf = (filename: string, before: Blob, after: Blob): Change[] => {
  if (before.sha !== after.sha) return [{ filename, sha: after.sha, status: 'modified' }]
  return before.mode === after.mode ? [] : [{ filename, sha: after.sha, status: 'changed' }]
}
