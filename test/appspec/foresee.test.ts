import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { judge } from '../../src/appspec/judge.js'
import { openFolder } from '../../src/bundle/folder.js'
import { BASE, bundleOf, judgeSpec } from './bundle.js'
import { STARTS } from './starts.js'

const hooks = (events: Record<string, string>): string =>
  `${BASE}hooks:\n${Object.entries(events)
    .map(([event, script]) => `  ${event}:\n    - location: ${script}\n      timeout: 60\n`)
    .join('')}`

const START = hooks({ ApplicationStart: 'start.sh' })

const foreseen = async (spec: string, files: Record<string, string>): Promise<string[]> =>
  (await judgeSpec(spec, files)).map(
    ({ severity, file, line, message }) => `${severity} ${file}:${line ?? '-'} ${message}`
  )

const OPEN = /keeps the script's/
const UNPROVEN = /No hook checks that the service answers/

describe('a script of ApplicationStart', () => {
  test.each(STARTS.map((start) => [start.name, start] as const))(
    '%s',
    async (_, { text, holds, isUnproven }) => {
      const said = await foreseen(START, { 'start.sh': text })
      const open = said.filter((one) => OPEN.test(one))
      expect(
        open.map((one) => /^warning start\.sh:(\d+) .* keeps the script's (.*?) open\./.exec(one)?.slice(1))
      ).toEqual(holds === undefined ? [] : [[String(holds[0]), holds[1]]])
      expect(said.filter((one) => UNPROVEN.test(one))).toHaveLength(isUnproven === true ? 1 : 0)
    }
  )
})

const BACKGROUND = '#!/bin/bash\nnohup java -jar app.jar > app.log 2>&1 &\n'
const OPENING = '#!/bin/bash\nset -e\nnohup java -jar app.jar &\n'
const QUIET = '#!/bin/sh\nexit 0\n'
const ASKING = '#!/bin/sh\ncurl -fs --retry 30 http://localhost/health\n'

describe('a service that no hook asks', () => {
  test('is one finding at its script in the AppSpec, which says what to write', async () => {
    const [one = '', ...others] = await foreseen(START, { 'start.sh': BACKGROUND })
    expect(others).toEqual([])
    expect(one).toMatch(
      /^warning appspec\.yml:5 No hook checks .*: start\.sh starts java in the background and/
    )
    expect(one).toMatch(
      /AllowTraffic waits for .* up to an hour and fails without a log\. Add a ValidateService/
    )
  })

  test.each([
    ['ValidateService', hooks({ ApplicationStart: 'start.sh', ValidateService: 'quiet.sh' })],
    ['a later hook that asks', hooks({ ApplicationStart: 'start.sh', BeforeAllowTraffic: 'asking.sh' })],
    [
      'a later hook that cannot be read',
      hooks({ ApplicationStart: 'start.sh', AfterAllowTraffic: 'check.py' })
    ],
    ['no start', hooks({ AfterInstall: 'quiet.sh', ApplicationStart: 'quiet.sh' })],
    ['no hooks', BASE]
  ])('is none with %s', async (_, spec) => {
    const files = { 'start.sh': BACKGROUND, 'quiet.sh': QUIET, 'asking.sh': ASKING }
    const check = '#!/usr/bin/env python3\nprint(1)\n'
    expect(await foreseen(spec, { ...files, 'check.py': check })).toEqual([])
  })

  test.each([
    ['a former hook that asks', hooks({ BeforeInstall: 'asking.sh', ApplicationStart: 'start.sh' })],
    [
      'later hooks that do something else',
      hooks({ AfterInstall: 'start.sh', AfterAllowTraffic: 'quiet.sh' })
    ],
    [
      'a hook of the old version that asks',
      hooks({ ApplicationStart: 'start.sh', AfterBlockTraffic: 'asking.sh' })
    ]
  ])('is one with %s', async (_, spec) => {
    const files = { 'start.sh': BACKGROUND, 'quiet.sh': QUIET, 'asking.sh': ASKING }
    expect(await foreseen(spec, files)).toEqual([expect.stringMatching(UNPROVEN)])
  })
})

describe('outputs that stay open', () => {
  test('are one finding at the line of the script, with the timeout of its hook', async () => {
    const spec = hooks({ ApplicationStart: 'start.sh', ValidateService: 'asking.sh' })
    expect(await foreseen(spec, { 'start.sh': OPENING, 'asking.sh': ASKING })).toEqual([
      "warning start.sh:3 java is started in the background and keeps the script's stdout and stderr open. The agent waits until both outputs are closed, so ApplicationStart will fail after 60 seconds with “failed to close STDOUT”, even if the service runs. End the command with “> /var/log/app.log 2>&1 < /dev/null &”, in this order, or let systemd start the service."
    ])
  })

  test('are counted, each line once', async () => {
    const spec = hooks({ AfterInstall: 'two.sh', ApplicationStart: 'start.sh', ValidateService: 'two.sh' })
    const two = '#!/bin/sh\nnode a.js &\nnode b.js &\n'
    expect(await foreseen(spec, { 'start.sh': OPENING, 'two.sh': two })).toEqual([
      expect.stringMatching(
        /^warning two\.sh:2 node .* AfterInstall will fail .* The same is true of 2 other starts\.$/
      )
    ])
  })

  test('because of a shell are explained as such', async () => {
    const spec = hooks({ ApplicationStart: 'start.sh', ValidateService: 'asking.sh' })
    const text = '#!/bin/bash\ncd /srv && java -jar app.jar > app.log 2>&1 &\n'
    expect(await foreseen(spec, { 'start.sh': text, 'asking.sh': ASKING })).toEqual([
      expect.stringMatching(/Its own output is redirected, but a shell waits for it/)
    ])
  })

  test('of a hook that never runs, or of a very long script, are not looked for', async () => {
    const long = `${OPENING}${'# more\n'.repeat(3_000)}`
    const spec = hooks({ ApplicationStart: 'long.sh', Install: 'start.sh' })
    expect(
      (await foreseen(spec, { 'start.sh': OPENING, 'long.sh': long })).filter((one) => OPEN.test(one))
    ).toEqual([])
  })

  test('are found in the folder that the agent strips', async () => {
    const findings = await judge(
      bundleOf({
        'top/appspec.yml': hooks({ ApplicationStart: 'start.sh', ValidateService: 'asking.sh' }),
        'top/start.sh': OPENING,
        'top/asking.sh': ASKING
      })
    )
    expect(findings.filter(({ message }) => OPEN.test(message))).toMatchObject([
      { file: 'top/start.sh', line: 3 }
    ])
  })
})

describe('timeouts that add up', () => {
  const scripts = (...events: [event: string, timeout?: number][]): string =>
    `${BASE}hooks:\n${events
      .map(([event, timeout]) => {
        const own = timeout === undefined ? '' : `      timeout: ${timeout}\n`
        return `  ${event}:\n    - location: quiet.sh\n${own}`
      })
      .join('')}`

  test.each([
    ['two hours', scripts(['AfterInstall'], ['ValidateService'])],
    [
      'hours of ApplicationStop, which new instances skip',
      scripts(['ApplicationStop'], ['AfterInstall'], ['ValidateService'])
    ],
    [
      'an hour for each of two events and minutes',
      scripts(['AfterInstall', 3600], ['ApplicationStart', 1800], ['ValidateService', 1800])
    ]
  ])('to %s are fine', async (_, spec) => {
    expect(await foreseen(spec, { 'quiet.sh': QUIET })).toEqual([])
  })

  test('to more are one finding, at the first script without a timeout', async () => {
    const spec = scripts(
      ['AfterInstall', 60],
      ['ApplicationStart'],
      ['ValidateService'],
      ['AfterAllowTraffic']
    )
    expect(await foreseen(spec, { 'quiet.sh': QUIET })).toEqual([
      'warning appspec.yml:8 By their timeouts, the hooks may run for 3 hours 1 minute before a deployment fails: 3 of 4 scripts have no timeout and so may each take an hour. A script that hangs holds the deployment for its whole timeout. Give each script a little more than it needs, such as “timeout: 300”.'
    ])
  })

  test('that are all given point to the longest one', async () => {
    const spec = scripts(['AfterInstall', 1800], ['ApplicationStart', 3600], ['ValidateService', 3000])
    expect(await foreseen(spec, { 'quiet.sh': QUIET })).toEqual([
      expect.stringMatching(
        /^warning appspec\.yml:8 .* may run for 2 hours 20 minutes before a deployment fails\. A/
      )
    ])
  })

  test('within one event count for an hour at most', async () => {
    const spec = `${BASE}hooks:\n  AfterInstall:\n${'    - location: quiet.sh\n'.repeat(5)}`
    expect(await foreseen(spec, { 'quiet.sh': QUIET })).toEqual([])
  })
})

describe('a destination', () => {
  const files = (...destinations: string[]): string =>
    `${BASE}files:\n${destinations.map((one) => `  - source: a.txt\n    destination: '${one}'\n`).join('')}`

  test.each(['/srv/${APP_DIR}', '$APP_DIR/web', '/srv/{{ app }}/web', '/srv/$app'])(
    'with a placeholder is one finding: %s',
    async (destination) => {
      const [one = '', ...others] = await foreseen(files(destination), { 'a.txt': 'x' })
      expect(others).toEqual([])
      expect(one).toMatch(
        /^warning appspec\.yml:5 The agent does not expand \S+( app }})? in the destination/
      )
      expect(one).toContain(`${destination}: it creates a folder with exactly this name`)
    }
  )

  test.each(['/srv/app', '/srv/a$', '/srv/price-in-$5', '/srv/{a}', '/srv/100%'])(
    'without one is fine: %s',
    async (destination) => {
      expect(await foreseen(files(destination), { 'a.txt': 'x' })).toEqual([])
    }
  )

  test('with a placeholder is counted with the others', async () => {
    const said = await foreseen(files('/srv/${A}', '/srv/b', '/srv/${C}', '/srv/${D}'), { 'a.txt': 'x' })
    expect(said).toEqual([expect.stringMatching(/\$\{A\}.* The same is true of 2 other destinations\.$/)])
  })
})

