import { parseFiles } from './files.js'
import { parseHooks } from './hooks.js'
import { parsePermissions } from './permissions.js'
import { type Problems, quoting } from './problems.js'
import { inspect, isNil, lookUp, type RubyHash, type RubyValue, toText } from './ruby-value.js'
import type { AppSpec } from './spec.js'

const FAILED = 'The deployment failed because'
const KEYS = ['version', 'os', 'files', 'permissions', 'hooks', 'file_exists_behavior']
const BEHAVIORS = ['DISALLOW', 'OVERWRITE', 'RETAIN']

/** Reads the top level of an AppSpec as the agent's parser does (docs/service.md, reference 6.3 and 6.4, M1 to M4). */
export const parseDocument = (value: RubyValue | undefined, problems: Problems): AppSpec | undefined => {
  if (value === undefined || value.kind === 'nil' || (value.kind === 'boolean' && !value.value)) {
    const agent = `${FAILED} the application specification file was empty. Make sure your AppSpec file defines at minimum the 'version' and 'os' properties.`
    problems.error(
      quoting('The AppSpec file is empty; it needs at least “version: 0.0” and “os: linux”.', agent),
      value
    )
    return undefined
  }
  if (value.kind !== 'hash') {
    problems.error(
      `The AppSpec file must be a mapping with version, os, files and hooks, but it is ${shorten(inspect(value))}. The agent fails on it before any event runs.`,
      value
    )
    return undefined
  }
  checkKeys(value, problems)
  checkVersion(value, problems)
  checkOs(value, problems)
  checkBehavior(value, problems)
  return {
    scripts: parseHooks(lookUp(value, 'hooks'), problems),
    files: parseFiles(lookUp(value, 'files'), problems),
    permissions: parsePermissions(lookUp(value, 'permissions'), problems)
  }
}

const shorten = (text: string): string => (text.length > 80 ? `${text.slice(0, 79)}…` : text)

const checkKeys = (spec: RubyHash, problems: Problems): void => {
  for (const key of spec.repeated)
    problems.warning(
      `“${toText(key)}” is repeated here: the Ruby agent uses the last one and ignores the first; the 2.x agent rejects the file. Merge them.`,
      key
    )
  for (const { key, value } of spec.pairs) {
    const name = toText(key)
    if (key.kind === 'string' && KEYS.includes(name)) checkEmpty(name, value, problems)
    else
      problems.warning(
        /[\u00a0\u2000-\u200b\u202f\u3000\ufeff]/.test(name)
          ? `The key ${JSON.stringify(name)} contains whitespace that is not a plain space (such as a non-breaking space), so the agent ignores the key and everything under it. Retype the line with plain spaces.`
          : `The agent ignores the top-level key “${shorten(name)}”; it knows only ${KEYS.join(', ')}.`,
        key
      )
  }
}

const checkEmpty = (name: string, value: RubyValue, problems: Problems): void => {
  if (value.kind === 'nil' && ['files', 'permissions', 'hooks'].includes(name))
    problems.warning(
      `“${name}” is empty. To the Ruby agent, that means nothing to do; the 2.x agent rejects it. Remove the key.`,
      value
    )
}

const checkVersion = (spec: RubyHash, problems: Problems): void => {
  const version = lookUp(spec, 'version')
  if (version?.kind === 'integer' && version.value === 0n) return
  if (version?.kind === 'float' && version.value === 0) return
  const text = toText(version)
  const what =
    version === undefined
      ? 'The version is missing.'
      : `The version must be the number 0.0, but it is ${shorten(inspect(version))}.`
  const agent = `${FAILED} an invalid version value (${text}) was entered in the application specification file. Make sure your AppSpec file specifies "0.0" as the version, and then try again.`
  problems.error(quoting(`${what} Write “version: 0.0”, without quotes.`, agent), version ?? spec)
}

const checkOs = (spec: RubyHash, problems: Problems): void => {
  const os = lookUp(spec, 'os')
  if (os?.kind === 'string' && os.value === 'linux') return
  const agent = `${FAILED} the application specification file specifies an unsupported operating system (${toText(os)}). Specify either "linux" or "windows" in the os section of the AppSpec file, and then try again.`
  const what =
    os === undefined
      ? 'The operating system is missing.'
      : `The operating system must be linux, in lower case, but it is ${shorten(inspect(os))}.`
  const windows =
    toText(os) === 'windows'
      ? ' An agent on Windows would accept it, but bundles are checked for Linux servers here.'
      : ''
  problems.error(quoting(`${what}${windows} Write “os: linux”.`, agent), os ?? spec)
}

const checkBehavior = (spec: RubyHash, problems: Problems): void => {
  const behavior = lookUp(spec, 'file_exists_behavior')
  if (isNil(behavior)) return
  if (behavior.kind === 'string' && BEHAVIORS.includes(behavior.value)) return
  const agent = `${FAILED} an invalid file_exists_behavior value (${toText(behavior)}) was entered in the application specification file. Make sure your AppSpec file specifies one of ${BEHAVIORS.join(',')} as the file_exists_behavior, and then try again.`
  problems.error(
    quoting(
      `file_exists_behavior must be one of ${BEHAVIORS.join(', ')} in capitals, but it is ${shorten(inspect(behavior))}.`,
      agent
    ),
    behavior
  )
}
