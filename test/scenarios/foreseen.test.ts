import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { policyOf } from '../cloud/identity/documents.js'
import { PLACE } from '../cloud/parts.js'
import type { ActionRun } from '../action/run.js'
import { knownCommit, openPull } from './pulls.js'
import { openScriptedStage, openStage, readable, type Stage } from './stage.js'

// What a bundle does wrong although the agent accepts it is said before it happens.

const POINTER = `version https://git-lfs.github.com/spec/v1\noid sha256:${'5'.repeat(64)}\nsize 48213\n`

const appSpec = (hooks: string): string => `version: 0.0
os: linux
files:
  - source: /
    destination: /srv/app
  - source: VERSION
    destination: /srv/\${APP_DIR}
hooks:
${hooks}`

const CARELESS = {
  'appspec.yml': appSpec(`  AfterInstall:
    - location: scripts/after.sh
  ApplicationStart:
    - location: scripts/start.sh
  AfterAllowTraffic:
    - location: scripts/after.sh
`),
  'scripts/start.sh': '#!/bin/bash\ncd /srv/app\nnohup node server.mjs &\nnohup node worker.mjs &\n',
  'fonts/serif.woff2': POINTER,
  'images/poster.png': POINTER
}

const WARNINGS: RegExp[] = [
  /appspec\.yml:7: The agent does not expand \$\{APP_DIR\} in the destination \/srv\/\$\{APP_DIR\}: it creates a folder/,
  /appspec\.yml:10: By their timeouts, the hooks may run for 3 hours before a deployment fails: 3 of 3 scripts have no/,
  /appspec\.yml:12: No hook checks that the service answers: scripts\/start\.sh starts node in the background/,
  /fonts\/serif\.woff2: This is a pointer of Git LFS.* So is 1 other file, such as images\/poster\.png\./,
  /scripts\/start\.sh:3: node is started in the background and keeps the script's stdout and stderr open\..* ApplicationStart will fail after 3600 seconds .* The same is true of 1 other start\./
]

const warningsOf = (run: ActionRun): string[] => readable(run).match(/^::warning.*$/gm) ?? []

let stage: Stage
afterEach(() => stage.close())

describe('on servers that run nothing', () => {
  beforeEach(async () => {
    stage = await openScriptedStage({ terminationWait: 0 })
  })

  test('a deploy warns once of each kind, at its file and line, and goes on', async () => {
    const run = await stage.deploy('v1', { changes: CARELESS })
    expect([run.code, run.outputs['status']]).toEqual([0, 'succeeded'])
    expect(warningsOf(run)).toEqual(WARNINGS.map((pattern) => expect.stringMatching(pattern)))
    expect(run.log).toMatch(/^::warning [^:]*file=v1\/scripts\/start\.sh,line=3[^:]*::/m)
    expect(run.log).toMatch(/^::warning title=Accepted%2C but check this,/m)
  })

  test('a preview has them in the output, the summary and the plan on the pull request', async () => {
    knownCommit(stage, 'v1')
    expect((await stage.deploy('v1')).code).toBe(0)
    stage.cloud.role.policy = policyOf(PLACE, 'preview-policy.json')
    const pull = openPull(stage, 12, { bare: true })
    await pull.push('v2', CARELESS)
    const run = await pull.on('opened')
    expect(run.code === 0 ? '' : readable(run)).toBe('')
    expect(warningsOf(run)).toHaveLength(WARNINGS.length)
    expect(JSON.parse(run.outputs['findings'] ?? '')).toHaveLength(WARNINGS.length)
    const [comment = ''] = pull.comments()
    for (const page of [comment, run.summary]) {
      expect(page).toContain('#### 5 warnings in the bundle')
      expect(page.match(/^- ⚠️ `(?:appspec\.yml|fonts\/serif\.woff2|scripts\/start\.sh)/gm)).toHaveLength(5)
      expect(page).toContain(
        "- ⚠️ `scripts/start.sh:3` node is started in the background and keeps the script's stdout"
      )
    }
    expect(comment).toContain('### ✅ What merging this deploys')
  })
})

test('on servers that run the bundle, what is foreseen is what happens, and a careful application has no warning', async () => {
  stage = await openStage({ terminationWait: 0 })
  const careful = await stage.deploy('v1')
  expect([careful.code, warningsOf(careful)]).toEqual([0, []])
  const run = await stage.deploy('v2', {
    changes: {
      'appspec.yml': appSpec(`  ApplicationStart:
    - location: scripts/start.sh
      timeout: 5
  ValidateService:
    - location: scripts/validate.sh
      timeout: 300
`).replace('${APP_DIR}', 'app2'),
      'scripts/start.sh':
        '#!/bin/bash\ncd "${INSTANCE_ROOT:-}/srv/app" && nohup node server.mjs > app.log 2>&1 &\n'
    }
  })
  expect(run.code).not.toBe(0)
  const foreseen = 'ApplicationStart will fail after 5 seconds with “failed to close STDOUT”'
  expect(warningsOf(run)).toEqual([expect.stringContaining(foreseen)])
  expect(readable(run)).toContain('scripts/start.sh failed to close STDOUT')
  expect(await stage.serving()).toBe('v1')
})
