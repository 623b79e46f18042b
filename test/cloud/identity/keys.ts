import { randomBytes } from 'node:crypto'
import type { Caller } from '../contract.js'
import type { Need } from './authorize.js'
import type { Policy } from './policy.js'

/** A key pair, with its principal and that principal's permissions. */
export interface Key {
  accessKeyId: string
  secretAccessKey: string
  /** Only temporary keys have one. */
  sessionToken?: string
  /** Epoch milliseconds by the cloud's clock. */
  expiresAt?: number
  caller: Caller
  /** `AROA…:session` for a session, `AIDA…` for a user. */
  userId: string
  /** Read on each call, so that a changed policy takes effect at once. */
  policy: () => Policy
  /** Records what its calls need. */
  asked?: Need[]
}

/** The key pairs that the cloud knows. */
export interface Keys {
  find(accessKeyId: string): Key | undefined
  /** The key of a caller, by its ARN. */
  of(arn: string): Key | undefined
  add(key: Key): void
}

export const createKeys = (): Keys => {
  const keys = new Map<string, Key>()
  return {
    find: (accessKeyId) => keys.get(accessKeyId),
    of: (arn) => [...keys.values()].find((key) => key.caller.arn === arn),
    add: (key) => void keys.set(key.accessKeyId, key)
  }
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** A unique identifier in IAM's alphabet, with its prefix: `AKIA` long-lived key, `ASIA` temporary key, `AROA` role … */
export const uniqueId = (prefix: string): string =>
  prefix + [...randomBytes(16)].map((byte) => LETTERS[byte % LETTERS.length] ?? '').join('')

export const secret = (bytes: number): string => randomBytes(bytes).toString('base64')
