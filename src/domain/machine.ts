/** What EC2 says of an instance. */
export interface Machine {
  id: string
  /** `pending`, `running`, `shutting-down`, `terminated`, `stopping` or `stopped` (API: InstanceState). */
  state: string
  /** Why it is in that state, in the service's words; often absent. */
  stateReason?: string | undefined
  /** Name of its instance profile; without one, its agent has no credentials. */
  profile?: string | undefined
  /** Of its two status checks the worse one: `ok`, `initializing`, `impaired`, `insufficient-data` or `not-applicable`. */
  checks?: string | undefined
}

/** Instances whose agent should be at work and says nothing. */
export interface Silence {
  ids: string[]
  /** Epoch milliseconds by the clock of this machine: when the first of them was seen waiting. */
  since: number
  /** The event that has run for longer than its scripts may; absent if the agent has not answered at all. */
  event?: { name: string; limitSeconds: number } | undefined
  /** What EC2 says of them; undefined where it could not be asked. */
  machine?: Machine | undefined
}
