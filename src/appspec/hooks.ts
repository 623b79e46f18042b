import { counted } from '../domain/counted.js'
import { explainUnknownEvent, isScriptable } from './events.js'
import { quoting } from './problems.js'
import type { Problems } from './problems.js'
import { inspect, isFalsy, isNil, leadingInteger, lookUp, strip, toText } from './ruby-value.js'
import type { RubyHash, RubyValue } from './ruby-value.js'
import type { HookScript } from './spec.js'

const NO_LOCATION =
  'The deployment failed because the application specification file specifies a script with no location value. Specify the location in the hooks section of the AppSpec file, and then try again.'
const BAD_TIMEOUT =
  'The deployment failed because an invalid timeout value was provided for a script in the application specification file. Make corrections in the hooks section of the AppSpec file, and then try again.'

/** CodeDeploy ends every event after this many seconds, whatever the AppSpec says (docs/service.md, reference 6.3). */
const MAX_SECONDS = 3600n

/** Reads `hooks`: event names with their lists of scripts (docs/service.md, reference 6.3, M5 and M6). */
export const parseHooks = (hooks: RubyValue | undefined, problems: Problems): HookScript[] => {
  if (isFalsy(hooks) || hooks === undefined) return []
  if (hooks.kind !== 'hash') {
    const agent = `undefined method \`each_pair' for ${inspect(hooks).slice(0, 60)}`
    problems.error(quoting('hooks must map event names to lists of scripts.', agent), hooks)
    return []
  }
  for (const key of hooks.repeated)
    problems.warning(
      `The event ${toText(key)} is repeated here; only this list runs, and the earlier one is ignored. Merge the two.`,
      key
    )
  return hooks.pairs.flatMap(({ key, value }) => parseEvent(key, value, problems))
}

const parseEvent = (key: RubyValue, list: RubyValue, problems: Problems): HookScript[] => {
  const event = key.kind === 'string' ? key.value : inspect(key)
  if (!isScriptable(event)) problems.warning(explainUnknownEvent(event), key)
  if (isFalsy(list)) return []
  if (list.kind === 'hash' && list.pairs.length === 0) return []
  if (list.kind !== 'array') {
    const agent = `undefined method \`${list.kind === 'hash' ? 'has_key?' : 'each'}' for ${inspect(list).slice(0, 60)}`
    problems.error(
      quoting(`${event} must be a list of scripts, each starting with “- location: …”.`, agent),
      list
    )
    return []
  }
  const scripts = list.items.flatMap((item) => parseScript(event, item, problems))
  warnOfSum(key, scripts, problems)
  return scripts
}

const parseScript = (event: string, item: RubyValue, problems: Problems): HookScript[] => {
  if (item.kind !== 'hash') {
    const agent = `undefined method \`has_key?' for ${inspect(item).slice(0, 60)}`
    problems.error(quoting(`Each script of ${event} must be written as “- location: path”.`, agent), item)
    return []
  }
  const location = lookUp(item, 'location')
  const path = strip(toText(location))
  if (isNil(location) || path === '') {
    problems.error(quoting(`A script of ${event} has no location.`, NO_LOCATION), location ?? item)
    return []
  }
  const timeout = readTimeout(lookUp(item, 'timeout'), problems)
  const runas = lookUp(item, 'runas')
  warnOfDetails(item, problems)
  return [
    {
      event,
      location: path,
      place: location,
      sudo: !isFalsy(lookUp(item, 'sudo')),
      timeout,
      runas: isNil(runas) ? undefined : strip(toText(runas))
    }
  ]
}

const SCRIPT_KEYS = ['location', 'timeout', 'runas', 'sudo']

const warnOfDetails = (script: RubyHash, problems: Problems): void => {
  for (const { key } of script.pairs)
    if (!SCRIPT_KEYS.includes(toText(key)))
      problems.warning(
        `The agent ignores “${toText(key)}”; a script has only ${SCRIPT_KEYS.join(', ')}.`,
        key
      )
  const sudo = lookUp(script, 'sudo')
  if (!isNil(sudo) && sudo.kind !== 'boolean')
    problems.warning(
      `sudo is ${inspect(sudo)}, which the Ruby agent treats as true and the 2.x agent rejects. Write true, or leave it out.`,
      sudo
    )
  const runas = lookUp(script, 'runas')
  if (!isNil(runas) && strip(toText(runas)) === '')
    problems.warning('runas is empty, so the script runs as root. Name a user or leave it out.', runas)
}

const readTimeout = (timeout: RubyValue | undefined, problems: Problems): bigint | undefined => {
  if (timeout === undefined || isFalsy(timeout)) return undefined
  const seconds = wholeSeconds(timeout)
  if (seconds === undefined || seconds <= 0n) {
    const what = `The timeout must be a whole number of seconds above 0, but it is ${inspect(timeout)}.`
    problems.error(quoting(what, BAD_TIMEOUT), timeout)
    return undefined
  }
  if (timeout.kind !== 'integer')
    problems.warning(
      `The Ruby agent reads the timeout ${inspect(timeout)} as ${counted(Number(seconds), 'second')}; the 2.x agent rejects it. Write the seconds as a plain number.`,
      timeout
    )
  if (seconds > MAX_SECONDS)
    problems.warning(
      `The timeout is ${seconds} seconds, but CodeDeploy ends every event after ${MAX_SECONDS}.`,
      timeout
    )
  return seconds
}

// What Ruby's to_i returns; undefined for a value without to_i, on which the agent fails.
const wholeSeconds = (value: RubyValue): bigint | undefined => {
  if (value.kind === 'integer') return value.value
  if (value.kind === 'string') return leadingInteger(value.value)
  if (value.kind === 'float' && Number.isFinite(value.value)) return BigInt(Math.trunc(value.value))
  return undefined
}

const warnOfSum = (key: RubyValue, scripts: readonly HookScript[], problems: Problems): void => {
  const given = scripts.flatMap(({ timeout }) => (timeout === undefined ? [] : [timeout]))
  const sum = given.reduce((total, seconds) => total + seconds, 0n)
  if (sum > MAX_SECONDS && given.every((seconds) => seconds <= MAX_SECONDS))
    problems.warning(
      `The timeouts of this event add up to ${sum} seconds, but CodeDeploy ends an event after ${MAX_SECONDS}, so the last scripts may be cut short.`,
      key
    )
}
