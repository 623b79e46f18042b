import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import type { ActionRun } from '../action/run.js'
import { scriptFailed } from '../cloud/scripted/script.js'
import { isWhole, rotated, sampled } from '../sample.js'
import { openScriptedStage, type Stage } from '../scenarios/stage.js'
import { openProxy, type Answer, type Proxy } from './proxy.js'
import { placesIn, rewritten, rewrittenXml } from './strings.js'
import { HOSTILE, markup, smuggled } from './text.js'

const ACTION = parse(readFileSync(join(import.meta.dirname, '../../action.yml'), 'utf8')) as {
  inputs: Record<string, { default?: string }>
  outputs: Record<string, unknown>
}

let stage: Stage
let proxy: Proxy
let fails = false
beforeAll(async () => {
  stage = await openScriptedStage({
    script: {
      event: ({ event }) =>
        fails && event === 'AfterInstall' ? { failure: scriptFailed(event, 'scripts/x.sh', 3) } : undefined
    }
  })
  proxy = await openProxy(stage.cloud)
  await deploy('first')
})
afterEach(() => {
  proxy.edit = undefined
  fails = false
})
afterAll(async () => {
  await proxy.close()
  await stage.close()
})

const deploy = (version: string, inputs: Record<string, string> = {}): Promise<ActionRun> =>
  stage.deploy(version, { inputs, env: proxy.env })

const expectHarmless = ({ log, summary, outputs }: ActionRun): void => {
  expect(smuggled(log)).toEqual([])
  expect(markup(summary)).toEqual([])
  expect(Object.keys(outputs).filter((name) => !(name in ACTION.outputs))).toEqual([])
}

/** Strings that identify things or steer the run: each is spoiled in a run of its own. */
const STEERING =
  /(?:^|\.|\[\])(?:status|\w*[iI]ds?(?:\[\])?|\w+Type|\w+Option|action\w*|instanceLabel|lifecycleEventName|computePlatform|deployments\[\]|bucket|key|eTag|version|nextToken|value|__type|\w*creator|sha)$/

const isJson = (body: string): boolean => body.trimStart().startsWith('{')

const spoil =
  (isSpoilt: (operation: string, place: string) => boolean) =>
  (answer: Answer): Answer => {
    const change = (text: string, place: string): string =>
      isSpoilt(answer.operation, place) ? `${text}${HOSTILE}` : text
    if (!isJson(answer.body)) return answer
    return { ...answer, body: JSON.stringify(rewritten(JSON.parse(answer.body), change)) }
  }

/** The operation and the path of every string that a run receives. */
const placesOf = async (play: () => Promise<ActionRun>): Promise<Set<string>> => {
  const found = new Set<string>()
  proxy.edit = (answer) => {
    if (isJson(answer.body))
      for (const place of placesIn(JSON.parse(answer.body))) found.add(`${answer.operation} ${place}`)
    return answer
  }
  await play()
  return found
}

describe('whatever the services answer', () => {
  test('a failing deployment still says why if every text that steers nothing is hostile', async () => {
    fails = true
    proxy.edit = spoil((_, place) => !STEERING.test(place))
    const run = await deploy('fails')
    expectHarmless(run)
    expect([run.code, run.outputs['status']]).toEqual([1, 'failed'])
    expect(run.log).toContain('# #[error]SMUGGLED')
  })

  test.each(['deploy', 'history', 'rollback'])('%s still succeeds', async (command) => {
    proxy.edit = spoil((_, place) => !STEERING.test(place))
    const run =
      command === 'deploy'
        ? await deploy('goes through')
        : await stage.run({
            inputs: { command, 's3-bucket': stage.cloud.env['S3_BUCKET'] ?? '', 'poll-seconds': '5' },
            env: proxy.env
          })
    expectHarmless(run)
    expect(run.code).toBe(0)
  })

  test('each text that steers the run does no harm if it is hostile', async () => {
    fails = true
    const places = await placesOf(() => deploy('seen'))
    const steering = [...places].filter((place) => STEERING.test(place.split(' ').at(-1) ?? ''))
    expect(steering.length).toBeGreaterThan(15)
    expect([...places].filter((place) => place.includes('diagnostics'))).toHaveLength(4)
    const played = sampled(steering, 8)
    process.stdout.write(`hostile texts: ${played.length} of ${steering.length} that steer\n`)
    for (const [index, known] of played.entries()) {
      let met = 0
      // Only a few answers: the run would wait for a state that never comes back.
      proxy.edit = (answer) =>
        answer.operation === known.split(' ')[0] && met++ < 4
          ? spoil((operation, place) => `${operation} ${place}` === known)(answer)
          : answer
      const run = await deploy(`steered ${index}`, { 'wait-for-minutes': '1' })
      expect({ known, smuggled: smuggled(run.log), markup: markup(run.summary) }).toEqual({
        known,
        smuggled: [],
        markup: []
      })
    }
  })
})

