import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import type { ActionRun } from '../action/run.js'
import { filesOf } from '../cloud/github/repository.js'
import { policyOf } from '../cloud/identity/documents.js'
import { PLACE } from '../cloud/parts.js'
import { scriptFailed } from '../cloud/scripted/script.js'
import { knownCommit, openPull, seedPreviewGroup, type PullStage } from '../scenarios/pulls.js'
import { openScriptedStage, type Stage } from '../scenarios/stage.js'
import { openProxy, type Answer, type Proxy } from './proxy.js'
import { rewritten } from './strings.js'
import { HOSTILE, loud, LOUD, MARK, odd, smuggled } from './text.js'

const TEXT = `${HOSTILE} ${LOUD}`
const SHORT = `${LOUD.slice(0, 100)} ${HOSTILE}`

/** As much of it as fits into names of files, none of which has more than 255 bytes. */
const NAMES = Array.from({ length: Math.ceil(HOSTILE.length / 60) }, (_, at) =>
  `${at} ${HOSTILE.slice(at * 60, at * 60 + 60)}`.replaceAll('/', '_')
).concat('@octocat #1 GH-2', 'www.evil.example', '한글 파일.txt', `${'긴'.repeat(80)}.txt`)

let stage: Stage
let proxy: Proxy
let fails = false
let number = 20
beforeAll(async () => {
  stage = await openScriptedStage({
    terminationWait: 0,
    script: {
      event: ({ event }) =>
        fails && event === 'AfterInstall' ? { failure: scriptFailed(event, SHORT, 3) } : undefined
    }
  })
  proxy = await openProxy(stage.cloud)
  knownCommit(stage, 'v1')
  expect((await stage.deploy('v1', { inputs: { 'wait-for': 'complete' } })).code).toBe(0)
  await seedPreviewGroup(stage)
  stage.cloud.role.policy = policyOf(PLACE, 'preview-policy.json', 'optional-running-preview.json')
})
afterEach(() => {
  proxy.edit = undefined
  fails = false
})
afterAll(async () => {
  await proxy.close()
  await stage.close()
})

const RUNNING = {
  'preview-deployment-group-name': PLACE.previewGroup,
  'preview-url': 'https://preview.example.com'
}

/** Strings that identify things or steer the run; test/hostile/text.test.ts spoils those. */
const STEERING =
  /(?:^|\.|\[\])(?:status|state|\w*[iI]ds?(?:\[\])?|\w+Type|\w+Option|action\w*|instanceLabel|lifecycleEventName|computePlatform|deployments\[\]|bucket|key|eTag|version|nextToken|value|__type|\w*creator|sha|ref|task|login|full_name)$/

