import { request } from 'node:http'
import type { HealthCheck } from '../contract.js'

/** The result of one health check: undefined if healthy, otherwise the load balancer's reason code. */
export type Finding =
  'Target.ResponseCodeMismatch' | 'Target.Timeout' | 'Target.FailedHealthChecks' | undefined

/** Checks a target once, on a new connection. The timeout is in real seconds, because targets do real work. */
export const checkOnce = (
  { host, port }: { host: string; port: number },
  { path, timeoutSeconds, matcher }: HealthCheck
): Promise<Finding> =>
  new Promise((resolve) => {
    const headers = { 'user-agent': 'ELB-HealthChecker/2.0', connection: 'close' }
    const call = request({ host, port, path, headers, agent: false }, (answer) => {
      answer.resume()
      resolve(matches(matcher, answer.statusCode ?? 0) ? undefined : 'Target.ResponseCodeMismatch')
    })
    const timer = setTimeout(() => {
      resolve('Target.Timeout')
      call.destroy()
    }, timeoutSeconds * 1000)
    call.on('error', () => resolve('Target.FailedHealthChecks'))
    call.on('close', () => clearTimeout(timer))
    call.end()
  })

/** `200`, `200,202` or `200-299`. */
export const matches = (matcher: string, status: number): boolean =>
  matcher.split(',').some((part) => {
    const [low = '', high = low] = part.split('-').map((number) => number.trim())
    return status >= Number(low) && status <= Number(high)
  })
