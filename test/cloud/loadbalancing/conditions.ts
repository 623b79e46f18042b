import { BlockList, isIP } from 'node:net'
import { ServiceError, type Visit } from '../contract.js'
import { form, forms, required, text, texts, type Form } from '../autoscaling/query.js'
import type { Condition, Field } from './model.js'

const wrong = (message: string): ServiceError => new ServiceError('ValidationError', message)

/** The member with the values of each field (API: RuleCondition). */
const CONFIGS: Record<Field, string> = {
  'host-header': 'HostHeaderConfig',
  'path-pattern': 'PathPatternConfig',
  'http-header': 'HttpHeaderConfig',
  'query-string': 'QueryStringConfig',
  'http-request-method': 'HttpRequestMethodConfig',
  'source-ip': 'SourceIpConfig'
}

/** What a value may be (API: HostHeaderConditionConfig, PathPatternConditionConfig, HttpHeaderConditionConfig …). */
const VALUES: Record<Exclude<Field, 'source-ip'>, RegExp> = {
  'host-header': /^(?=.{1,128}$)[A-Za-z0-9.*?-]*\.[A-Za-z*?-]*$/,
  'path-pattern': /^[A-Za-z0-9_.$/~"'@:+&*?-]{1,128}$/,
  'http-header': /^[ -~]{1,128}$/,
  'query-string': /^[ -~]{1,128}$/,
  'http-request-method': /^[A-Z_-]{1,40}$/
}
const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,40}$/
/** A rule has each of the other conditions at most once (ELB user guide: listener rules). */
const REPEATABLE: readonly Field[] = ['http-header', 'query-string']
/** Quotas of an Application Load Balancer, which cannot be raised. */
const MOST = { values: 5, wildcards: 6 }

const isField = (name: string): name is Field => Object.hasOwn(CONFIGS, name)

const isRange = (value: string): boolean => {
  const [address = '', bits = ''] = value.split('/')
  const version = isIP(address)
  return version !== 0 && /^\d+$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128)
}

const checkValue = (field: Field, value: string): void => {
  const isGood = field === 'source-ip' ? isRange(value) : VALUES[field].test(value)
  if (!isGood) throw wrong(`The value '${value}' of a ${field} condition is not valid`)
}

const pairsOf = (config: Form): NonNullable<Condition['pairs']> =>
  forms(config, 'Values').map((pair) => {
    const key = text(pair, 'Key')
    return { ...(key === undefined ? {} : { key }), value: required(pair, 'Value') }
  })

const readOne = (given: Form): Condition => {
  const field = required(given, 'Field')
  if (!isField(field))
    throw wrong(`Condition field '${field}' must be one of '[${Object.keys(CONFIGS).join(', ')}]'`)
  const config = form(given, CONFIGS[field]) ?? {}
  if (texts(config, 'RegexValues').length > 0 || texts(given, 'RegexValues').length > 0)
    throw new ServiceError('NotSimulated', 'The local cloud has no regular expressions in conditions.', 501)
  if (field === 'query-string') {
    const pairs = pairsOf(config)
    for (const { key, value } of pairs) for (const one of [key ?? '*', value]) checkValue(field, one)
    if (pairs.length === 0) throw wrong('A condition value must be specified')
    return { field, values: [], pairs }
  }
  const values = texts(given, 'Values').length > 0 ? texts(given, 'Values') : texts(config, 'Values')
  if (values.length === 0) throw wrong('A condition value must be specified')
  for (const value of values) checkValue(field, value)
  if (field !== 'http-header') return { field, values }
  const header = required(config, 'HttpHeaderName')
  if (!HEADER_NAME.test(header)) throw wrong(`The HTTP header name '${header}' is not valid`)
  return { field, values, header }
}

const textsOf = ({ values, pairs = [] }: Condition): readonly string[] =>
  pairs.length === 0 ? values : pairs.map(({ key = '', value }) => key + value)

/** The conditions of a request, checked as ELB does (API: CreateRule; quotas of an Application Load Balancer). */
export const readConditions = (input: Form): Condition[] => {
  const conditions = forms(input, 'Conditions').map(readOne)
  if (conditions.length === 0) throw wrong('A rule must have at least one condition')
  const fields = conditions.map(({ field }) => field)
  const twice = fields.find((field, at) => fields.indexOf(field) !== at && !REPEATABLE.includes(field))
  if (twice !== undefined) throw wrong(`A rule can only have one '${twice}' condition`)
  const all = conditions.flatMap(textsOf)
  if (all.length > MOST.values) throw wrong(`A rule can only have '${MOST.values}' condition values`)
  if (all.join('').replace(/[^*?]/g, '').length > MOST.wildcards)
    throw wrong(`A rule can only have '${MOST.wildcards}' wildcards`)
  return conditions
}

/** RuleCondition of the API, which says the values of hosts and paths twice. */
export const conditionAnswer = ({ field, values, header, pairs }: Condition): object => ({
  Field: field,
  ...(field === 'host-header' || field === 'path-pattern' ? { Values: values } : {}),
  [CONFIGS[field]]: {
    HttpHeaderName: header,
    Values: pairs?.map(({ key, value }) => ({ Key: key, Value: value })) ?? values
  }
})

/** `*` is any number of characters, `?` exactly one. */
const fits = (pattern: string, value: string, flags: '' | 'i'): boolean =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replace(/\*/g, '.*')
      .replace(/\?/g, '.')}$`,
    `s${flags}`
  ).test(value)

const isFrom = (range: string, source: string): boolean => {
  const [address = '', bits = ''] = range.split('/')
  const family = isIP(address) === 4 ? 'ipv4' : 'ipv6'
  const list = new BlockList()
  list.addSubnet(address, Number(bits), family)
  return list.check(source, family)
}

/** Whether a request meets a condition: one of its values (ELB user guide: condition types). */
export const meets = ({ field, values, header = '', pairs = [] }: Condition, visit: Visit): boolean => {
  switch (field) {
    case 'host-header':
      return values.some((value) => fits(value, visit.host, 'i'))
    case 'path-pattern':
      return values.some((value) => fits(value, visit.path, ''))
    case 'http-request-method':
      return values.includes(visit.method)
    case 'source-ip':
      return values.some((value) => isFrom(value, visit.source))
    case 'http-header':
      return [visit.headers[header.toLowerCase()] ?? []]
        .flat()
        .some((one) => values.some((value) => fits(value, one, 'i')))
    case 'query-string':
      return visit.query.some(([key, value]) =>
        pairs.some((pair) => fits(pair.key ?? '*', key, 'i') && fits(pair.value, value, 'i'))
      )
  }
}