describe('a pointer of Git LFS', () => {
  const pointer = (size: number, end = '\n'): string =>
    ['version https://git-lfs.github.com/spec/v1', `oid sha256:${'0f'.repeat(32)}`, `size ${size}`, ''].join(
      end
    )

  test('is one finding, with the number of the others', async () => {
    const files = {
      'a/model.bin': pointer(5),
      'b.png': pointer(123_456_789_012),
      'c.dat': pointer(77, '\r\n')
    }
    expect(await foreseen(BASE, { ...files, 'd.bin': 'x'.repeat(130) })).toEqual([
      'warning a/model.bin:- This is a pointer of Git LFS, not the file itself: the checkout did not fetch it, and the servers would get these few lines. So are 2 other files, such as b.png. Set “lfs: true” for actions/checkout, or run “git lfs pull” before this step.'
    ])
  })

  test.each([
    ['text that only speaks of it', 'a.txt', `See this: ${pointer(5)}`],
    ['source code of the same size', 'a.js', pointer(5)],
    ['a pointer with something after it', 'a.bin', `${pointer(5)}more`],
    ['an empty file', 'a.bin', '']
  ])('is not %s', async (_, path, text) => {
    expect(await foreseen(BASE, { [path]: text })).toEqual([])
  })
})

test('the example application has no finding', async () => {
  const { view, findings } = await openFolder(join(import.meta.dirname, '../../examples/app'), {
    exclude: []
  })
  expect([...findings, ...(await judge(view))]).toEqual([])
})