/** Appends to every other text that a service answers with. */
const spoilt = (answer: Answer): Answer =>
  /^\s*[[{]/.test(answer.body)
    ? {
        ...answer,
        body: JSON.stringify(
          rewritten(JSON.parse(answer.body), (text, place) =>
            STEERING.test(place) ? text : `${text}${SHORT}`
          )
        )
      }
    : answer

/** A pull request whose every name and text is hostile, and the run of its push. */
const pushed = async (
  changes: Record<string, string>,
  inputs: Record<string, string> = {}
): Promise<{ pull: PullStage; run: ActionRun }> => {
  const pull = openPull(stage, ++number, { bare: true })
  await pull.push(`v${number}`, changes, TEXT)
  const { repository } = stage.cloud
  for (const commit of repository.commits.slice(-2)) {
    commit.author = TEXT
    commit.files = filesOf(Object.fromEntries([...NAMES, TEXT].map((name) => [`${name}/${name}`, 'x'])))
  }
  const run = await pull.on('opened', {
    inputs,
    // The proxy passes only text on, so that what is in the stored bundle is not known behind it.
    env: proxy.edit === undefined ? {} : proxy.env,
    names: { baseRef: TEXT, headRef: TEXT, title: TEXT }
  })
  return { pull, run }
}

const expectHarmless = async ({ pull, run }: { pull: PullStage; run: ActionRun }): Promise<void> => {
  expect(smuggled(run.log)).toEqual([])
  expect(Object.values(run.outputs).filter((value) => value === MARK)).toEqual([])
  const written = stage.cloud.repository.comments.filter(({ issue }) => issue === pull.number)
  for (const { body } of written) {
    expect(await loud(body)).toEqual([])
    expect(body.length).toBeLessThanOrEqual(65_536)
  }
  const shown = stage.cloud.repository.deployments.filter(({ task }) => task.endsWith(`-${pull.number}`))
  for (const { statuses, description } of shown)
    for (const text of [description, ...statuses.map((status) => status.description)])
      expect(odd(text)).toEqual([])
}

test('titles, branches, commits, authors and names of files', async () => {
  const done = await pushed(Object.fromEntries(NAMES.map((name) => [name, 'x'])), RUNNING)
  expect([done.run.code, done.pull.comments().length]).toEqual([0, 1])
  expect(done.pull.comments()[0]).toContain('- `+ 한글 파일.txt`')
  await expectHarmless(done)
  const closed = await done.pull.on('closed', { inputs: RUNNING })
  await expectHarmless({ ...done, run: closed })
})

/** A hook with a hostile name, which the agent would accept. */
const HOOKED = ['version: 0.0', 'os: linux', 'files:', '  - source: /', '    destination: /srv/app', 'hooks:']
const script = `@octocat_#1_GH-2_**${MARK}**_![x]_한글.sh`

test('hooks, and the script that fails', async () => {
  const hook = ['  AfterInstall:', `    - location: ${JSON.stringify(script)}`]
  const changes = { 'appspec.yml': [...HOOKED, ...hook].join('\n'), [script]: '#!/bin/sh\n' }
  const done = await pushed(changes, RUNNING)
  await expectHarmless(done)
  expect(done.pull.comments()[0]).toContain('(AfterInstall) is new')
  fails = true
  proxy.edit = spoilt
  const failed = await pushed(changes, RUNNING)
  expect([failed.run.code, failed.pull.statuses()]).toEqual([1, ['failure']])
  await expectHarmless(failed)
})

test('an AppSpec that the agent refuses', async () => {
  const spec = [
    ...HOOKED,
    `  ${JSON.stringify(TEXT.slice(0, 900))}:`,
    `    - location: ${JSON.stringify(TEXT)}`,
    '  AfterInstall:',
    `    - location: ${JSON.stringify(TEXT)}`,
    `      ${JSON.stringify(TEXT.slice(0, 900))}: 1`
  ]
  const done = await pushed({ 'appspec.yml': spec.join('\n') }, RUNNING)
  expect([done.run.code, done.pull.statuses()]).toEqual([1, ['failure']])
  await expectHarmless(done)
})

test('what GitHub answers, and what it refuses with', async () => {
  proxy.edit = spoilt
  await expectHarmless(await pushed({}, RUNNING))
  for (const status of [400, 403, 422]) {
    proxy.edit = (answer) =>
      answer.operation === 'GitHub'
        ? { ...answer, status, body: JSON.stringify({ message: TEXT, errors: [{ message: TEXT }] }) }
        : answer
    const done = await pushed({}, RUNNING)
    expect(done.run.code).toBe(0)
    await expectHarmless(done)
    expect(await loud(done.run.summary.replace(/^.*console\.aws.*$/gm, ''))).toEqual([])
  }
})

test('these checks see what is not harmless', async () => {
  expect(await loud('@kim, see #1')).toEqual(['@kim', '#1'])
  expect(await loud(`<b>${MARK}</b> ![x](https://x)`)).not.toEqual([])
  expect(await loud('[x](https://evil.example)')).not.toEqual([])
  expect(await loud('`@kim #1 https://evil.example`')).toEqual([])
  expect(odd('one\ntwo')).toEqual(['more than one line'])
})
