import { describe, expect, test } from '@jest/globals'
import type { CommandInvocation, RunCommand } from '../../src/ports.js'
import { runDocument } from '../../src/steps/instance-logs.js'
import { within } from '../../src/steps/within.js'
import { noSignal, START, virtualClock } from '../fakes/clock.js'
import { refusal } from '../fakes/nouns.js'

const QUESTION = { instanceId: 'i-1', deploymentId: 'd-1', groupId: 'g-1' }
const said = (status: string, output = '', detail = ''): CommandInvocation => ({ status, output, detail })

/** Answers in turn; the last one repeats. */
const answering = (...answers: (CommandInvocation | undefined)[]) => {
  const sent: unknown[] = []
  let at = 0
  const service: RunCommand = {
    send: (...order) => {
      sent.push(order)
      return Promise.resolve('c-1')
    },
    invocation: () => Promise.resolve(answers[Math.min(at++, answers.length - 1)])
  }
  return { service, sent }
}

describe('a document', () => {
  test('is sent once, and read until it is over, though the service does not know it at first', async () => {
    const { service, sent } = answering(undefined, said('Pending'), said('InProgress'), said('Success', 'x'))
    const clock = virtualClock()
    const run = await runDocument('logs', QUESTION, service, { clock, signal: noSignal() })
    expect(run).toEqual({ kind: 'output', text: 'x' })
    expect(sent).toEqual([['logs', 'i-1', { deploymentId: 'd-1', groupId: 'g-1' }]])
    expect(clock.slept).toEqual([2_000, 2_000, 2_000, 2_000])
  })

  test.each([
    [said('Failed'), 'Failed'],
    [said('TimedOut', '', 'Undeliverable'), 'Undeliverable'],
    [said('SomethingNew'), 'SomethingNew']
  ])('that did not succeed has no output, whatever it printed', async (answer, status) => {
    const { service } = answering({ ...answer, output: 'half' })
    const options = { clock: virtualClock(), signal: noSignal() }
    expect(await runDocument('logs', QUESTION, service, options)).toEqual({ kind: 'ended', status })
  })
})

describe('work within a time', () => {
  const options = () => ({ clock: virtualClock(), signal: noSignal() })

  test('returns its result, or its error', async () => {
    expect(await within(1_000, options(), () => Promise.resolve(7))).toBe(7)
    await expect(within(1_000, options(), () => Promise.reject(refusal('No')))).rejects.toThrow('refused')
  })

  test('that takes longer is left alone at the end of it, and its signal is aborted', async () => {
    const given = options()
    let signal: AbortSignal | undefined
    const late = within(30_000, given, (its) => {
      signal = its
      return given.clock.sleep(3_600_000, its)
    })
    expect(await late).toBeUndefined()
    expect(given.clock.now()).toBe(START + 30_000)
    expect(signal?.aborted).toBe(true)
  })

  test('ends with the cancel', async () => {
    const canceled = new AbortController()
    const clock = virtualClock()
    clock.at(START + 5_000, () => canceled.abort(new Error('canceled')))
    const work = within(30_000, { clock, signal: canceled.signal }, (signal) => clock.sleep(60_000, signal))
    await expect(work).rejects.toThrow('canceled')
  })
})
