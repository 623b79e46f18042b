import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { HttpRequest } from '@smithy/core/protocols'
import { afterEach, describe, expect, test } from '@jest/globals'
import { factsOf, faultOf, wordsOf } from '../../src/domain/fault.js'
import { connection } from '../../src/edge/connection.js'
import { fetchOver } from '../../src/edge/fetch.js'
import { startProxy, type ProxyManner } from '../network/proxy.js'

const open: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

/** A slow transfer in these tests takes several times `silenceMs`. */
const LIMITS = { connectMs: 300, silenceMs: 400 }

const serve = async (
  answer: (request: IncomingMessage, response: ServerResponse) => void
): Promise<string> => {
  const server: Server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  open.push(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const proxied = async (manner: ProxyManner) => {
  const proxy = await startProxy(manner)
  open.push(() => proxy.close())
  return { proxy, env: { HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url } }
}

const errorOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error
  )

describe('a slow connection', () => {
  test('that still takes bytes of an upload is not cut, however long it takes', async () => {
    let taken = 0
    const url = await serve((request, response) => {
      void slowly(request, (bytes) => (taken += bytes)).then(() => response.end('done'))
    })
    const startedAt = performance.now()
    const size = 12 * 1024 * 1024
    const { protocol, hostname, port } = new URL(url)
    const { response } = await connection(LIMITS, {}).handle(
      new HttpRequest({
        ...{ protocol, hostname, port: Number(port), path: '/', method: 'PUT' },
        headers: { 'content-length': String(size) },
        body: Readable.from(piecesOf(size))
      })
    )
    expect(response.statusCode).toBe(200)
    expect(taken).toBe(size)
    expect(performance.now() - startedAt).toBeGreaterThan(3 * LIMITS.silenceMs)
  })

  test('that still delivers bytes of an answer is not cut, however long it takes', async () => {
    const url = await serve((_, response) => {
      void (async () => {
        for (let piece = 0; piece < 12; piece++) {
          response.write('.')
          await delay(LIMITS.silenceMs / 4)
        }
        response.end()
      })()
    })
    const answer = await fetchOver(connection(LIMITS, {}))(url)
    expect(await answer.text()).toBe('.'.repeat(12))
  })
})

/** Reads so slowly that the kernels' buffers on both sides are full most of the time. */
const slowly = async (request: IncomingMessage, took: (bytes: number) => void): Promise<void> => {
  for await (const piece of request) {
    took((piece as Buffer).length)
    await delay(12)
  }
}

function* piecesOf(size: number): Generator<Buffer> {
  const piece = Buffer.alloc(64 * 1024)
  for (let left = size; left > 0; left -= piece.length) yield piece.subarray(0, Math.min(left, piece.length))
}

describe('silence', () => {
  test.each<[string, (request: IncomingMessage, response: ServerResponse) => void]>([
    ['before the answer', () => undefined],
    [
      'in the middle of the answer',
      (_, response) => void response.writeHead(200, { 'content-length': 9 }).write('half')
    ]
  ])('%s is cut, as a fault to retry', async (_, answer) => {
    const url = await serve(answer)
    const error = await errorOf(fetchOver(connection(LIMITS, {}))(url))
    expect(faultOf(error)).toBe('unknown-fate')
  })

  test('is cut when a server stops reading an upload', async () => {
    const url = await serve((request) => void request.once('data', () => request.pause()))
    const { protocol, hostname, port } = new URL(url)
    const size = 40 * 1024 * 1024
    const error = await errorOf(
      connection(LIMITS, {}).handle(
        new HttpRequest({
          ...{ protocol, hostname, port: Number(port), path: '/', method: 'PUT' },
          headers: { 'content-length': String(size) },
          body: Readable.from(piecesOf(size))
        })
      )
    )
    expect(wordsOf(error)).toContain('no data sent or received for 0.4 s')
    expect(faultOf(error)).toBe('unknown-fate')
  })

  test('on a reused connection is cut too', async () => {
    const sockets = new Set<Socket>()
    const url = await serve((request, response) => {
      sockets.add(request.socket)
      if (request.url === '/good') response.end('good')
    })
    const fetch = fetchOver(connection(LIMITS, {}))
    expect(await (await fetch(`${url}/good`)).text()).toBe('good')
    expect(faultOf(await errorOf(fetch(`${url}/silent`)))).toBe('unknown-fate')
    expect(sockets.size).toBe(1)
  })

  test('between two requests does not count', async () => {
    const sockets = new Set<Socket>()
    const url = await serve((request, response) => {
      sockets.add(request.socket)
      response.end('good')
    })
    const fetch = fetchOver(connection(LIMITS, {}))
    for (let call = 0; call < 2; call++) {
      expect((await fetch(url)).status).toBe(200)
      await delay(2 * LIMITS.silenceMs)
    }
    expect(sockets.size).toBe(1)
  })
})

describe('a proxy', () => {
  test.each([
    ['refuses temporarily', { refuses: 502 }, 'HTTP 502 Bad Gateway', 'unknown-fate'],
    ['is busy', { refuses: 503 }, 'HTTP 503 Service Unavailable', 'unknown-fate'],
    ['forbids the host', { refuses: 403 }, 'HTTP 403 Forbidden', 'final'],
    ['wants a password', { wants: 'a:b' }, 'HTTP 407 Proxy Authentication Required', 'final'],
    ['says nothing', { silent: true }, 'no answer within 300 ms', 'unknown-fate']
  ] as const)('that %s is named in the error of a tunnel', async (_, manner, words, fault) => {
    const { proxy, env } = await proxied(manner)
    const error = await errorOf(fetchOver(connection(LIMITS, env))('https://service.example.com/'))
    expect(wordsOf(error)).toContain(`The proxy ${proxy.name} (HTTPS_PROXY) `)
    expect(wordsOf(error)).toContain(`service.example.com:443: ${words}`)
    expect(faultOf(error)).toBe(fault)
  })

  test.each([
    [{ refuses: 502 }, 'HTTP 502', 'unknown-fate'],
    [{ refuses: 403 }, 'HTTP 403', 'final'],
    [{ wants: 'a:b' }, 'HTTP 407', 'final'],
    [{ silent: true }, 'no data sent or received', 'unknown-fate']
  ] as const)('with %j is named in the error of a plain request', async (manner, words, fault) => {
    const { proxy, env } = await proxied(manner)
    const error = await errorOf(fetchOver(connection(LIMITS, env))('http://service.example.com/'))
    expect(wordsOf(error)).toContain(words)
    expect([factsOf(error).proxy, faultOf(error)]).toEqual([proxy.name, fault])
  })

  test.each(['http', 'https'])('that does not exist is named (%s)', async (protocol) => {
    const env = { HTTP_PROXY: 'http://127.0.0.1:1', HTTPS_PROXY: 'http://127.0.0.1:1' }
    const error = await errorOf(fetchOver(connection(LIMITS, env))(`${protocol}://service.example.com/`))
    expect(wordsOf(error)).toContain('The proxy 127.0.0.1:1 (')
    expect([factsOf(error).code, faultOf(error)]).toEqual(['ECONNREFUSED', 'unknown-fate'])
  })

  test("passes on a service's own refusal of a plain request", async () => {
    const { env } = await proxied({})
    const url = await serve((_, response) => response.writeHead(403, { 'x-amzn-requestid': '1' }).end('no'))
    expect((await fetchOver(connection(LIMITS, env))(url)).status).toBe(403)
  })
})

describe('a redirect', () => {
  const leading = async (): Promise<{ from: string; to: string; seen: (string | undefined)[] }> => {
    const seen: (string | undefined)[] = []
    const to = await serve((request, response) => {
      seen.push(request.headers.authorization)
      response.end('there')
    })
    const from = await serve((request, response) => {
      seen.push(request.headers.authorization)
      response.writeHead(301, { location: request.url === '/loop' ? '/loop' : `${to}/` }).end()
    })
    return { from, to, seen }
  }

  test('to another host is followed without the token', async () => {
    const { from, seen } = await leading()
    const answer = await fetchOver(connection(LIMITS, {}))(from, { headers: { authorization: 'token' } })
    expect([await answer.text(), seen]).toEqual(['there', ['token', undefined]])
  })

  test('in a loop is returned as it is', async () => {
    const { from } = await leading()
    expect((await fetchOver(connection(LIMITS, {}))(`${from}/loop`)).status).toBe(301)
  })
})
