import { request as forward } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Certificate } from './certificate.js'

/** A TLS server in front of a plain one, as AWS has. */
export interface Front {
  url: string
  /** `127.0.0.1:PORT`. */
  name: string
  /** Connections so far. */
  connections: number
  close: () => Promise<void>
}

/** Starts a TLS server with this certificate that forwards every request to `target`. */
export const startFront = async ({ pem, key }: Certificate, target: string): Promise<Front> => {
  const sockets = new Set<Socket>()
  const server = createServer({ cert: pem, key }, (request, response) => {
    const url = new URL(request.url ?? '', target)
    const onward = forward(url, { method: request.method, headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    onward.on('error', () => response.destroy())
    request.pipe(onward)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const name = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const front: Front = {
    ...{ name, url: `https://${name}`, connections: 0 },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      })
  }
  server.on('connection', (socket: Socket) => {
    front.connections++
    sockets.add(socket)
  })
  return front
}
