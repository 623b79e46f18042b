import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { openScriptedStage, readable, type Stage } from './stage.js'

let stage: Stage
beforeAll(async () => {
  stage = await openScriptedStage()
})
afterAll(() => stage.close())

/** Workflow commands that the action writes; any other line that starts with `::` was smuggled in by a text. */
const OURS =
  /^::(group::(Provision|Install|Shift|The blue fleet)|endgroup::$|add-mask::|debug::|error |error::|warning |warning::)/

const smuggled = (log: string): string[] =>
  log.split('\n').filter((line) => /^\s*(::|##\[)/.test(line) && !OURS.test(line))

/** HTML tags other than those that the action writes. */
const rawHtml = (summary: string): string[] =>
  [...summary.matchAll(/<(?!\/?(?:code|br|sub|details|summary|b)\b)[^>\n]*>/gi)].map(([tag]) => tag)

const MESSAGES: [name: string, message: string, shown: RegExp][] = [
  ['Korean', '[BE] 축제 목록 API를 고친다', /축제 목록 API를 고친다/],
  ['emoji', '🚀 ship it 👩‍👩‍👧 é', /🚀 ship it/],
  ['a pipe and backticks', 'a | b `c` | **d** [e](javascript:alert(1))', /a . b/],
  ['HTML', '<script>alert(1)</script><img src=x onerror=y>', /script/],
  ['a workflow command', '::error::you are fired', /error/],
  ['a second line with a command', 'first\n::set-output name=status::hacked\n::add-mask::a', /first/],
  ['carriage returns and escapes', 'x\r::warning::y\u001b[2J%0A::error::z', /x/],
  ['300 characters', `${'긴제목'.repeat(100)} END`, /긴제목긴제목/],
  ['a delimiter of outputs', 'EOF\nghadelimiter_x\nstatus<<ghadelimiter_x', /EOF/],
  ['only spaces', '   ', /./]
]

describe('a commit message with', () => {
  test.each(MESSAGES)('%s breaks neither log nor summary nor outputs', async (name, message, shown) => {
    const run = await stage.deploy(`texts ${name}`, { message })
    expect(run.code).toBe(0)
    expect(readable(run)).toMatch(shown)
    expect(smuggled(run.log)).toEqual([])
    expect(rawHtml(run.summary.replace(/```mermaid[\s\S]*?```/g, ''))).toEqual([])
    expect(run.outputs['status']).toBe('succeeded')
    expect(run.log.split('\n').filter((line) => line.startsWith('Started deployment'))).toHaveLength(1)
  })

  test('the history shows each in one row, in log and summary', async () => {
    const run = await stage.history({ inputs: { limit: '50' } })
    expect(smuggled(run.log)).toEqual([])
    expect(rawHtml(run.summary)).toEqual([])
    const rows = JSON.parse(run.outputs['history'] ?? '') as Record<string, unknown>[]
    expect(rows).toHaveLength(MESSAGES.length)
    const cells = run.summary.split('\n').filter((line) => line.startsWith('|'))
    expect(cells).toHaveLength(MESSAGES.length + 2)
    for (const line of cells) expect(line.replace(/\\\|/g, '').match(/\|/g)).toHaveLength(4)
    expect(readable(run)).toContain('축제 목록 API를 고친다')
  })
})

describe('the `description` input', () => {
  test('becomes the description of the deployment, followed by the run', async () => {
    const run = await stage.deploy('described', { inputs: { description: '점심 배포 | by hand' } })
    expect(run.code).toBe(0)
    const { description = '' } =
      stage.cloud.planes.inspect.deployments().find(({ id }) => id === run.outputs['deployment-id']) ?? {}
    expect(description).toContain('점심 배포')
    expect(description).toMatch(/run \d+\.1 by octocat/)
  })

  test('may use all 256 characters', async () => {
    const run = await stage.deploy('long', { inputs: { description: '가'.repeat(256) } })
    expect(run.code).toBe(0)
  })
})

describe('files with odd names', () => {
  test('do not break the log when an error is reported', async () => {
    const run = await stage.deploy('odd names', {
      changes: {
        '한글 파일 `x`.txt': 'a',
        'a|b <script>.txt': 'b',
        'line\nbreak.txt': 'c',
        'appspec.yml':
          'version: 0.0\nos: linux\nfiles:\n  - source: /\n    destination: /srv\nhooks:\n  AfterInstall:\n    - location: "::error::missing.sh"\n'
      }
    })
    expect(run.code).toBe(1)
    expect(smuggled(run.log)).toEqual([])
    expect(run.log).toMatch(/^::error [^:]*title=/m)
  })
})
