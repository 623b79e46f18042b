import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import type { Cloud } from '../cloud/start.js'

/** One answer from a service to the action. */
export interface Answer {
  operation: string
  status: number
  body: string
}

/** A proxy that changes answers between the cloud and the action. */
export interface Proxy {
  /** The environment with which a job uses it. */
  env: Record<string, string>
  /** Changes every answer from now on; if undefined, the cloud's answers pass unchanged. */
  edit: ((answer: Answer) => Answer) | undefined
  close(): Promise<void>
}

const operationOf = (asked: IncomingMessage, body: string): string => {
  const target = asked.headers['x-amz-target']
  if (typeof target === 'string') return target.split('.')[1] ?? target
  const action = /(?:^|&)Action=(\w+)/.exec(body)?.[1]
  const { pathname, searchParams } = new URL(asked.url ?? '/', 'http://x')
  if (action !== undefined) return action
  if (pathname.startsWith('/_github')) return pathname.includes('oidc') ? 'GetIDToken' : 'GitHub'
  return `S3 ${asked.method ?? ''}${searchParams.has('list-type') ? ' list' : ''}`
}

const forward = (asked: IncomingMessage, body: Buffer, origin: string): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const { method, headers, url } = asked
    const sent = request(new URL(url ?? '/', origin), { method, headers, agent: false }, resolve)
    sent.once('error', reject)
    sent.end(body)
  })

/** Starts a proxy in front of a cloud. */
export const openProxy = async (cloud: Cloud): Promise<Proxy> => {
  const serve = async (asked: IncomingMessage, answer: ServerResponse): Promise<void> => {
    const body = await buffer(asked)
    const given = await forward(asked, body, cloud.url)
    const bytes = await buffer(given)
    const own = {
      operation: operationOf(asked, body.toString('latin1')),
      status: given.statusCode ?? 500,
      body: bytes.toString()
    }
    const edited = proxy.edit?.(own) ?? own
    const { 'content-length': length, ...headers } = given.headers
    delete headers['transfer-encoding']
    delete headers.connection
    const isHead = asked.method === 'HEAD'
    answer.writeHead(edited.status, {
      ...headers,
      'content-length': isHead ? (length ?? '0') : Buffer.byteLength(edited.body)
    })
    answer.end(isHead ? undefined : edited.body)
  }
  const server = createServer((asked, answer) => {
    serve(asked, answer).catch(() => answer.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const proxy: Proxy = {
    env: Object.fromEntries(
      Object.entries(cloud.env)
        .filter(([, value]) => value.startsWith(cloud.url))
        .map(([name, value]) => [name, value.replace(cloud.url, url)])
    ),
    edit: undefined,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
  }
  return proxy
}
