import { BlockList, isIP } from 'node:net'
import { UserError } from '../errors.js'

/** The proxy that the runner's environment sets for a URL. */
export interface Proxy {
  /** Without credentials. */
  url: URL
  /** `host:port`, for errors. */
  name: string
  /** The environment variable that sets it. */
  variable: string
  /** Value of the Proxy-Authorization header. */
  authorization?: string | undefined
}

/**
 * The only place that decides whether a request goes through a proxy: `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` by curl's rules,
 * lower case first. Link-local addresses are never proxied, because this machine gets its credentials from them. Throws a
 * UserError for a value that is not a usable proxy.
 */
export const proxyFor = (target: URL, env: NodeJS.ProcessEnv): Proxy | undefined => {
  const host = hostOf(target)
  const [variable, value] = setting(env, target.protocol === 'https:' ? 'https_proxy' : 'http_proxy')
  if (value === '' || isLinkLocal(host) || isExcepted(host, portOf(target), env)) return undefined
  const url = proxyUrl(variable, value)
  const bare = new URL(url)
  bare.username = bare.password = ''
  return {
    url: bare,
    name: `${url.hostname}:${portOf(url)}`,
    variable,
    authorization: basic(url)
  }
}

/** The proxies' passwords in every form that could appear in a log, to be masked. */
export const proxySecrets = (env: NodeJS.ProcessEnv): string[] =>
  ['https_proxy', 'http_proxy']
    .flatMap((name) => [env[name] ?? '', env[name.toUpperCase()] ?? ''])
    .flatMap((value) => {
      const [, user = '', password = ''] = CREDENTIALS.exec(value) ?? []
      return password === ''
        ? []
        : [password, unescaped(password), encoded(`${unescaped(user)}:${unescaped(password)}`)]
    })

const CREDENTIALS = /^(?:[a-z][a-z\d+.-]*:\/\/)?([^:@/]*):(?!\/\/)(.*)@[^@]*$/i

const setting = (env: NodeJS.ProcessEnv, name: string): readonly [variable: string, value: string] => {
  const variable = (env[name] ?? '') === '' ? name.toUpperCase() : name
  return [variable, (env[variable] ?? '').trim()]
}

const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')

const portOf = ({ port, protocol }: URL): string => port || (protocol === 'https:' ? '443' : '80')

const family = (host: string): 'ipv4' | 'ipv6' => (isIP(host) === 6 ? 'ipv6' : 'ipv4')

/** Link-local addresses, among them those where EC2 and ECS serve credentials: 169.254.169.254 and fd00:ec2::254. */
const linkLocal = new BlockList()
linkLocal.addSubnet('169.254.0.0', 16, 'ipv4')
linkLocal.addSubnet('fe80::', 10, 'ipv6')
linkLocal.addSubnet('fd00:ec2::', 32, 'ipv6')

const isLinkLocal = (host: string): boolean => isIP(host) !== 0 && linkLocal.check(host, family(host))

const isExcepted = (host: string, port: string, env: NodeJS.ProcessEnv): boolean =>
  setting(env, 'no_proxy')[1]
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => entry === '*' || matches(host, port, entry))

/** A host with its subdomains, an address, or a range of addresses; with a port, only that port. */
const matches = (host: string, port: string, entry: string): boolean => {
  const [, name = '', only = port] = /^(\[[^\]]+\]|[^:]*|.*:.*:.*?)(?::(\d+))?$/.exec(entry) ?? []
  const bare = name.replace(/^\*?\./, '').replace(/^\[|\]$/g, '')
  if (bare === '' || only !== port) return false
  if (isIP(host) === 0) return host === bare || host.endsWith(`.${bare}`)
  const [address = '', bits = isIP(host) === 6 ? '128' : '32'] = bare.split('/')
  if (isIP(address) !== isIP(host) || !/^\d{1,3}$/.test(bits) || Number(bits) > (isIP(host) === 6 ? 128 : 32))
    return false
  const range = new BlockList()
  range.addSubnet(address, Number(bits), family(address))
  return range.check(host, family(host))
}

const proxyUrl = (variable: string, value: string): URL => {
  const text = /^[a-z][a-z\d+.-]*:\/\//i.test(value) ? value : `http://${value}`
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.hostname !== '') return url
  throw new UserError(
    `${variable} is \`${text.replace(/\/\/.*@/, '//')}\`, which is not a usable proxy: it must be an http:// or https:// URL with a host.`,
    `Set ${variable} in the runner's environment to a URL like http://proxy.example.com:3128, or list what needs no proxy in NO_PROXY.`
  )
}

const unescaped = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    // A percent sign that is not part of an escape stands for itself.
    return text
  }
}

const encoded = (text: string): string => Buffer.from(text).toString('base64')

const basic = ({ username, password }: URL): string | undefined =>
  username === '' && password === ''
    ? undefined
    : `Basic ${encoded(`${unescaped(username)}:${unescaped(password)}`)}`
