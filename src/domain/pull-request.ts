import { isCommit, short } from './commit.js'

/** What a `pull_request` event says about its pull request (docs.github.com, "Webhook events and payloads"). */
export interface PullEvent {
  number: number
  /** `opened`, `synchronize`, `reopened`, `closed`, … */
  action: string
  /** SHA of its newest commit. */
  head: string
  /** Name of the branch that it is to be merged into. */
  baseRef: string
  merged: boolean
  /** Names of its labels. */
  labels: readonly string[]
}

/**
 * The tree that the job has checked out. By default that is the pull request's test merge (GITHUB_SHA), so it contains what its base
 * branch got since; a workflow may check out the head or something else instead. `commit`: the run is about no pull request.
 */
export interface ProposedTree {
  kind: 'merge' | 'head' | 'other' | 'commit'
  /** Full SHA of what is checked out; empty when it is not known. */
  commit: string
  head: string
  baseRef: string
}

/** Outside of a pull request, what is checked out is what is planned. */
export const plannedTree = (commit: string | undefined, eventCommit: string): ProposedTree => ({
  kind: 'commit',
  commit: commit ?? eventCommit,
  head: commit ?? eventCommit,
  baseRef: ''
})

/** What is checked out, from the commit that HEAD names (undefined without a `.git`) and the one that the event names. */
export const proposedTree = (
  { head, baseRef }: PullEvent,
  { checkedOut, eventCommit }: { checkedOut: string | undefined; eventCommit: string }
): ProposedTree => {
  const commit = checkedOut ?? ''
  const kind = commit === head ? 'head' : commit === eventCommit && isCommit(commit) ? 'merge' : 'other'
  return { kind, commit, head, baseRef }
}

/** `head 1a7c90de merged into main`; the branch's name is foreign text. */
export const treeName = ({ kind, commit, head, baseRef }: ProposedTree): string => {
  switch (kind) {
    case 'merge':
      return `head ${short(head)} merged into ${baseRef}`
    case 'head':
      return `head ${short(head)}, without what ${baseRef} got since`
    case 'commit':
      return commit === '' ? 'the files of the workspace' : `commit ${short(commit)}`
    case 'other':
      return commit === ''
        ? `the files of the workspace (which commit they are of is not known; the head is ${short(head)})`
        : `the checked-out commit ${short(commit)} (the head is ${short(head)})`
  }
}
