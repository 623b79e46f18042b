import { LONGEST_WAIT_MINUTES } from '../domain/deployment.js'
import { NAME, NAME_RULE, ROLE_ARN } from '../domain/names.js'
import {
  type GroupWish,
  type MinimumHealthy,
  ROLLBACK_EVENTS,
  type Strategy,
  TRAFFIC
} from '../domain/group-wish.js'
import type { RubyValue } from '../appspec/ruby-value.js'

/** Reads one value; says what is wrong with it, and returns undefined, if it cannot. */
export type Field<T> = (value: RubyValue, wrong: (text: string) => void) => T | undefined

const SUBNET = /^subnet-[0-9a-z]+$/

const shown = (value: RubyValue): string => {
  if (value.kind === 'array') return 'a list'
  if (value.kind === 'hash') return 'a mapping'
  if (value.kind === 'nil') return 'nothing'
  const text = String(value.value)
  return `\`${text.length > 80 ? `${text.slice(0, 80)}…` : text}\``
}

/** A number in YAML may be a name. */
const textOf = (value: RubyValue): string | undefined =>
  value.kind === 'string' ? value.value : value.kind === 'integer' ? String(value.value) : undefined

const matching =
  (pattern: RegExp, rule: string): Field<string> =>
  (value, wrong) => {
    const text = textOf(value)
    if (text !== undefined && pattern.test(text)) return text
    wrong(`is ${shown(value)}; expected ${rule}`)
    return undefined
  }

export const name = (of: string): Field<string> => matching(NAME, `the name of ${of}: ${NAME_RULE}`)

export const roleArn = matching(
  ROLE_ARN,
  'the ARN of a role, such as `arn:aws:iam::123456789012:role/festival-codedeploy`'
)

const listOf =
  (read: Field<string>, rule: string): Field<string[]> =>
  (value, wrong) => {
    if (value.kind !== 'array') {
      wrong(`is ${shown(value)}; expected a list of ${rule}`)
      return undefined
    }
    return value.items.flatMap((item) => read(item, wrong) ?? [])
  }

/** Auto Scaling allows almost everything (API: CreateAutoScalingGroup); a line break in a name is a slip. */
export const fleetName = matching(
  /^[^\n\r:]{1,255}$/,
  'the name of an Auto Scaling group, 1 to 255 characters'
)

/** API: CreateLaunchTemplate. */
export const templateName = matching(
  /^[A-Za-z0-9()./_-]{3,128}$/,
  'the name of a launch template: 3 to 128 characters from letters, digits and `()./_-`'
)

export const nameList = (of: string): Field<string[]> => listOf(name(of), `names, such as \`[festival-web]\``)

export const subnetList: Field<string[]> = (value, wrong) => {
  const subnets = listOf(matching(SUBNET, 'the id of a subnet, `subnet-…`'), 'subnets')(value, wrong)
  if (subnets?.length === 0 && value.kind === 'array' && value.items.length === 0)
    wrong('is empty; instances need at least one subnet')
  return subnets
}

/** Alarms may have any characters but must fit (CloudWatch: 1 to 255 characters). */
export const alarmNames = listOf(matching(/^.{1,255}$/s, 'the name of an alarm'), 'alarms')

