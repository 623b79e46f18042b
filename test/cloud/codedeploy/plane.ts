import type { Caller } from '../contract.js'
import type { Engine } from './engine/engine.js'
import type { Input } from './input.js'

/** What CodeDeploy's operations work on. */
export interface Plane {
  engine: Engine
  region: string
  accountId: string
  /** Items a page; the service's own sizes are unknown (captures §8). */
  pageSize: number
  /** Throws AccessDeniedException unless the caller may do this; for what one call needs beside itself (reference §4.2). */
  authorize: (caller: Caller, action: string, resource: string) => void
}

/** One operation: checked input → answer. */
export type Operation = (plane: Plane, input: Input, caller: Caller) => unknown

export type Operations = Record<string, Operation>

/** The service's form of a time: seconds with a fraction (reference §7.1). */
export const seconds = (ms: number): number => ms / 1000
