import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { commitOf } from './app.js'
import { openStage, readable, type Stage } from './stage.js'
import type { ActionRun } from '../action/run.js'

const BROKEN = `#!/bin/sh
echo "connecting to the database"
env | sort >&2
echo "scripts/validate.sh: line 4: /health: no answer" >&2
echo "GET /health answers 500: 스키마가 v2다 ::error::not a command" >&2
exit 3
`

/** Makes the workspace a checkout of this version, in which Git tracks the file. */
const checkOut = async (version: string, path: string): Promise<void> => {
  const git = (...args: string[]): unknown => execFileSync('git', args, { cwd: stage.scratch })
  git('init', '--quiet')
  git('update-index', '--add', '--cacheinfo', `100755,${commitOf('a blob')},${version}/${path}`)
  await writeFile(join(stage.scratch, '.git/HEAD'), `${commitOf(version)}\n`)
}

let stage: Stage
let run: ActionRun
let log: string
let id: string
beforeAll(async () => {
  stage = await openStage()
  expect((await stage.deploy('v1')).code).toBe(0)
  await checkOut('v2', 'scripts/validate.sh')
  run = await stage.deploy('v2', { changes: { 'scripts/validate.sh': BROKEN } })
  log = readable(run)
  id = run.outputs['deployment-id'] ?? ''
})
afterAll(() => stage.close())

describe('a hook that fails on the new fleet', () => {
  test('fails the job, and the old version never stops serving', async () => {
    expect(run.code).toBe(1)
    expect(run.outputs).toMatchObject({ status: 'failed', 'live-commit': commitOf('v1') })
    expect(await stage.serving()).toBe('v1')
    expect(log).toContain(`The traffic never moved: ${commitOf('v1').slice(0, 8)} never stopped serving.`)
  })

  test('shows script, error code, exit code, message, last output and where the full log is', () => {
    expect(log).toMatch(/✗ ValidateService failed on i-\w+ \(green\)/)
    expect(log).toMatch(/script +scripts\/validate\.sh/)
    expect(log).toMatch(/error +ScriptFailed, exit code 3/)
    expect(log).toMatch(/message +Script at specified location: scripts\/validate\.sh/)
    expect(log).toContain('│ [stderr]GET /health answers 500: 스키마가 v2다')
    expect(log).toMatch(
      new RegExp(`on the server +/opt/codedeploy-agent/deployment-root/\\S+/${id}/logs/scripts\\.log`)
    )
    expect(log).not.toMatch(/^::error::not a command/m)
  })

  test('annotates the script in the source tree, and explains the error of the whole deployment', () => {
    const marks = [...run.log.matchAll(/^::error ([^:]*)::/gm)].map(([, place]) => place)
    expect(marks).toHaveLength(1)
    expect(marks[0]).toMatch(/file=v2\/scripts\/validate\.sh/)
    expect(marks[0]).toMatch(/title=ValidateService failed on i-/)
    expect(log).toContain(`✗ ${id}: HEALTH_CONSTRAINTS`)
  })

  test('names the Auto Scaling group that was left behind, with the command that deletes it', () => {
    expect(log).toContain(`CodeDeploy_ExampleGroup_${id} was left behind`)
    expect(log).toContain(
      `aws autoscaling delete-auto-scaling-group --auto-scaling-group-name 'CodeDeploy_ExampleGroup_${id}' --force-delete`
    )
    expect(run.summary).toContain(`CodeDeploy_ExampleGroup_${id}`)
  })

  test('appears in the summary with its last output', () => {
    expect(run.summary).toMatch(/^## ❌/)
    expect(run.summary).toContain(
      `in <a href="https://github.com/example-org/example-app/blob/${commitOf('v2')}/v2/scripts/validate.sh#L4"><code>scripts/validate.sh</code> line 4</a>`
    )
    expect(run.summary).toContain('스키마가 v2다')
    expect(run.summary).toContain('```mermaid')
  })

  test('does not keep the next good version from being deployed', async () => {
    const next = await stage.deploy('v3')
    expect(next.code).toBe(0)
    expect(next.outputs['previous-commit']).toBe(commitOf('v1'))
    expect(await stage.serving()).toBe('v3')
  })

  test('is reported before any call if its script is not in the bundle', async () => {
    const before = stage.cloud.requests.length
    const refused = await stage.deploy('v9', { changes: { 'appspec.yml': HOOK_THAT_IS_MISSING } })
    expect(refused.code).toBe(1)
    expect(refused.log).toMatch(/^::error [^:]*file=v9\/appspec\.yml,line=8[^:]*::.*none\.sh/m)
    expect(readable(refused)).toContain('Nothing was uploaded or deployed.')
    expect(stage.cloud.requests).toHaveLength(before)
  })
})

const HOOK_THAT_IS_MISSING = `version: 0.0
os: linux
files:
  - source: VERSION
    destination: /srv/x
hooks:
  AfterInstall:
    - location: scripts/none.sh
`
