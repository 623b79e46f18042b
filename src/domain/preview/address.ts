/** What an address of a preview is found to do. */
export type AddressState =
  /** Somebody answers; `unknownHost` when DNS does not know the host. */
  | { kind: 'answers'; status: number; unknownHost: boolean }
  /** The load balancer answers for the instances, because none of them is healthy. */
  | { kind: 'unhealthy'; status: number; minutes: number }
  /** The runner reaches nobody there. */
  | { kind: 'silent'; problem: string }
