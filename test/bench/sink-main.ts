import type { AddressInfo } from 'node:net'
import { sink, UNLIMITED } from './sink.js'

// A process: `sink-main.ts [latencyMs bytesPerSecond]`. It prints its port and ends when its parent closes stdin.
const [latencyMs, bytesPerSecond] = process.argv.slice(2).map(Number)
const server = sink(
  latencyMs === undefined || bytesPerSecond === undefined ? UNLIMITED : { latencyMs, bytesPerSecond }
)
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`)
})
process.stdin.resume().on('end', () => process.exit(0))
