import type { Answer, Call } from '../wire/call.js'
import { GitHubRefusal, json, notFound, paged, tail } from './answers.js'
import { changesBetween, commitAt, filesAt, historyOf, mergeBase, parentsOf } from './graph.js'
import type { Commit, Pull, Repository } from './repository.js'

/** What a comparison lists at most. */
const MOST_COMMITS = 250
const MOST_FILES = 300
/** What a list of files has at most, of entries and of bytes. */
const MOST_ENTRIES = 100_000
const MOST_TREE_BYTES = 7_000_000

const shownCommit = (repository: Repository, commit: Commit): object => {
  const { sha, message, author, date } = commit
  return {
    sha,
    html_url: `https://github.com/example/commit/${sha}`,
    commit: { message, author: { name: author, date }, committer: { name: author, date } },
    author: { login: author },
    parents: parentsOf(repository, commit).map((parent) => ({ sha: parent }))
  }
}

export const getCommit = (call: Call, repository: Repository): Answer => {
  const reference = tail(call)[0] ?? ''
  const commit = commitAt(repository, reference)
  if (commit === undefined) throw new GitHubRefusal(422, `No commit found for SHA: ${reference}`)
  return json(shownCommit(repository, commit))
}

export const getRun = (call: Call, repository: Repository): Answer => {
  const id = Number(call.path.split('/').at(-1))
  const created = repository.runs.get(id)
  if (created === undefined) throw notFound()
  return json({ id, created_at: created, run_started_at: created, run_attempt: 1 })
}

const statusOf = (ahead: number, behind: number): string => {
  if (ahead > 0) return behind > 0 ? 'diverged' : 'ahead'
  return behind > 0 ? 'behind' : 'identical'
}

/** With pages, commits come oldest first and the files with the first page; without, the newest commits come. */
const commitPage = (
  call: Call,
  commits: readonly Commit[]
): { commits: readonly Commit[]; isFirst: boolean } => {
  const { query } = call
  if (!query.has('page') && !query.has('per_page'))
    return { commits: commits.slice(-MOST_COMMITS), isFirst: true }
  const size = Math.min(100, Number(query.get('per_page') ?? '30'))
  const page = Number(query.get('page') ?? '1')
  return { commits: commits.slice((page - 1) * size, page * size), isFirst: page === 1 }
}

/** Three dots: what the head has since the merge base, whatever the base has had since. */
export const compare = (call: Call, repository: Repository): Answer => {
  const [from = '', to = ''] = (tail(call)[0] ?? '').split('...')
  const [base, head] = [commitAt(repository, from), commitAt(repository, to)]
  if (base === undefined || head === undefined) throw notFound()
  const [old, recent] = [historyOf(repository, base), historyOf(repository, head)]
  const common = mergeBase(repository, old, recent)
  if (common === undefined) throw new GitHubRefusal(404, `No common ancestor between ${from} and ${to}.`)
  const commits = repository.commits.filter(({ sha }) => recent.has(sha) && !old.has(sha))
  const behind = [...old].filter((sha) => !recent.has(sha)).length
  const page = commitPage(call, commits)
  const changes = changesBetween(filesAt(repository, common), filesAt(repository, head))
  return json({
    status: statusOf(commits.length, behind),
    ahead_by: commits.length,
    behind_by: behind,
    total_commits: commits.length,
    base_commit: shownCommit(repository, base),
    merge_base_commit: shownCommit(repository, common),
    commits: page.commits.map((commit) => shownCommit(repository, commit)),
    ...(page.isFirst ? { files: changes.slice(0, MOST_FILES) } : {})
  })
}

export const getTree = (call: Call, repository: Repository): Answer => {
  const reference = tail(call)[1] ?? ''
  const commit = commitAt(repository, reference)
  if (commit === undefined) throw notFound()
  if (!call.query.has('recursive'))
    throw new GitHubRefusal(501, 'The local GitHub lists trees only recursively.')
  const tree: object[] = []
  let bytes = 0
  const folders = new Set<string>()
  const add = (entry: { path: string; mode: string; type: string; sha: string }): void => {
    bytes += JSON.stringify(entry).length
    if (tree.length < MOST_ENTRIES && bytes <= MOST_TREE_BYTES) tree.push(entry)
    else bytes = Infinity
  }
  const sorted = [...filesAt(repository, commit)].sort(([one], [other]) => (one < other ? -1 : 1))
  for (const [path, { mode, sha }] of sorted) {
    for (let end = path.indexOf('/'); end > 0; end = path.indexOf('/', end + 1)) {
      const folder = path.slice(0, end)
      if (!folders.has(folder)) add({ path: folder, mode: '040000', type: 'tree', sha: '0'.repeat(40) })
      folders.add(folder)
    }
    add({ path, mode, sha, type: mode === '160000' ? 'commit' : 'blob' })
  }
  return json({ sha: commit.sha, tree, truncated: bytes === Infinity })
}

const shownPull = ({ number, state, head, headRepository, labels = [] }: Pull): object => ({
  number,
  state,
  labels: labels.map((name) => ({ name })),
  head: { sha: head, repo: headRepository === null ? null : { full_name: headRepository } }
})

export const getPull = (call: Call, repository: Repository): Answer => {
  const pull = repository.pulls.find(({ number }) => number === Number(tail(call)[0]))
  if (pull === undefined) throw notFound()
  return json(shownPull(pull))
}

/** Newest first. */
export const listPulls = (call: Call, repository: Repository): Answer => {
  const state = call.query.get('state') ?? 'open'
  const found = repository.pulls.filter((pull) => state === 'all' || pull.state === state)
  return paged(
    call,
    found.sort((one, other) => other.number - one.number),
    shownPull
  )
}
