import { distance } from '../domain/distance.js'

/** The events in which the agent runs scripts, from its own table of hooks; the service handles the rest. */
export const SCRIPTABLE_EVENTS = [
  'BeforeBlockTraffic',
  'AfterBlockTraffic',
  'ApplicationStop',
  'BeforeInstall',
  'AfterInstall',
  'ApplicationStart',
  'BeforeAllowTraffic',
  'AfterAllowTraffic',
  'ValidateService'
] as const

/** Events that exist but never run a script of the bundle on a server. */
const SERVICE_EVENTS = [
  'Start',
  'End',
  'DownloadBundle',
  'Install',
  'BlockTraffic',
  'AllowTraffic',
  'AfterAllowTestTraffic'
]

export const isScriptable = (name: string): boolean => (SCRIPTABLE_EVENTS as readonly string[]).includes(name)

/** Why nothing ever runs under this hook name, and what to write instead. */
export const explainUnknownEvent = (name: string): string => {
  const ignored = 'the agent silently ignores it, so its scripts never run'
  if (SERVICE_EVENTS.includes(name))
    return `The event ${name} takes no scripts on a server; ${ignored}. Move them to one of ${SCRIPTABLE_EVENTS.join(', ')}.`
  const near = nearest(name)
  const advice = near === undefined ? `Use one of ${SCRIPTABLE_EVENTS.join(', ')}.` : `Did you mean ${near}?`
  return `There is no lifecycle event “${name}”; ${ignored}. ${advice}`
}

const letters = (text: string): string => text.toLowerCase().replace(/[^a-z]/g, '')

/** Longer text is not a mistyped name. */
const LONGEST_NAME = 64

const nearest = (name: string): string | undefined => {
  const wanted = letters(name).slice(0, LONGEST_NAME)
  const ranked = SCRIPTABLE_EVENTS.map((event) => ({ event, steps: distance(wanted, letters(event)) }))
  ranked.sort((left, right) => left.steps - right.steps)
  const best = ranked[0]
  return best !== undefined && best.steps <= 3 ? best.event : undefined
}
