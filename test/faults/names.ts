import dns from 'node:dns'
import { rotated } from '../sample.js'
import { isEndless, type Times } from './expectation.js'
import { judged, type Crossing, type Row } from './cells.js'
import { openPlace, type Place } from './place.js'

/** A service under a host name of its own, the variable that names it, and the first call that needs its address. */
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
  // Under a name the client puts the bucket before it, which the local cloud does not serve: it is only ever unknown.
  { operation: 'HeadObject', variable: 'AWS_ENDPOINT_URL_S3', host: 's3' }
]

const ZONE = '.local.test'
const COUNTS: Partial<Record<Times, number>> = { once: 1, thrice: 3, 'for ever': Infinity }

/** Resolves the names of the zone to this machine, and so many times not at all; gives how often it failed. */
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

/** Plays a run each in which one service's name is not known: once, three times, for ever; or one of them. Gives how many the whole has. */
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
  // Another name each time, so that no connection of the run before is still open.
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
