import { once } from 'node:events'
import { createServer } from 'node:http'
import type { RequestListener, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { CloudClock, HealthCheck, LoadBalancing, Machine, TargetGroupPlane } from '../contract.js'

export const check: HealthCheck = {
  path: '/health',
  intervalSeconds: 10,
  timeoutSeconds: 2,
  healthyThreshold: 2,
  unhealthyThreshold: 2,
  matcher: '200-299'
}

/** A clock that moves when a test says so. */
export interface SteppedClock extends CloudClock {
  /** Advances time and wakes the sleeps that are due. */
  advance(ms: number): void
  /** Resolves when this many sleeps are waiting. */
  asleep(count: number): Promise<void>
}

export const steppedClock = (): SteppedClock => {
  let time = 0
  const sleepers = new Set<{ due: number; wake: () => void }>()
  let watchers: { count: number; tell: () => void }[] = []
  const tellWatchers = () => {
    for (const { count, tell } of watchers) if (sleepers.size === count) tell()
    watchers = watchers.filter(({ count }) => sleepers.size !== count)
  }
  return {
    now: () => time,
    passed: () => time,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        const sleeper = { due: time + ms, wake: resolve }
        sleepers.add(sleeper)
        signal?.addEventListener('abort', () => {
          sleepers.delete(sleeper)
          reject(new Error('aborted'))
        })
        tellWatchers()
      }),
    advance: (ms) => {
      time += ms
      for (const sleeper of sleepers) {
        if (sleeper.due > time) continue
        sleepers.delete(sleeper)
        sleeper.wake()
      }
    },
    asleep: (count) =>
      new Promise((resolve) => {
        watchers.push({ count, tell: resolve })
        tellWatchers()
      })
  }
}

/** A machine that is only an address. */
export const machineAt = (id: string, port: number): Machine => ({
  id,
  booted: Promise.resolve(),
  address: { host: '127.0.0.1', port },
  agentAlive: true,
  run: () => Promise.reject(new Error('no agent here')),
  terminate: () => Promise.resolve()
})

export interface Application {
  server: Server
  machine: Machine
  close(): Promise<void>
}

/** An application on a machine with this name. */
export const startApplication = async (id: string, listener: RequestListener): Promise<Application> => {
  const server = createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    server,
    machine: machineAt(id, (server.address() as AddressInfo).port),
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
  }
}

/** A target group behind a listener of its own. */
export const openGroup = async (
  loadBalancing: LoadBalancing,
  healthCheck: HealthCheck
): Promise<{ plane: TargetGroupPlane; url: string; close: () => Promise<void> }> => {
  const group = loadBalancing.group(healthCheck)
  const listener = await loadBalancing.listen('web', () => ({ type: 'forward', group }))
  return {
    plane: group,
    url: listener.url,
    close: async () => {
      await group.close()
      await listener.close()
    }
  }
}
