import { expect, test } from '@jest/globals'
import { plannedTree, proposedTree, type PullEvent, treeName } from '../../src/domain/pull-request.js'
import { sha } from '../fakes/nouns.js'

const pull: PullEvent = {
  number: 12,
  action: 'opened',
  head: sha('a'),
  baseRef: 'main',
  merged: false,
  labels: []
}

test.each([
  ['the test merge', sha('b'), 'merge', 'head aaaaaaaa merged into main'],
  ['the head', sha('a'), 'head', 'head aaaaaaaa, without what main got since'],
  ['another commit', sha('c'), 'other', 'the checked-out commit cccccccc (the head is aaaaaaaa)'],
  [
    'a folder without a repository',
    undefined,
    'other',
    'the files of the workspace (which commit they are of is not known; the head is aaaaaaaa)'
  ]
])('the tree that a job has checked out: %s', (_, checkedOut, kind, name) => {
  const tree = proposedTree(pull, { checkedOut, eventCommit: sha('b') })
  expect([tree.kind, tree.commit, treeName(tree)]).toEqual([kind, checkedOut ?? '', name])
})

test('without a commit on either side, nothing is taken for the test merge', () => {
  expect(proposedTree(pull, { checkedOut: undefined, eventCommit: '' }).kind).toBe('other')
})

test.each([
  ['what is checked out', sha('c'), sha('c'), 'commit cccccccc'],
  ['the commit of the event where nothing is checked out', undefined, sha('b'), 'commit bbbbbbbb']
])('outside of a pull request, the tree is %s', (_, checkedOut, commit, name) => {
  const tree = plannedTree(checkedOut, sha('b'))
  expect(tree).toEqual({ kind: 'commit', commit, head: commit, baseRef: '' })
  expect(treeName(tree)).toBe(name)
})

test('without any commit, the tree is the files', () => {
  expect(treeName(plannedTree(undefined, ''))).toBe('the files of the workspace')
})
