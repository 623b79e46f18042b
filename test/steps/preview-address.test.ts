import { beforeEach, describe, expect, test } from '@jest/globals'
import type { AddressState } from '../../src/domain/preview/address.js'
import type { AddressAnswer } from '../../src/preview-port.js'
import { awaitAnswer } from '../../src/steps/preview-address.js'
import { START, type VirtualClock, virtualClock } from '../fakes/clock.js'

const ADDRESS = 'https://pr-7.preview.example.com/'
const BALANCER = 'previews-1.elb.example.com'

let clock: VirtualClock
let told: string[]
let asked: [string, string][]

beforeEach(() => {
  clock = virtualClock()
  told = []
  asked = []
})

/** The answers in turn; the last one repeats. */
const answered = (
  answers: AddressAnswer[],
  { known = true, signal = new AbortController().signal } = {}
): Promise<AddressState> =>
  awaitAnswer(
    { address: ADDRESS, balancer: BALANCER },
    {
      ask: (address, via) => {
        asked.push([address, via])
        return Promise.resolve(answers[Math.min(asked.length, answers.length) - 1] ?? { problem: 'none' })
      },
      resolves: (host) => Promise.resolve(known && host === 'pr-7.preview.example.com'),
      ...{ clock, signal, tell: (line) => told.push(line) }
    }
  )

const unhealthy = { status: 503 }
const problem = { problem: 'connect ETIMEDOUT' }

test('an address that answers at once is asked once, at the load balancer', async () => {
  expect(await answered([{ status: 200 }])).toEqual({ kind: 'answers', status: 200, unknownHost: false })
  expect([asked, told]).toEqual([[[ADDRESS, BALANCER]], []])
})

test.each([200, 302, 404, 499])('%i is an answer of the preview', async (status) => {
  expect(await answered([{ status }])).toMatchObject({ kind: 'answers', status })
})

test('a host that DNS does not know is told, since only the load balancer answers', async () => {
  expect(await answered([{ status: 200 }], { known: false })).toMatchObject({ unknownHost: true })
})

describe('the load balancer answers for instances that are not healthy yet', () => {
  test.each([500, 502, 503, 504])('%i: it is asked every 5 seconds, which is said once', async (status) => {
    expect(await answered([{ status }, { status }, { status }, { status: 200 }])).toMatchObject({
      kind: 'answers'
    })
    expect([clock.now() - START, told]).toEqual([15_000, [`Waiting until ${ADDRESS} answers.`]])
  })

  test('for five minutes at most', async () => {
    expect(await answered([unhealthy])).toEqual({ kind: 'unhealthy', status: 503, minutes: 5 })
    expect(clock.now() - START).toBe(305_000)
  })

  test('until the job is canceled', async () => {
    const cancel = new AbortController()
    clock.at(START + 12_000, () => cancel.abort(new Error('canceled')))
    await expect(answered([unhealthy], { signal: cancel.signal })).rejects.toThrow('canceled')
  })
})

describe('nobody answers', () => {
  test('three times: the runner does not reach the load balancer', async () => {
    expect(await answered([problem])).toEqual({ kind: 'silent', problem: 'connect ETIMEDOUT' })
    expect(asked).toHaveLength(3)
  })

  test('in passing: it is asked again', async () => {
    expect(await answered([problem, problem, { status: 200 }])).toMatchObject({ kind: 'answers' })
  })

  test('now and then, between answers for unhealthy instances: the last problem counts', async () => {
    expect(await answered([problem, unhealthy, unhealthy, problem, unhealthy, problem])).toMatchObject({
      kind: 'silent'
    })
  })
})
