import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** A proxy on the loopback interface, for tunnels (CONNECT) and for plain requests with an absolute URI. */
export interface LocalProxy {
  /** `127.0.0.1:PORT`. */
  name: string
  url: string
  /** The requests it received: `CONNECT host:port` or `GET http://host:port`. */
  asked: string[]
  /** The Proxy-Authorization header of each request. */
  credentials: (string | undefined)[]
  /** The most tunnels open at once. */
  most: number
  close: () => Promise<void>
}

export interface ProxyManner {
  /** Answers everything with this status. */
  refuses?: number
  /** `USER:PASSWORD`; without it, the proxy answers 407. */
  wants?: string
  /** Accepts connections and never answers. */
  silent?: boolean
}

const basic = (credentials: string): string => `Basic ${Buffer.from(credentials).toString('base64')}`

export const startProxy = async (manner: ProxyManner = {}): Promise<LocalProxy> => {
  const open = new Set<Duplex>()
  const seen: Pick<LocalProxy, 'asked' | 'credentials' | 'most'> = { asked: [], credentials: [], most: 0 }
  const note = (request: IncomingMessage, asked: string): number | undefined => {
    seen.asked.push(asked)
    seen.credentials.push(request.headers['proxy-authorization'])
    if (manner.wants !== undefined && request.headers['proxy-authorization'] !== basic(manner.wants))
      return 407
    return manner.refuses
  }
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://not-absolute')
    const status = note(request, `${request.method ?? ''} ${url.origin}`)
    if (manner.silent === true) return
    if (status !== undefined) refuse(response, status)
    else passOn(request, response, url)
  })
  server.on('connect', (request: IncomingMessage, client: Duplex) => {
    const status = note(request, `CONNECT ${request.url ?? ''}`)
    client.on('error', () => undefined)
    if (manner.silent === true) return
    if (status !== undefined) client.end(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\n\r\n`)
    else tunnel(request.url ?? '', client)
  })
  const tunnel = (target: string, client: Duplex): void => {
    const [host = '', port = ''] = target.split(':')
    open.add(client)
    seen.most = Math.max(seen.most, open.size)
    const service: Socket = connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      service.pipe(client).pipe(service)
    })
    const end = (): void => {
      open.delete(client)
      client.destroy()
      service.destroy()
    }
    for (const side of [client, service]) side.on('error', end).on('close', end)
  }
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const name = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return Object.assign(seen, {
    name,
    url: `http://${name}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      })
  })
}

const refuse = (response: ServerResponse, status: number): void => {
  response.writeHead(status, { 'content-type': 'text/html' }).end('<html>No.</html>')
}

const passOn = (request: IncomingMessage, response: ServerResponse, url: URL): void => {
  const headers = { ...request.headers }
  for (const name of ['proxy-authorization', 'proxy-connection']) Reflect.deleteProperty(headers, name)
  const onward = forward(url, { method: request.method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
  })
  onward.on('error', () => response.destroy())
  request.pipe(onward)
}
