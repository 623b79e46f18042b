import type { Caller } from '../contract.js'
import type { Engine } from './engine/engine.js'
import type { Input } from './input.js'

/** What CodeDeploy's operations work on. */
export interface Plane {
  engine: Engine
  region: string
  accountId: string
  /** Items per page; the service's own sizes are unknown (docs/service.md, captures 8). */
  pageSize: number
  /**
   * Throws AccessDeniedException unless the caller may do this; for the further permissions of a call (docs/service.md,
   * reference 4.2).
   */
  authorize: (caller: Caller, action: string, resource: string) => void
}

/** One operation: checked input → answer. */
export type Operation = (plane: Plane, input: Input, caller: Caller) => unknown

export type Operations = Record<string, Operation>

/** A time as the service sends it: seconds with a fraction (docs/service.md, reference 7.1). */
export const seconds = (ms: number): number => ms / 1000
