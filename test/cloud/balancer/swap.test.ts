import { Agent, request } from 'node:http'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from '@jest/globals'
import type { Machine } from '../contract.js'
import { deploy, openYard, order, realClock, tar, treeOf } from '../machines/fixture.js'
import type { Yard } from '../machines/fixture.js'
import { viewRefusal } from '../machines/view-host.js'
import { openGroup } from './fixture.js'
import { createLoadBalancing } from './load-balancing.js'

const refusal = await viewRefusal()
const views = [
  {
    view: 'on' as const,
    where: refusal === undefined ? 'with own views' : `with own views (not here: ${refusal})`
  },
  { view: 'off' as const, where: 'without own views' }
]
const app = fileURLToPath(new URL('../../../examples/app', import.meta.url))
const health = {
  path: '/health',
  intervalSeconds: 0.1,
  timeoutSeconds: 2,
  healthyThreshold: 2,
  unhealthyThreshold: 2,
  matcher: '200'
}

const start = async (yard: Yard, instanceId: string, version: string): Promise<Machine> => {
  const machine = yard.fleet.launch({ instanceId, tags: {} })
  await machine.booted
  const revision = yard.put(version, tar(treeOf(app, { VERSION: `${version}\n` })))
  expect(await deploy(machine, order('', { revision, deploymentId: `d-${version}` }))).toMatchObject({
    errorCode: 'Success'
  })
  return machine
}

interface Load {
  versions: Map<string, number>
  failures: string[]
  stop(): Promise<void>
}

/** Visitors that send request after request on keep-alive connections. */
const visit = (url: string, visitors: number): Load => {
  const agent = new Agent({ keepAlive: true })
  const load = { versions: new Map<string, number>(), failures: [] as string[], on: true }
  const ask = () =>
    new Promise<void>((resolve) => {
      const call = request(url, { agent }, (answer) => {
        let body = ''
        answer.on('data', (chunk: Buffer) => (body += chunk.toString()))
        answer.on('end', () => {
          if (answer.statusCode === 200) {
            const { version } = JSON.parse(body) as { version: string }
            load.versions.set(version, (load.versions.get(version) ?? 0) + 1)
          } else load.failures.push(`${answer.statusCode ?? 0} ${body}`)
          resolve()
        })
      })
      call.on('error', (error) => {
        load.failures.push(error.message)
        resolve()
      })
      call.end()
    })
  const loop = async () => {
    while (load.on) await ask()
  }
  const all = Promise.all(Array.from({ length: visitors }, loop))
  return {
    ...load,
    stop: async () => {
      load.on = false
      await all
      agent.destroy()
    }
  }
}

const until = async (holds: () => boolean): Promise<boolean> => {
  for (let tries = 0; tries < 200 && !holds(); tries += 1) await realClock.sleep(50)
  return holds()
}

describe.each(views)('the example service on real machines $where', ({ view }) => {
  const story = view === 'on' && refusal !== undefined ? test.skip : test

  story('moves from v1 to v2 and back under load without a failed request', async () => {
    const yard = openYard(view)
    const { plane, url, close } = await openGroup(createLoadBalancing({ clock: realClock }), health)
    const isHealthy = (id: string) =>
      plane.health().some((one) => one.machineId === id && one.state === 'healthy')
    const [blue, green] = await Promise.all([start(yard, 'i-blue', 'v1'), start(yard, 'i-green', 'v2')])
    plane.register(blue)
    expect(await until(() => isHealthy('i-blue'))).toBe(true)

    const load = visit(url, 4)
    const moveTo = async (to: Machine, from: Machine, version: string) => {
      plane.register(to)
      expect(await until(() => isHealthy(to.id))).toBe(true)
      await plane.deregister(from.id, 30)
      const before = load.versions.get(version) ?? 0
      expect(await until(() => (load.versions.get(version) ?? 0) > before + 50)).toBe(true)
    }
    await moveTo(green, blue, 'v2')
    await moveTo(blue, green, 'v1')
    await moveTo(green, blue, 'v2')
    await blue.terminate()
    const v1 = load.versions.get('v1') ?? 0
    await realClock.sleep(200)
    await load.stop()

    expect(load.failures).toEqual([])
    expect(load.versions.get('v1')).toBe(v1)
    await close()
    await yard.close()
  })

  story('is stopped in place by its own hooks, and the next version starts on the same port', async () => {
    const yard = openYard(view)
    const machine = await start(yard, 'i-same', 'v1')
    const page = async () => (await fetch(`http://127.0.0.1:${machine.address.port}/`)).json()
    expect(await page()).toEqual({ version: 'v1', instance: 'i-same' })
    const revision = yard.put('v2', tar(treeOf(app, { VERSION: 'v2\n' })))
    expect(await deploy(machine, order('', { revision, deploymentId: 'd-v2' }))).toMatchObject({
      errorCode: 'Success'
    })
    expect(await page()).toEqual({ version: 'v2', instance: 'i-same' })
    const broken = yard.put(
      'v3',
      tar(treeOf(app, { VERSION: 'v3\n', 'server.mjs': 'console.error("no database")\n' }))
    )
    expect(await deploy(machine, order('', { revision: broken, deploymentId: 'd-v3' }))).toMatchObject({
      event: 'ValidateService',
      errorCode: 'ScriptFailed',
      scriptName: 'scripts/validate.sh',
      logTail: expect.stringContaining('[stderr]no database')
    })
    await yard.close()
  })
})
