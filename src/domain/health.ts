/** How a target group checks its instances (docs/service.md, reference 2.7). */
export interface HealthCheck {
  /** `HTTP`, `HTTPS`, `TCP`, … */
  protocol: string
  /** A number, or `traffic-port`. */
  port: string
  /** Empty for a check that only connects. */
  path: string
  /** Codes that count as healthy, as the service writes them: `200`, `200,202` or `200-299`; empty for a check that only connects. */
  codes: string
  intervalSeconds: number
  /** Checks in a row that make an unhealthy instance healthy. */
  healthyCount: number
}

/** What the load balancer says of one registered instance. */
export interface Health {
  /** The instance id. */
  id: string
  /** `initial`, `healthy`, `unhealthy`, `unhealthy.draining`, `unused`, `draining` or `unavailable`. */
  state: string
  /** `Target.ResponseCodeMismatch`, …; absent for a healthy one. */
  reason?: string | undefined
  /** The service's own words; often absent. */
  description?: string | undefined
  check?: HealthCheck | undefined
}

/** Instances that a deployment waits for, which the load balancer says the same of. */
export interface Sick {
  ids: string[]
  health: Health
  /** When the first of them began to wait. */
  since: Date | undefined
}

/** Nothing is wrong with a healthy instance, nor with one whose first checks are still to come. */
const FINE: ReadonlySet<string> = new Set(['healthy', 'initial', 'unavailable'])

/** Whether the load balancer sends the instance no requests, for a reason that may need somebody. */
export const isSick = ({ state }: Health): boolean => !FINE.has(state)
