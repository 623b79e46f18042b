import type { aborting } from './client-config.js'

/** Makes a call, and repeats it for a few seconds. */
export type Call = <T>(name: string, send: (options: ReturnType<typeof aborting>) => Promise<T>) => Promise<T>
