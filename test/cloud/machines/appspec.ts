import { fault } from './appspec-fault.js'
import { readPermissions } from './appspec-permissions.js'
import type { Permission } from './appspec-permissions.js'
import { inWords, inspect, isRecord, loadYaml, RubyFloat } from './psych.js'

/** What an agent reads from an appspec.yml (docs/service.md, reference 6.3). */
export interface AppSpec {
  fileExistsBehavior: string | undefined
  hooks: Map<string, Script[]>
  files: { source: string; destination: string }[]
  permissions: Permission[]
}

/** One script of a hook. `timeout` is in seconds. */
export interface Script {
  location: string
  timeout: number
  runas: string | undefined
  sudo: boolean
}

const DEFAULT_TIMEOUT = 3600

/**
 * Reads an AppSpec in the agent's order: the first mistake is reported, with the agent's message (docs/service.md, reference
 * 6.4).
 */
export const parseAppSpec = (text: string): AppSpec => {
  const spec = loadYaml(text)
  if (spec === null || spec === false) throw fault.empty()
  if (Array.isArray(spec)) throw new Error('no implicit conversion of String into Integer')
  const keys = isRecord(spec) ? spec : {}
  readVersion(keys['version'])
  if (keys['os'] !== 'linux') throw fault.system(inWords(keys['os']))
  const hooks = readHooks(keys['hooks'])
  const files = readFiles(keys['files'])
  const permissions = readPermissions(keys['permissions'])
  return { fileExistsBehavior: readBehavior(keys['file_exists_behavior']), hooks, files, permissions }
}

const readVersion = (version: unknown): void => {
  const number = version instanceof RubyFloat ? version.value : version
  if (number !== 0) throw fault.version(inWords(version instanceof RubyFloat ? version.toString() : version))
}

const readBehavior = (behavior: unknown): string | undefined => {
  if (behavior === null || behavior === undefined) return undefined
  if (behavior === 'DISALLOW' || behavior === 'OVERWRITE' || behavior === 'RETAIN') return behavior
  throw fault.behavior(inWords(behavior))
}

/** Event names are not checked: an unknown one simply never runs (docs/service.md, reference 6.3). */
const readHooks = (hooks: unknown): Map<string, Script[]> => {
  if (hooks === null || hooks === undefined || hooks === false) return new Map()
  if (!isRecord(hooks)) throw noMethod('each_pair', hooks)
  return new Map(Object.entries(hooks).map(([event, scripts]) => [event, readScripts(scripts)]))
}

const readScripts = (scripts: unknown): Script[] => {
  if (scripts === null || scripts === undefined || scripts === false) return []
  if (isRecord(scripts) && Object.keys(scripts).length > 0) {
    throw noMethod('has_key?', Object.entries(scripts)[0])
  }
  if (!Array.isArray(scripts)) throw noMethod('each', scripts)
  return scripts.map(readScript)
}

const readScript = (script: unknown): Script => {
  if (!isRecord(script)) throw noMethod('has_key?', script)
  const { location, runas, sudo } = script
  const name = inWords(location).trim()
  if (name === '') throw fault.location()
  return {
    location: name,
    timeout: readTimeout(script['timeout']),
    runas: runas === null || runas === undefined ? undefined : inWords(runas).trim(),
    sudo: sudo !== null && sudo !== undefined && sudo !== false
  }
}

/** Ruby's `to_i`: leading digits count, the rest is dropped (docs/service.md, reference 6.3, timeout). */
const readTimeout = (timeout: unknown): number => {
  if (timeout === null || timeout === undefined || timeout === false) return DEFAULT_TIMEOUT
  const seconds =
    typeof timeout === 'string'
      ? parseInt(timeout, 10)
      : timeout instanceof RubyFloat
        ? timeout.value
        : Number(timeout)
  const whole = Math.trunc(seconds)
  if (Number.isNaN(whole) || whole <= 0) throw fault.timeout()
  return whole
}

const readFiles = (files: unknown): AppSpec['files'] => {
  if (files === null || files === undefined || files === false) return []
  if (isRecord(files)) throw new Error('no implicit conversion of String into Integer')
  if (!Array.isArray(files)) throw noMethod('each', files)
  return files.map((entry: unknown) => {
    const { source, destination } = isRecord(entry) ? entry : {}
    if (source === null || source === undefined) throw fault.source()
    if (destination === null || destination === undefined) throw fault.destination(inWords(source))
    return { source: inWords(source), destination: inWords(destination) }
  })
}

const noMethod = (method: string, on: unknown): Error => {
  const type = Array.isArray(on)
    ? 'Array'
    : isRecord(on)
      ? 'Hash'
      : typeof on === 'string'
        ? 'String'
        : 'Integer'
  return new Error(`undefined method '${method}' for ${inspect(on)}:${type}`)
}
