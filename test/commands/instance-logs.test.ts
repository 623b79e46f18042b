import { describe, expect, test } from '@jest/globals'
import { instanceLogs } from '../../src/commands/instance-logs.js'
import type { Deployment } from '../../src/domain/deployment.js'
import type { Target } from '../../src/domain/event.js'
import type { News } from '../../src/domain/event-changes.js'
import type { DeploymentInputs } from '../../src/inputs/types.js'
import type { Journal } from '../../src/journal.js'
import type { ConsoleOutput, RunCommand, World } from '../../src/ports.js'
import { START, virtualClock } from '../fakes/clock.js'
import { failing, outcome } from '../fakes/endings.js'
import { deployment, failedDiagnostics, group, ID, instance, target, unrun, INSTALL } from '../fakes/nouns.js'

const OUTPUT = 'agent: one\nscripts: two\n'

const success = (output = OUTPUT): RunCommand => ({
  send: () => Promise.resolve('c-1'),
  invocation: () => Promise.resolve({ status: 'Success', detail: '', output })
})

/** A run that asks these sources, and everything that it says and calls. */
const asking = (
  sources: DeploymentInputs['instanceLogs'],
  {
    ssm = success(),
    console = () => Promise.resolve('login:')
  }: { ssm?: RunCommand; console?: ConsoleOutput } = {}
) => {
  const clock = virtualClock()
  const canceled = new AbortController()
  const lines: string[] = []
  const asked: string[] = []
  const once = new Set<string>()
  const journal = {
    close: () => undefined,
    tell: (news: News) => {
      if (news.kind === 'log')
        lines.push(`${news.log.name} of ${news.log.instanceId}: ${news.log.lines.join()}`)
      if (news.kind === 'change') lines.push(`${news.change.event.name} ${news.change.event.status}`)
    }
  } as unknown as Journal
  const world = {
    clock,
    canceled: canceled.signal,
    runner: {
      once: (line: string) => {
        if (!once.has(line)) lines.push(line)
        once.add(line)
      },
      annotate: (level: string, message: string) => lines.push(`${level}: ${message.split('.')[0] ?? ''}`),
      hide: (text: string) => text
    },
    runCommand: () =>
      Promise.resolve<RunCommand>({
        ...ssm,
        send: (document, id, parameters) => {
          asked.push(`${document} ${id} ${Object.values(parameters).join(' ')}`)
          return ssm.send(document, id, parameters)
        }
      }),
    consoleOutput: () =>
      Promise.resolve<ConsoleOutput>((id) => {
        asked.push(`console ${id}`)
        return console(id)
      })
  } as unknown as World
  const inputs = {
    identity: { region: 'x' },
    instanceLogs: sources,
    instanceLogsDocument: 'logs'
  } as unknown as DeploymentInputs
  const identity = { credentials: () => Promise.reject(new Error('unused')), renew: () => undefined }
  const logs = instanceLogs(journal, { inputs, identity, group: group({ id: 'g-1' }), world })
  const tell = (its: Target, of: Deployment = deployment()): void => {
    const event = its.events.find(({ status }) => status === 'Failed') ?? its.events[0]
    if (event !== undefined)
      logs.journal.tell({ kind: 'change', change: { target: its, event }, deployment: of })
  }
  return { logs, tell, lines, asked, clock, canceled }
}

const ended = (targets: Target[], members: Partial<Deployment> = {}) =>
  outcome({ name: 'failed', deployment: deployment({ status: 'Failed', ...members }), targets })

const failsBy = (n: number, script: string): Target =>
  failing(n, n, failedDiagnostics({ scriptName: script }))
const silent = (n: number): Target => target(instance(n), 'green', unrun(INSTALL, 'Skipped'), 'Skipped')

describe('who is asked', () => {
  test('the first that failed in each way, at most three, each with its deployment and group', async () => {
    const { logs, tell, asked, lines } = asking(['ssm'])
    const all = [failsBy(1, 'a'), failsBy(2, 'a'), failsBy(3, 'b'), failsBy(4, 'c'), failsBy(5, 'd')]
    for (const one of all) tell(one)
    const read = await logs.ofEnding(ended(all))
    expect(asked).toEqual([1, 3, 4].map((n) => `logs ${instance(n)} ${ID} g-1`))
    expect(read.map(({ name }) => name)).toEqual(['agent', 'scripts', 'agent', 'scripts', 'agent', 'scripts'])
    expect(lines.filter((line) => line.startsWith('scripts'))).toHaveLength(3)
  })

  test('nobody without the input, nor for what went well', async () => {
    const off = asking([])
    off.tell(failsBy(1, 'a'))
    expect(await off.logs.ofEnding(ended([failsBy(1, 'a')]))).toEqual([])
    const fine = asking(['ssm', 'console'])
    fine.tell(target(instance(1), 'green', []))
    await fine.logs.ofEnding(outcome())
    expect([...off.asked, ...fine.asked]).toEqual([])
  })

  test('one of those whose agent never answered, once the deployment has failed', async () => {
    const { logs, asked } = asking(['ssm'])
    await logs.ofEnding(ended([silent(1), silent(2)], { status: 'Stopped' }))
    expect(asked).toEqual([])
    await logs.ofEnding(ended([silent(1), silent(2)]))
    expect(asked).toEqual([`logs ${instance(1)} ${ID} g-1`])
  })

  test('a source that refuses everybody is asked no more, and says so once', async () => {
    const { logs, tell, asked, lines } = asking(['ssm', 'console'], {
      ssm: {
        ...success(),
        send: () => Promise.reject(Object.assign(new Error('none'), { name: 'InvalidDocument' }))
      }
    })
    tell(failsBy(1, 'a'))
    await new Promise(setImmediate)
    tell(failsBy(2, 'b'))
    await logs.ofEnding(ended([]))
    expect(asked.filter((one) => one.startsWith('logs'))).toHaveLength(1)
    expect(asked.filter((one) => one.startsWith('console'))).toHaveLength(2)
    expect(lines.filter((line) => line.includes('InvalidDocument'))).toHaveLength(1)
    expect(lines.filter((line) => line.startsWith('warning'))).toHaveLength(1)
  })
})

describe('nobody waits for long', () => {
  const never: RunCommand = { ...success(), invocation: () => Promise.resolve(undefined) }

  test('an answer that does not come is given up after 30 s', async () => {
    const { logs, tell, lines, clock } = asking(['ssm'], { ssm: never })
    tell(failsBy(1, 'a'))
    expect(await logs.ofEnding(ended([]))).toEqual([])
    expect(clock.now() - START).toBe(30_000)
    expect(lines.at(-1)).toBe(`SSM had nothing from ${instance(1)} within 30 s, so its logs are not shown.`)
  })

  test('a canceled job says nothing more', async () => {
    const { logs, tell, lines, clock, canceled } = asking(['ssm'], { ssm: never })
    tell(failsBy(1, 'a'))
    clock.at(START + 5_000, () => canceled.abort(new Error('canceled')))
    expect(await logs.ofEnding(ended([silent(2)]))).toEqual([])
    expect(clock.now() - START).toBeLessThan(30_000)
    expect(lines).toEqual(['ValidateService Failed'])
  })

  test('the failure itself is told before anything is asked', () => {
    const { tell, lines, asked } = asking(['ssm'], { ssm: never })
    tell(failsBy(1, 'a'))
    expect([lines, asked]).toEqual([['ValidateService Failed'], []])
  })
})
