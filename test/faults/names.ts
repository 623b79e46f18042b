import dns from 'node:dns'
import { rotated } from '../sample.js'
import { isEndless, type Times } from './expectation.js'
import { judged, type Crossing, type Row } from './cells.js'
import { openPlace, type Place } from './place.js'

/** A service with its own host name, the variable that sets it, and the first call that resolves it. */
interface Host {
  operation: string
  variable: string
  host: string
  path?: string
}

const HOSTS: readonly Host[] = [
  {
    operation: 'GetIDToken',
    variable: 'ACTIONS_ID_TOKEN_REQUEST_URL',
    host: 'tokens',
    path: '/_github/oidc/token?api-version=2.0'
  },
  { operation: 'GetCommit', variable: 'GITHUB_API_URL', host: 'github', path: '/_github/api' },
  { operation: 'AssumeRoleWithWebIdentity', variable: 'AWS_ENDPOINT_URL_STS', host: 'sts' },
  {
    operation: 'DescribeTargetGroups',
    variable: 'AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2',
    host: 'elasticloadbalancing'
  },
  { operation: 'GetDeploymentGroup', variable: 'AWS_ENDPOINT_URL_CODEDEPLOY', host: 'codedeploy' },
  // With a host name, the client puts the bucket in front, which the local cloud does not serve: so it always fails to resolve.
  { operation: 'HeadObject', variable: 'AWS_ENDPOINT_URL_S3', host: 's3' }
]

const ZONE = '.local.test'
const COUNTS: Partial<Record<Times, number>> = { once: 1, thrice: 3, 'for ever': Infinity }

/** Resolves the zone's names to this machine after this many failures, and counts the failures. */
const resolving = (failures: number): { failed(): number; end(): void } => {
  const original = dns.lookup
  let left = failures
  let failed = 0
  const answer = (host: string, options: dns.LookupOptions, done: (...result: unknown[]) => void): void => {
    if (left > 0) {
      left -= 1
      failed += 1
      const error = Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), {
        code: 'ENOTFOUND',
        hostname: host
      })
      setImmediate(done, error)
    } else if (options.all === true) setImmediate(done, null, [{ address: '127.0.0.1', family: 4 }])
    else setImmediate(done, null, '127.0.0.1', 4)
  }
  const lookup = (host: string, options: dns.LookupOptions, done: (...result: unknown[]) => void): void =>
    host.endsWith(ZONE) ? answer(host, options, done) : (original as typeof lookup)(host, options, done)
  Object.assign(dns, { lookup })
  return { failed: () => failed, end: () => void Object.assign(dns, { lookup: original }) }
}

/** Runs in which one service's name does not resolve once, three times, or ever: all of them, or one for each service. Returns how many there are. */
export const crossNames = async ({ isWhole, tell }: Omit<Crossing, 'known'>): Promise<number> => {
  const place = await openPlace({})
  try {
    let cells = 0
    for (const [at, host] of HOSTS.entries()) {
      const all = (['once', 'thrice', 'for ever'] as const).filter(
        (times) => host.operation !== 'HeadObject' || isEndless(times)
      )
      cells += all.length
      for (const times of rotated(all, at).slice(0, isWhole ? all.length : 1))
        tell(await playName(host, times, place))
    }
    return cells
  } finally {
    await place.close()
  }
}

const playName = async (
  { operation, variable, host, path = '' }: Host,
  times: Times,
  place: Place
): Promise<Row> => {
  // A new name each time, so that no connection from the run before is still open.
  const { port } = new URL(place.cloud.url)
  const names = resolving(COUNTS[times] ?? 0)
  const made = place.made()
  try {
    const told = await place.deploy({
      env: { [variable]: `http://${host}-${times.replace(' ', '-')}${ZONE}:${port}${path}` }
    })
    const cell = { operation, kind: 'unknown-name' as const, times, scene: 'names', usualMs: 0 }
    return await judged(cell, { told, place, made, failed: names.failed() })
  } finally {
    names.end()
  }
}
