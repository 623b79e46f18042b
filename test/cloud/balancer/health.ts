import { request } from 'node:http'
import type { HealthCheck } from '../contract.js'

/** The result of one health check: undefined if healthy, otherwise the load balancer's reason code, and its words if they vary. */
export type Finding =
  | {
      reason: 'Target.ResponseCodeMismatch' | 'Target.Timeout' | 'Target.FailedHealthChecks'
      description?: string
    }
  | undefined

/** Checks a target once, on a new connection. The timeout is in real seconds, because targets do real work. */
export const checkOnce = (
  { host, port }: { host: string; port: number },
  { path, timeoutSeconds, matcher }: HealthCheck
): Promise<Finding> =>
  new Promise((resolve) => {
    const headers = { 'user-agent': 'ELB-HealthChecker/2.0', connection: 'close' }
    const call = request({ host, port, path, headers, agent: false }, (answer) => {
      answer.resume()
      const code = answer.statusCode ?? 0
      resolve(
        matches(matcher, code)
          ? undefined
          : {
              reason: 'Target.ResponseCodeMismatch',
              description: `Health checks failed with these codes: [${code}]`
            }
      )
    })
    const timer = setTimeout(() => {
      resolve({ reason: 'Target.Timeout' })
      call.destroy()
    }, timeoutSeconds * 1000)
    call.on('error', () => resolve({ reason: 'Target.FailedHealthChecks' }))
    call.on('close', () => clearTimeout(timer))
    call.end()
  })

/** `200`, `200,202` or `200-299`. */
export const matches = (matcher: string, status: number): boolean =>
  matcher.split(',').some((part) => {
    const [low = '', high = low] = part.split('-').map((number) => number.trim())
    return status >= Number(low) && status <= Number(high)
  })
