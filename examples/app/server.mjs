// A small web service: `/` returns its version and instance, `/health` shows whether it accepts requests.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { hostname } from 'node:os'

const version = readFileSync(new URL('VERSION', import.meta.url), 'utf8').trim()
const instance = process.env.INSTANCE_ID || hostname()
const port = Number(process.env.PORT || 8080)
const host = process.env.HOST || '0.0.0.0'

const pages = {
  '/': () => ({ version, instance }),
  '/health': () => ({ status: 'ok', version })
}

const server = createServer((request, response) => {
  const page = pages[new URL(request.url, 'http://app').pathname]
  response.writeHead(page ? 200 : 404, { 'content-type': 'application/json' })
  response.end(`${JSON.stringify(page ? page() : { error: 'not found' })}\n`)
})

server.listen(port, host, () => console.log(`${version} on ${host}:${port}`))

// open requests finish first; by then the load balancer has stopped sending new ones
process.on('SIGTERM', () => {
  server.close(() => process.exit(0))
  server.closeIdleConnections()
})
