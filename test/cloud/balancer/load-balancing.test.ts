import { once } from 'node:events'
import { request } from 'node:http'
import type { IncomingMessage, RequestListener } from 'node:http'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Machine, TargetGroupPlane } from '../contract.js'
import { check, machineAt, openGroup, startApplication, steppedClock } from './fixture.js'
import type { Application, SteppedClock } from './fixture.js'
import { matches } from './health.js'
import { createLoadBalancing } from './load-balancing.js'

let clock: SteppedClock
let plane: TargetGroupPlane
let url: string
let close: () => Promise<void>
let applications: Application[]
let sick: Set<string>

beforeEach(async () => {
  clock = steppedClock()
  applications = []
  sick = new Set()
  ;({ plane, url, close } = await openGroup(createLoadBalancing({ clock }), check))
})
afterEach(async () => {
  await close()
  await Promise.all(applications.map((application) => application.close()))
})

const start = async (id: string, page: RequestListener = (_request, response) => response.end(id)) => {
  const application = await startApplication(id, (incoming, response) => {
    if (incoming.url === check.path) response.writeHead(sick.has(id) ? 500 : 200).end()
    else page(incoming, response)
  })
  applications.push(application)
  return application
}
/** Registers, and waits for the first health check. */
const register = async (machine: Machine) => {
  plane.register(machine)
  await clock.asleep(plane.health().length)
}
/** Lets every target be checked once more. */
const look = async () => {
  clock.advance(check.intervalSeconds * 1000)
  await clock.asleep(plane.health().length)
}
const text = async (init?: RequestInit) => {
  const answer = await fetch(`${url}/page`, init)
  return `${answer.status} ${await answer.text()}`
}
const until = async (holds: () => Promise<boolean>) => {
  while (!(await holds())) await new Promise((resolve) => setImmediate(resolve))
}
const closedPort = async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

describe('health', () => {
  test('one successful check makes a new target healthy; later the thresholds count', async () => {
    const a = await start('a')
    plane.register(a.machine)
    expect(plane.health()).toEqual([
      { machineId: 'a', state: 'initial', reason: 'Elb.RegistrationInProgress' }
    ])
    await clock.asleep(1)
    expect(plane.health()).toEqual([{ machineId: 'a', state: 'healthy' }])
    sick.add('a')
    await look()
    expect(plane.health()).toEqual([{ machineId: 'a', state: 'healthy' }])
    await look()
    const mismatch = {
      machineId: 'a',
      state: 'unhealthy',
      reason: 'Target.ResponseCodeMismatch',
      description: 'Health checks failed with these codes: [500]'
    }
    expect(plane.health()).toEqual([mismatch])
    sick.clear()
    await look()
    expect(plane.health()).toEqual([mismatch])
    await look()
    expect(plane.health()).toEqual([{ machineId: 'a', state: 'healthy' }])
  })

  test('a port without a listener stays initial and then becomes unhealthy', async () => {
    await register(machineAt('a', await closedPort()))
    expect(plane.health()).toEqual([
      { machineId: 'a', state: 'initial', reason: 'Elb.InitialHealthChecking' }
    ])
    await look()
    expect(plane.health()).toEqual([
      { machineId: 'a', state: 'unhealthy', reason: 'Target.FailedHealthChecks' }
    ])
  })

  test.each([
    ['200', 200, true],
    ['200', 204, false],
    ['200-299', 204, true],
    ['200,302', 302, true],
    ['200, 300-302', 301, true],
    ['200-299', 300, false]
  ])('%s takes %d: %s', (matcher, status, taken) => {
    expect(matches(matcher, status)).toBe(taken)
  })
})

