import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { Canceled, UserError } from '../../src/errors.js'
import type { RequestRecord } from '../cloud/wire/call.js'
import { run, type RunPlan, type Told } from './world.js'

/** How a run ends before its own end, at the first request that has a fault. */
export type Interruption = 'killed' | 'canceled'

/** A way to the cloud that can be cut, as that of a machine that dies. */
const openWay = async (url: string): Promise<{ url: string; cut(): void }> => {
  const { port, hostname } = new URL(url)
  const open = new Set<Socket>()
  let isCut = false
  const server = createServer((near) => {
    const far = connect(Number(port), hostname)
    for (const socket of [near, far]) {
      open.add(socket)
      socket.on('error', () => undefined)
      socket.once('close', () => {
        open.delete(socket)
        near.destroy()
        far.destroy()
      })
    }
    if (isCut) near.destroy()
    near.pipe(far).pipe(near)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const cut = (): void => {
    isCut = true
    server.close()
    for (const socket of open) socket.destroy()
  }
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, cut }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** A runner's time from SIGINT to SIGTERM, less what the action keeps for its last words (src/bootstrap.ts). */
const LAST_MOMENT_MS = 6_500

/** A run on its own way to the cloud; one that is killed never acts again, and its time stands still. */
export const runOnce = async (
  plan: RunPlan,
  interrupted: Interruption | undefined
): Promise<Told | undefined> => {
  const { cloud, clock } = plan
  if (interrupted === undefined) return run(plan)
  const way = await openWay(cloud.url)
  const from = cloud.requests.length
  const state = { isOver: false, isDead: false }
  const canceled = new AbortController()
  const lastMoment = new AbortController()
  const env = Object.fromEntries(
    Object.entries(cloud.env)
      .filter(([, value]) => value.startsWith(cloud.url))
      .map(([name, value]) => [name, value.replace(cloud.url, way.url)])
  )
  const running = run({
    ...plan,
    clock: { ...clock, advance: (ms) => (state.isDead ? new Promise(() => undefined) : clock.advance(ms)) },
    env: { ...env, ...plan.env },
    canceled: canceled.signal,
    lastMoment: lastMoment.signal
  }).finally(() => (state.isOver = true))
  const isMet = ({ fault }: RequestRecord): boolean => fault !== undefined
  const interruption = async (): Promise<undefined> => {
    let at = from
    while (!state.isOver) {
      const seen = cloud.requests.slice(at)
      at += seen.length
      if (seen.some(isMet)) break
      await turn()
    }
    if (state.isOver) return undefined
    if (interrupted === 'killed') {
      state.isDead = true
      way.cut()
      return undefined
    }
    canceled.abort(new Canceled('The job was canceled.', 'Run it again.'))
    void clock
      .sleep(LAST_MOMENT_MS)
      .then(() => lastMoment.abort(new UserError('The runner is terminating this job.', 'Run it again.')))
    return new Promise(() => undefined)
  }
  try {
    const told = await Promise.race([running, interruption()])
    return state.isDead ? undefined : (told ?? (await running))
  } finally {
    way.cut()
  }
}
