import { distance } from '../domain/distance.js'
import type { FleetWish, GroupWish } from '../domain/group-wish.js'
import { loadYaml } from '../appspec/load.js'
import type { RubyHash, RubyValue } from '../appspec/ruby-value.js'
import { type Mark, YamlError } from '../appspec/yaml/source.js'
import {
  alarmNames,
  durationOrForever,
  eventList,
  type Field,
  fleetName,
  name,
  nameList,
  roleArn,
  size,
  strategy,
  subnetList,
  tagMap,
  templateName,
  trafficOf,
  waitMinutes
} from './fields.js'

/** A mistake in a setup file; line and column count from 1. */
export interface Mistake {
  line: number
  column: number
  text: string
}

/** A key of a mapping: how its value is read, and whether it must be there. */
interface Key<T> {
  read: Field<T>
  required: boolean
}
type Keys = Readonly<Record<string, Key<unknown>>>
type ValuesOf<K extends Keys> = {
  [Name in keyof K]?: K[Name] extends Key<infer T> ? T : never
}

const required = <T>(read: Field<T>): Key<T> => ({ read, required: true })
const optional = <T>(read: Field<T>): Key<T> => ({ read, required: false })

/** The keys below `create`. */
export const FLEET_KEYS = {
  'launch-template': required(templateName),
  subnets: required(subnetList),
  min: required(size),
  max: required(size),
  desired: optional(size)
}

/** The keys below `auto-scaling-group`; `create` is read with the keys above. */
export const GROUP_KEYS = {
  name: required(fleetName),
  create: optional((value: RubyValue) => ({ value }))
}

/** The keys of the file; `auto-scaling-group` is read with the keys above. */
export const FILE_KEYS = {
  application: required(name('an application')),
  group: required(name('a deployment group')),
  'service-role': required(roleArn),
  'auto-scaling-group': required((value: RubyValue) => ({ value })),
  'target-groups': required(nameList('a target group')),
  strategy: required(strategy),
  traffic: required(trafficOf),
  'keep-old-fleet': optional(durationOrForever),
  'ready-wait': optional(waitMinutes),
  alarms: optional(alarmNames),
  'automatic-rollback': optional(eventList),
  tags: optional(tagMap)
}

/** Reads a setup file: the group that it describes, or every mistake in it, in the order of the file. */
export const readSetupFile = (bytes: Uint8Array): { wish: GroupWish } | { mistakes: Mistake[] } => {
  const mistakes: Mistake[] = []
  const wrong = (start: Mark, text: string): void => {
    mistakes.push({ line: start.line + 1, column: start.column + 1, text })
  }
  try {
    const { value, unread } = loadYaml(bytes)
    const top = value ?? { kind: 'nil', start: { index: 0, line: 0, column: 0 } }
    const wish = readWish(top, wrong)
    if (unread !== undefined) wrong(unread, 'a second document begins here; a setup file has one')
    if (wish !== undefined && mistakes.length === 0) return { wish }
  } catch (error) {
    if (!(error instanceof YamlError)) throw error
    wrong(error.mark, `this is not YAML: ${error.message}`)
  }
  return { mistakes: mistakes.sort((one, other) => one.line - other.line || one.column - other.column) }
}

type Wrong = (start: Mark, text: string) => void

const readWish = (top: RubyValue, wrong: Wrong): GroupWish | undefined => {
  const file = readKeys(top, { keys: FILE_KEYS, of: 'a setup file' }, wrong)
  const place = file?.['auto-scaling-group']?.value
  const fleet = place && readKeys(place, { keys: GROUP_KEYS, of: '`auto-scaling-group`' }, wrong)
  const create = fleet?.create && readFleet(fleet.create.value, wrong)
  if (file === undefined) return undefined
  const { application, group, strategy: kind, traffic } = file
  if (kind === 'in-place') refuseWaits(top, wrong)
  if (kind === 'blue-green' && file['target-groups']?.length === 0)
    wrong(
      startOf(top, 'target-groups'),
      '`target-groups` is empty; blue/green needs one whose traffic it can move'
    )
  if (application === undefined || group === undefined || kind === undefined || traffic === undefined)
    return undefined
  return {
    application,
    group,
    serviceRole: file['service-role'] ?? '',
    fleet: { name: fleet?.name ?? '', create },
    targetGroups: file['target-groups'] ?? [],
    strategy: kind,
    traffic,
    keepOldFleet: file['keep-old-fleet'],
    readyWait: file['ready-wait'],
    alarms: file.alarms,
    automaticRollback: file['automatic-rollback'],
    tags: file.tags ?? {}
  }
}

