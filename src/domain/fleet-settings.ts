/** A value as the Auto Scaling API takes it. */
export type Json = string | number | boolean | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [member: string]: Json
}

/** What an Auto Scaling group is set to, each part as the call takes that sets it, so that parts compare and can be sent as they are. */
export interface FleetSettings {
  name: string
  /** Members of UpdateAutoScalingGroup; absent where the service shows none. */
  members: JsonObject
  /** Names of suspended processes. */
  suspended: readonly string[]
  /** Names of the group's metrics that CloudWatch collects. */
  metrics: readonly string[]
  /** Without those of AWS and of CodeDeploy itself. */
  tags: readonly GroupTag[]
  /** PutScalingPolicy, and the names of the alarms that call the policy. */
  policies: readonly { request: JsonObject; alarms: readonly string[] }[]
  /** PutScheduledUpdateGroupAction. */
  schedules: readonly JsonObject[]
  /** PutLifecycleHook, without the hooks of CodeDeploy. */
  hooks: readonly JsonObject[]
  notifications: readonly { topic: string; events: readonly string[] }[]
  /** PutWarmPool; undefined without a warm pool. */
  warmPool?: JsonObject | undefined
}

export interface GroupTag {
  key: string
  value: string
  /** Whether instances get it too. */
  propagate: boolean
}

/** A command of the `aws` client: service and call, and each option with its values, none of them quoted yet. */
export interface AwsCommand {
  call: string
  options: readonly (readonly string[])[]
}

/** A setting that the copy has not, or has otherwise. */
export interface CopyLoss {
  /** The setting: `scaling policy cpu-50`. */
  what: string
  /** What blue has, and green. */
  blue: string
  green: string
  /** What puts it right on green. */
  commands: readonly AwsCommand[]
  /** What a command alone does not do. */
  note?: string | undefined
}

/** Where there is nothing. */
export const NONE = 'none'

/** The option that names the group. */
export const groupOption = ({ name }: FleetSettings): readonly string[] => ['auto-scaling-group-name', name]

/** `MaxInstanceLifetime` → `--max-instance-lifetime 86400`; a boolean is a flag with or without `no-`. */
export const option = (member: string, value: Json): readonly string[] => {
  const name = member.replace(/(?<=.)[A-Z]/g, '-$&').toLowerCase()
  if (typeof value === 'boolean') return [value ? name : `no-${name}`]
  return [name, ...(Array.isArray(value) ? value.map(text) : [text(value)])]
}

/** A structure has no flags, so the whole request is JSON. */
export const put = (call: string, request: JsonObject, { name }: FleetSettings): AwsCommand => ({
  call: `autoscaling ${call}`,
  options: [['cli-input-json', json({ AutoScalingGroupName: name, ...request })]]
})

/** What a terminal or a log would not show as it is: control characters, and those that change the direction. */
const INVISIBLE = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g

/** As a word of a command. */
export const json = (value: Json): string =>
  JSON.stringify(value).replace(INVISIBLE, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** For people. */
export const text = (value: Json | undefined): string => {
  if (value === undefined) return NONE
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  if (isList(value)) return value.length === 0 ? NONE : value.map(text).join(', ')
  return JSON.stringify(value)
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value)

/** The object without these members. */
export const without = (value: JsonObject, ...names: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name)))

/** Whatever the order of members. */
export const isSame = (one: unknown, other: unknown): boolean =>
  JSON.stringify(sorted(one)) === JSON.stringify(sorted(other))

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))
  return Object.fromEntries(members.map(([name, member]) => [name, sorted(member)]))
}
