import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A sink in its own process. */
export interface RunningSink {
  endpoint: string
  close(): Promise<void>
}

const PROGRAM = fileURLToPath(new URL('sink-main.ts', import.meta.url))

/** Without arguments it is as fast as it can be; otherwise they are the latency in milliseconds and each connection's bytes per second. */
export const startSink = async (...args: readonly number[]): Promise<RunningSink> => {
  const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM, ...args.map(String)], {
    stdio: ['pipe', 'pipe', 'inherit']
  })
  const [port] = (await once(child.stdout, 'data')) as [Buffer]
  return {
    endpoint: `http://127.0.0.1:${port.toString().trim()}`,
    close: async () => {
      const closed = once(child, 'close')
      child.stdin.end()
      await closed
    }
  }
}