describe('requests', () => {
  test('go to the healthy targets in turn', async () => {
    for (const id of ['a', 'b', 'c']) await register((await start(id)).machine)
    sick.add('c')
    await look()
    await look()
    const answers = [await text(), await text(), await text(), await text()]
    expect(answers.sort()).toEqual(['200 a', '200 a', '200 b', '200 b'])
  })

  test('go to every target if none is healthy; without targets the answer is 503', async () => {
    expect(await text()).toMatch(/^503 [^]*503 Service Temporarily Unavailable/)
    sick.add('a')
    await register((await start('a')).machine)
    await look()
    expect(plane.health()).toMatchObject([{ state: 'unhealthy' }])
    expect(await text()).toBe('200 a')
  })

  test('keep method, path, headers and body, and name the visitor', async () => {
    const a = await start('a', (incoming, response) => {
      const { 'x-own': own, 'x-forwarded-for': from, 'x-forwarded-proto': proto } = incoming.headers
      response.writeHead(201, { 'x-answer': [incoming.method, incoming.url, own, from, proto].join(' ') })
      incoming.pipe(response)
    })
    await register(a.machine)
    const body = '한글'.repeat(100_000)
    const answer = await fetch(`${url}/a?b=c`, { method: 'POST', body, headers: { 'x-own': 'mine' } })
    expect([answer.status, answer.headers.get('x-answer')]).toEqual([201, 'POST /a?b=c mine 127.0.0.1 http'])
    expect(await answer.text()).toBe(body)
  })

  test('never fail because a target is gone: GET and POST go to another one', async () => {
    await register((await start('a')).machine)
    await register(machineAt('gone', await closedPort()))
    // Before the first checks end, both get requests, because nobody knows that one is gone.
    sick.add('a')
    await look()
    await look()
    const answers = [
      await text(),
      await text(),
      await text({ method: 'POST', body: 'x' }),
      await text({ method: 'POST' })
    ]
    expect(answers).toEqual(['200 a', '200 a', '200 a', '200 a'])
  })

  test('to a target that hangs up are repeated if that is safe, otherwise answered with 502', async () => {
    await register((await start('rude', (incoming) => incoming.socket.destroy())).machine)
    expect(await text()).toMatch(/^502 /)
    await register((await start('a')).machine)
    expect([await text(), await text(), await text()]).toEqual(['200 a', '200 a', '200 a'])
    const posts = [await text({ method: 'POST', body: 'x' }), await text({ method: 'POST', body: 'x' })]
    expect(posts.map((post) => post.slice(0, 5)).sort()).toEqual(['200 a', '502 <'])
  })

  test('whose answer is cut are cut for the visitor too', async () => {
    const a = await start('a', (_request, response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('half')
      setImmediate(() => response.destroy())
    })
    await register(a.machine)
    const answer = await fetch(url)
    await expect(answer.text()).rejects.toThrow('terminated')
  })
})

describe('deregistration', () => {
  const slow = async () => {
    let finish: () => void = () => undefined
    const a = await start('a', (_request, response) => {
      finish = () => response.end('late')
      response.write('begun ')
    })
    await register(a.machine)
    const call = request(url).end()
    const [answer] = (await once(call, 'response')) as [IncomingMessage]
    let said = ''
    answer.on('data', (chunk: Buffer) => (said += chunk.toString()))
    answer.on('error', () => (said += '(cut)'))
    const closed = once(answer, 'close')
    return {
      finish: () => finish(),
      ended: () =>
        closed.then(
          () => said,
          () => said
        )
    }
  }

  test('stops new requests at once and lets open ones end', async () => {
    const { finish, ended } = await slow()
    await register((await start('b')).machine)
    let over = false
    const drained = plane.deregister('a', 300).then(() => (over = true))
    expect(plane.health()).toContainEqual({
      machineId: 'a',
      state: 'draining',
      reason: 'Target.DeregistrationInProgress'
    })
    expect([await text(), await text(), over]).toEqual(['200 b', '200 b', false])
    finish()
    await drained
    expect(await ended()).toBe('begun late')
    expect(plane.health()).toEqual([{ machineId: 'b', state: 'healthy' }])
  })

  test('cuts requests that are still open after the delay', async () => {
    const { ended } = await slow()
    const drained = plane.deregister('a', 300)
    clock.advance(300_000)
    await drained
    expect(await ended()).toBe('begun (cut)')
    expect(plane.health()).toEqual([])
  })

  test('closes idle connections, so that none is reused', async () => {
    const a = await start('a')
    await register(a.machine)
    await text()
    const connections = () =>
      new Promise<number>((resolve) => a.server.getConnections((_error, count) => resolve(count)))
    expect(await connections()).toBe(1)
    await plane.deregister('a', 300)
    expect(await text()).toMatch(/^503/)
    await until(async () => (await connections()) === 0)
  })

  test('resets the health of a target that comes back, and does nothing for an unknown one', async () => {
    const a = await start('a')
    await register(a.machine)
    await plane.deregister('a', 300)
    await plane.deregister('never-seen', 300)
    plane.register(a.machine)
    plane.register(a.machine)
    expect(plane.health()).toEqual([
      { machineId: 'a', state: 'initial', reason: 'Elb.RegistrationInProgress' }
    ])
  })
})