const readFleet = (value: RubyValue, wrong: Wrong): FleetWish | undefined => {
  const fleet = readKeys(value, { keys: FLEET_KEYS, of: '`create`' }, wrong)
  if (fleet === undefined) return undefined
  const { subnets, min = 0, max = 0, desired = min } = fleet
  if (min > max) wrong(startOf(value, 'min'), `\`min\` (${min}) is greater than \`max\` (${max})`)
  else if (desired < min || desired > max)
    wrong(
      startOf(value, 'desired'),
      `\`desired\` (${desired}) is not between \`min\` (${min}) and \`max\` (${max})`
    )
  else if (desired === 0)
    wrong(
      startOf(value, 'desired'),
      'no instance would be started, and a deployment needs at least one to copy'
    )
  return { launchTemplate: fleet['launch-template'] ?? '', subnets: subnets ?? [], min, max, desired }
}

/** In place there is no second fleet, so nothing waits for it. */
const refuseWaits = (top: RubyValue, wrong: Wrong): void => {
  for (const key of ['keep-old-fleet', 'ready-wait'])
    if (pairOf(top, key) !== undefined)
      wrong(
        startOf(top, key),
        `\`${key}\` has no meaning with \`strategy: in-place\`, which has no second fleet`
      )
}

const pairOf = (value: RubyValue, key: string): RubyHash['pairs'][number] | undefined =>
  value.kind === 'hash'
    ? value.pairs.find((pair) => pair.key.kind === 'string' && pair.key.value === key)
    : undefined

/** Where a key is; where its mapping begins if it is missing. */
const startOf = (value: RubyValue, key: string): Mark => pairOf(value, key)?.key.start ?? value.start

const readKeys = <K extends Keys>(
  value: RubyValue,
  { keys, of }: { keys: K; of: string },
  wrong: Wrong
): ValuesOf<K> | undefined => {
  if (value.kind !== 'hash') {
    wrong(value.start, `${of} must be a mapping with the keys ${listed(Object.keys(keys))}`)
    return undefined
  }
  for (const key of value.repeated) wrong(key.start, `\`${keyText(key)}\` is there twice`)
  const read: Record<string, unknown> = {}
  for (const { key, value: given } of value.pairs) {
    const known = Object.entries(keys).find(([one]) => key.kind === 'string' && one === key.value)
    if (known === undefined) wrong(key.start, `unknown key \`${keyText(key)}\`${nearest(keyText(key), keys)}`)
    else
      read[known[0]] = known[1].read(given, (text) => {
        wrong(given.start, `\`${known[0]}\` ${text}`)
      })
  }
  for (const [key, { required: needed }] of Object.entries(keys))
    if (needed && pairOf(value, key) === undefined) wrong(value.start, `\`${key}\` is missing in ${of}`)
  return read as ValuesOf<K>
}

const keyText = (key: RubyValue): string =>
  key.kind === 'string' || key.kind === 'boolean' || key.kind === 'integer' ? String(key.value) : key.kind

const nearest = (text: string, keys: Keys): string => {
  const [near] = Object.keys(keys)
    .map((key) => ({ key, off: distance(text.slice(0, 60), key) }))
    .filter(({ key, off }) => off <= Math.max(2, key.length / 3))
    .sort((one, other) => one.off - other.off)
  return near === undefined
    ? `; the keys are ${listed(Object.keys(keys))}`
    : `; did you mean \`${near.key}\`?`
}

const listed = (keys: readonly string[]): string => keys.map((key) => `\`${key}\``).join(', ')