const refusing =
  (operation: string) =>
  (answer: Answer): Answer => {
    if (answer.operation !== operation) return answer
    if (operation === 'GetIDToken' || operation === 'GitHub')
      return { ...answer, status: 400, body: JSON.stringify({ message: HOSTILE }) }
    if (operation.startsWith('S3'))
      return {
        ...answer,
        status: 403,
        body: rewrittenXml('<Error><Code>AccessDenied</Code><Message>x</Message></Error>', (text, name) =>
          name === 'Message' ? HOSTILE : `${text}${HOSTILE}`
        )
      }
    if (operation.startsWith('Assume') || operation === 'GetCallerIdentity')
      return {
        ...answer,
        status: 400,
        body: rewrittenXml(
          '<ErrorResponse><Error><Type>Sender</Type><Code>Odd</Code><Message>x</Message></Error></ErrorResponse>',
          (text) => `${text}${HOSTILE}`
        )
      }
    return { ...answer, status: 400, body: JSON.stringify({ __type: `Odd${HOSTILE}`, message: HOSTILE }) }
  }

test('whatever error a service refuses a call with', async () => {
  const operations = new Set<string>()
  proxy.edit = (answer) => {
    operations.add(answer.operation)
    return answer
  }
  await deploy('refused')
  expect([...operations]).toEqual(
    expect.arrayContaining(['GetIDToken', 'AssumeRoleWithWebIdentity', 'CreateDeployment', 'S3 PUT'])
  )
  for (const operation of operations) {
    proxy.edit = refusing(operation)
    const run = await deploy(`refused ${operation.replace(' ', '-')}`, { 'wait-for-minutes': '1' })
    expect({ operation, smuggled: smuggled(run.log), markup: markup(run.summary) }).toEqual({
      operation,
      smuggled: [],
      markup: []
    })
  }
})

const COMMANDS = ['deploy', 'rollback', 'history', 'preview']

describe('whatever is under `with:`', () => {
  // Each input with each command; in a sample every third with one, which the next input rotates.
  const inputs = Object.keys(ACTION.inputs).map((name, at) => ({
    name,
    commands: rotated(COMMANDS, at).slice(0, isWhole ? COMMANDS.length : 1)
  }))

  test.each(sampled(inputs, 3))('$name', async ({ name, commands }) => {
    for (const command of commands) {
      const run = await stage.run({
        inputs: { command, [name]: HOSTILE },
        env: proxy.env
      })
      expectHarmless(run)
    }
  })

  test('a description, which may have any characters', async () => {
    for (let at = 0; at < HOSTILE.length; at += 200) {
      const run = await deploy(`described ${at}`, { description: `d ${HOSTILE.slice(at, at + 240)}` })
      expectHarmless(run)
      expect(run.code).toBe(0)
    }
  })
})

test('whatever the event and the runner say', async () => {
  const event = join(stage.scratch, 'event.json')
  const told = { id: 'x', message: 'x', title: 'x' }
  const named = { head: { sha: 'x', repo: { full_name: 'x' } }, title: 'x' }
  writeFileSync(event, JSON.stringify(rewritten({ head_commit: told, pull_request: named }, () => HOSTILE)))
  const names = ['SHA', 'REPOSITORY', 'ACTOR', 'SERVER_URL', 'RUN_ID', 'RUN_ATTEMPT']
  for (const name of names) {
    const run = await stage.deploy(`runner ${name}`, {
      env: { ...proxy.env, [`GITHUB_${name}`]: HOSTILE }
    })
    expectHarmless(run)
  }
  expectHarmless(await stage.deploy('event', { env: { ...proxy.env, GITHUB_EVENT_PATH: event } }))
  expectHarmless(await stage.deploy('message', { message: HOSTILE.replace(/^/, 'x '), env: proxy.env }))
})

test('whatever is in a bundle', async () => {
  const spec = [
    'version: 0.0',
    'os: linux',
    `${JSON.stringify(`key ${HOSTILE}`)}: 1`,
    'files:',
    `  - source: ${JSON.stringify(HOSTILE)}`,
    `    destination: ${JSON.stringify(HOSTILE)}`,
    'hooks:',
    `  ${JSON.stringify(HOSTILE)}:`,
    `    - location: ${JSON.stringify(HOSTILE)}`,
    '  AfterInstall:',
    `    - location: ${JSON.stringify(HOSTILE)}`,
    `      ${JSON.stringify(HOSTILE)}: 1`
  ].join('\n')
  const name = HOSTILE.replaceAll('/', '_').slice(0, 100)
  const run = await stage.deploy('bundle', {
    changes: { 'appspec.yml': spec, [`${name};1`]: 'x' },
    env: proxy.env
  })
  expectHarmless(run)
  expect(run.code).toBe(1)
})
