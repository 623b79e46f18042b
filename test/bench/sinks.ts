import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A sink in a process of its own. */
export interface RunningSink {
  endpoint: string
  close(): Promise<void>
}

const PROGRAM = fileURLToPath(new URL('sink-main.ts', import.meta.url))

/** Arguments: none for one as fast as it can, or latency in milliseconds and bytes a second of a connection. */
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
