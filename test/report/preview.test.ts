import { describe, expect, test } from '@jest/globals'
import {
  endedComment,
  type PreviewState,
  previewBlocks,
  previewCell,
  quietly,
  statusDescription
} from '../../src/report/preview.js'
import { sha } from '../fakes/nouns.js'

const place = {
  ...{ application: 'shop', group: 'web-preview', region: 'ap-northeast-2', head: sha('b') },
  isOwn: false
}
const failed: PreviewState = {
  kind: 'failed',
  deployment: 'd-1',
  headline: 'Deploying bbbbbbbb failed: ValidateService of @org/team #1',
  blocks: ['### Failures', '`x` on i-1 @kim', '```text\n@kim #1\n```']
}

const former = { commit: sha('a'), deployment: 'd-0', url: 'https://p.example.com' }

describe('how a pull request shows its running preview', () => {
  const serving: PreviewState = { kind: 'serving', deployment: 'd-1', url: 'https://p.example.com' }

  test.each<[PreviewState, string, string]>([
    [
      { kind: 'queued' },
      '🕐 waits for its turn in `shop/web-preview`',
      'Waits for its turn in shop/web-preview'
    ],
    [
      { kind: 'running', deployment: 'd-1' },
      '🚧 is being deployed to `shop/web-preview` ([`d-1`](https://ap-northeast-2.console.aws.amazon.com/',
      'Is being deployed to shop/web-preview'
    ],
    [
      serving,
      '🟢 `bbbbbbbb` serves: [**https:&#8203;//p.example.com**](https://p.example.com) in `shop/web-preview`',
      'Serves in shop/web-preview'
    ],
    [
      { kind: 'serving', deployment: 'd-1' },
      'serves: `shop/web-preview` ([`d-1`]',
      'Serves in shop/web-preview'
    ],
    [
      failed,
      '🔴 Deploying bbbbbbbb failed: ValidateService of @&#8203;org/team #&#8203;1',
      'Deploying bbbbbbbb failed: ValidateService of @org/team #1'
    ],
    [
      { ...failed, headline: 'No.', former },
      '🔴 No. ([`d-1`](https://ap-northeast-2.console.aws.amazon.com/codesuite/codedeploy/deployments/d-1?region=ap-northeast-2))<br>🟢 The earlier `aaaaaaaa` still serves: [**https:&#8203;//p.example.com**](https://p.example.com) in `shop/web-preview` ([`d-0`]',
      'No. The earlier aaaaaaaa still serves'
    ],
    [
      { kind: 'refused', mistakes: 2, former },
      '🔴 `bbbbbbbb` was not deployed: its bundle has 2 mistakes<br>🟢 The earlier `aaaaaaaa` still serves: [**https:&#8203;//p.example.com**](https://p.example.com) in `shop/web-preview` ([`d-0`]',
      'Not deployed: the bundle has 2 mistakes. The earlier aaaaaaaa still serves'
    ],
    [
      { kind: 'refused', mistakes: 1 },
      '🔴 `bbbbbbbb` was not deployed: its bundle has 1 mistake',
      'Not deployed: the bundle has 1 mistake'
    ]
  ])('%#', (state, cell, description) => {
    expect(previewCell(state, place)).toContain(cell)
    expect(statusDescription(state, place)).toBe(description)
  })

  test('a failure has its cause, and mentions nobody', () => {
    expect(previewBlocks(failed)).toEqual(['### Failures', '`x` on i-1 @&#8203;kim', '```text\n@kim #1\n```'])
    expect(previewBlocks(serving)).toEqual([])
  })

  test('a description is at most as long as GitHub takes, and whole characters', () => {
    const state: PreviewState = { kind: 'failed', headline: '👩‍👩‍👧‍👦한'.repeat(100), blocks: [] }
    const text = statusDescription(state, place)
    expect(text.length).toBeLessThanOrEqual(140)
    expect(text).toMatch(/^(👩‍👩‍👧‍👦한?)+…$/u)
  })

  test('the end says that it is not this pull request that runs there', () => {
    const merged = endedComment({ why: 'The pull request was merged.', head: sha('b') }, 'shop/web-preview')
    expect(merged).toContain('The pull request was merged. Its last commit was `bbbbbbbb`.')
    expect(merged).toContain('What runs in `shop/web-preview` is replaced by the next preview')
    expect(endedComment({ why: 'The pull request was closed.', head: '' }, undefined)).toBe(
      '### Preview ended\n\nThe pull request was closed.\n'
    )
  })
})

test.each([
  ['a mention', '@org/team', '@&#8203;org/team'],
  ['a reference', 'fixes #12', 'fixes #&#8203;12'],
  ['an entity stays', 'a &#96; b', 'a &#96; b'],
  ['an address', 'see https://github.com/o/r/issues/1', 'see https:&#8203;//github.com/o/r/issues/1'],
  ['a link of ours stays', '[run](https://github.com/o/r)', '[run](https://github.com/o/r)'],
  ['an address without a scheme', 'www.x.org, WWW.x.org', 'www&#8203;.x.org, WWW&#8203;.x.org'],
  ['a link to such an address', '[x](https://www.x.org/)', '[x](https://www.x.org/)'],
  ['another project’s reference', 'GH-3', 'GH&#8203;-3'],
  ['a code block stays', '```\n@a\n```\n@b', '```\n@a\n```\n@&#8203;b'],
  ['a longer fence', '````\n```\n@a\n````', '````\n```\n@a\n````']
])('in Markdown that is made for a summary: %s', (_, markdown, quiet) => {
  expect(quietly(markdown)).toBe(quiet)
})
