import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { steps, workflow } from './files.js'

const HEAD = 'a'.repeat(40)
const MENTION = '**bold** @octocat #1 ::error::x <script>alert(1)</script> [a](https://example.com)'

/** Answers as the GitHub CLI does about pull request 12, and writes down what is asked of it. */
const GH = `#!/bin/sh
echo "$*" >> calls
case "$1" in
  api) [ "$2" = repos/example-org/example-app/pulls/12 ] && echo "$HEAD" ;;
  pr) cat "$7" > comment-as-sent.md ;;
esac
`

const hasJq = spawnSync('jq', ['--version']).status === 0
const title = 'the comment about a pull request from a fork'

;(hasJq ? describe : describe.skip)(hasJq ? title : `${title} (skipped: no jq)`, () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'fork-'))
    mkdirSync(join(folder, 'found'))
    mkdirSync(join(folder, 'bin'))
    writeFileSync(join(folder, 'bin/gh'), GH)
    chmodSync(join(folder, 'bin/gh'), 0o755)
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  /** Runs the step of the example as a runner does, on an artifact with these files. */
  const comment = (number: string, findings: unknown, head = HEAD) => {
    writeFileSync(join(folder, 'found/number'), number)
    const text = typeof findings === 'string' ? findings : JSON.stringify(findings)
    writeFileSync(join(folder, 'found/findings.json'), text)
    const script = steps(workflow('examples/workflows/fork-comment.yml')).at(-1)?.run ?? ''
    const { status, stdout } = spawnSync('bash', ['-e', '-c', script], {
      cwd: folder,
      encoding: 'utf8',
      env: {
        PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`,
        GH_REPO: 'example-org/example-app',
        CHECKED: HEAD,
        HEAD: head
      }
    })
    const sent = join(folder, 'comment-as-sent.md')
    const calls = join(folder, 'calls')
    return {
      status,
      said: stdout.trim(),
      calls: existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n') : [],
      text: existsSync(sent) ? readFileSync(sent, 'utf8') : undefined
    }
  }

  test('shows what was found as code, so that nothing of the fork is Markdown', () => {
    const message = `the file is missing\n${MENTION}\r\n한글`
    const { status, calls, text } = comment('12', [
      { severity: 'error', file: 'appspec.yml', line: 7, message },
      { severity: 'warning', file: 'start.sh', message: 'x'.repeat(1_000) }
    ])
    expect(status).toBe(0)
    expect(calls).toEqual([
      'api repos/example-org/example-app/pulls/12 --jq select(.state == "open") | .head.sha',
      'pr comment 12 --edit-last --create-if-none --body-file comment.md'
    ])
    const [first, blank, ...code] = text?.trimEnd().split('\n') ?? []
    expect([first, blank]).toEqual(['The CodeDeploy agent was asked about this bundle:', ''])
    expect(code.slice(0, 3)).toEqual([
      '    error appspec.yml:7 the file is missing',
      `    ${MENTION}`,
      '    한글'
    ])
    expect(code[3]?.startsWith('    warning start.sh: xxx')).toBe(true)
    expect(code[3]?.length).toBe(304)
  })

  test('says that there is nothing to object to', () => {
    expect(comment('12', []).text).toMatch(/\n {4}nothing to object to\n$/)
  })

  test('has at most a hundred lines', () => {
    const many = Array.from({ length: 400 }, () => ({ severity: 'error', file: 'a', message: 'no' }))
    expect(comment('12', many).text?.trimEnd().split('\n')).toHaveLength(102)
  })

  test.each([
    ['no number', '12; rm -rf /', [], 'The artifact names no pull request.'],
    ['a number with a line behind it', '12\n34', [], 'The artifact names no pull request.'],
    ['nothing', '', [], 'The artifact names no pull request.'],
    [
      'more than fits',
      '12',
      `[${'1,'.repeat(40_000)}1]`,
      'The artifact is larger than what a comment can show.'
    ],
    ['no JSON', '12', 'not JSON', 'The artifact has no findings.'],
    ['other JSON', '12', [1, 'two'], 'The artifact has no findings.']
  ])('is not written from an artifact with %s', (_, number, findings, said) => {
    expect(comment(number, findings)).toEqual({ status: 1, said, calls: [], text: undefined })
  })

  test.each([
    ['is closed', ''],
    ['has newer commits', 'b'.repeat(40)]
  ])('is not written when the pull request %s', (_, head) => {
    const { status, said, text } = comment('12', [], head)
    expect([status, said, text]).toEqual([0, 'The pull request is closed or has newer commits.', undefined])
  })
})

test('bash takes the scripts of every example', () => {
  for (const name of ['fork-check', 'fork-comment'])
    for (const { run } of steps(workflow(`examples/workflows/${name}.yml`)))
      if (run !== undefined) expect(execFileSync('bash', ['-n', '-c', run], { encoding: 'utf8' })).toBe('')
})