const choice =
  <T extends string>(options: readonly T[]): Field<T> =>
  (value, wrong) => {
    const found = options.find((option) => option === textOf(value))
    if (found === undefined)
      wrong(`is ${shown(value)}; expected one of ${options.map((one) => `\`${one}\``).join(', ')}`)
    return found
  }

export const strategy: Field<Strategy> = choice(['blue-green', 'in-place'])

const wholeNumber = (value: RubyValue, { min, max }: { min: number; max: number }): number | undefined => {
  const number = value.kind === 'integer' ? Number(value.value) : undefined
  return number !== undefined && number >= min && number <= max ? number : undefined
}

/** Instances of an Auto Scaling group; more than this would be a slip of the finger. */
const MOST_INSTANCES = 10_000

export const size: Field<number> = (value, wrong) => {
  const number = wholeNumber(value, { min: 0, max: MOST_INSTANCES })
  if (number === undefined) wrong(`is ${shown(value)}; expected a whole number of instances`)
  return number
}

const MINUTES_IN = { m: 1, min: 1, h: 60, d: 24 * 60 } as const

const minutesOf = (value: RubyValue): number | undefined => {
  const zero = wholeNumber(value, { min: 0, max: 0 })
  if (zero !== undefined) return zero
  const [, number = '', unit = ''] = /^(\d{1,4}) ?(m|min|h|d)$/.exec(textOf(value) ?? '') ?? []
  if (unit === '') return undefined
  const minutes = Number(number) * MINUTES_IN[unit as keyof typeof MINUTES_IN]
  return minutes <= LONGEST_WAIT_MINUTES ? minutes : undefined
}

const DURATION = 'a time of at most 48 hours, such as `90m` or `2h`'

export const waitMinutes: Field<number> = (value, wrong) => {
  const minutes = minutesOf(value)
  if (minutes === undefined) wrong(`is ${shown(value)}; expected \`0\` or ${DURATION}`)
  return minutes
}

export const durationOrForever: Field<number | 'forever'> = (value, wrong) => {
  if (textOf(value) === 'forever') return 'forever'
  const minutes = minutesOf(value)
  if (minutes === undefined) wrong(`is ${shown(value)}; expected \`forever\`, \`0\` or ${DURATION}`)
  return minutes
}

const MINIMUM = 'minimum-healthy-hosts'

export const trafficOf: Field<GroupWish['traffic']> = (value, wrong) => {
  const known = TRAFFIC[textOf(value) ?? '']
  if (known !== undefined) return known
  const minimum = value.kind === 'hash' ? minimumOf(value.pairs) : undefined
  if (minimum === undefined)
    wrong(
      `is ${shown(value)}; expected one of ${Object.keys(TRAFFIC)
        .map((one) => `\`${one}\``)
        .join(', ')}, or \`{ ${MINIMUM}: 2 }\`, or \`{ ${MINIMUM}: 50% }\``
    )
  return minimum
}

const minimumOf = (pairs: readonly { key: RubyValue; value: RubyValue }[]): MinimumHealthy | undefined => {
  const [pair] = pairs
  if (pairs.length !== 1 || pair === undefined || textOf(pair.key) !== MINIMUM) return undefined
  const hosts = wholeNumber(pair.value, { min: 0, max: MOST_INSTANCES })
  if (hosts !== undefined) return { type: 'HOST_COUNT', value: hosts }
  const [, percent] = /^(\d{1,2})%$/.exec(textOf(pair.value) ?? '') ?? []
  return percent === undefined ? undefined : { type: 'FLEET_PERCENT', value: Number(percent) }
}

/** `none`, or a list of the words for CodeDeploy's events. */
export const eventList: Field<string[]> = (value, wrong) => {
  if (textOf(value) === 'none') return []
  const words = listOf(choice(Object.keys(ROLLBACK_EVENTS)), 'events, or `none`')(value, wrong)
  return words && [...new Set(words.flatMap((word) => ROLLBACK_EVENTS[word] ?? []))]
}

/** Tags of at most 128 and 256 characters (API: Tag). */
export const tagMap: Field<Record<string, string>> = (value, wrong) => {
  if (value.kind !== 'hash') {
    wrong(`is ${shown(value)}; expected tags, such as \`{ team: festival }\``)
    return undefined
  }
  const tags = value.pairs.map(({ key, value: given }) => [textOf(key), textOf(given)] as const)
  const bad = tags.some(
    ([key, text]) =>
      key === undefined || text === undefined || !/^(?!aws:).{1,128}$/.test(key) || text.length > 256
  )
  if (bad)
    wrong(
      'has a tag that AWS does not allow: a key of 1 to 128 characters that does not begin with `aws:`, and a value of at most 256'
    )
  return Object.fromEntries(tags.map(([key = '', text = '']) => [key, text]))
}
