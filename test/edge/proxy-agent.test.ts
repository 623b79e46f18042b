import type { Agent } from 'node:http'
import { get } from 'node:https'
import { afterEach, expect, test } from '@jest/globals'
import { proxyAgent } from '../../src/edge/proxy-agent.js'
import { proxyFor } from '../../src/edge/proxy.js'
import { startCloud } from '../cloud/start.js'
import { certificate } from '../network/certificate.js'
import { startFront } from '../network/front.js'
import { startProxy } from '../network/proxy.js'

const open: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

/** Sends a request as the SDK does, without `protocol`. */
const statusOf = (url: string, agent: Agent, ca: string): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const { hostname: host, port, pathname: path } = new URL(url)
    const request = get({ host, port, path, agent, ca }, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode))
    })
    request.on('error', reject)
  })

test('many requests at once share no more tunnels than the pool allows, and all of them use TLS', async () => {
  const cloud = await startCloud({ scripted: true })
  open.push(() => cloud.stop())
  const issuer = certificate({ name: 'Authority' })
  const front = await startFront(certificate({ name: 'aws', hosts: ['127.0.0.1'], issuer }), cloud.url)
  open.push(() => front.close())
  const proxy = await startProxy()
  open.push(() => proxy.close())
  const named = proxyFor(new URL(front.url), { HTTPS_PROXY: proxy.url })
  if (named === undefined) throw new Error('no proxy')
  const agent = proxyAgent(named, { keepAlive: true, maxSockets: 5 }, { secure: true, connectMs: 20_000 })
  open.push(() => Promise.resolve().then(() => agent.destroy()))
  const crowd = Array.from({ length: 40 }, () => statusOf(`${front.url}/_cloud/requests`, agent, issuer.pem))
  expect(new Set(await Promise.all(crowd))).toEqual(new Set([200]))
  expect([proxy.most, front.connections]).toEqual([5, proxy.asked.length])
})
