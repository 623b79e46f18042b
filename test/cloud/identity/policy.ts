/** One statement of a policy, with the parts that the cloud evaluates. */
export interface Statement {
  Sid?: string
  Effect: 'Allow' | 'Deny'
  Action: string | string[]
  Resource: string | string[]
  /** Operator → condition key → one value, or several of which one must match. */
  Condition?: Record<string, Record<string, string | string[]>>
}

/** An identity-based policy document. */
export interface Policy {
  Version: '2012-10-17'
  Statement: Statement[]
}

const asList = (value: string | string[]): string[] => (Array.isArray(value) ? value : [value])

/** Whether `text` matches a pattern with IAM's wildcards: `*` for any characters, `?` for any single one. Case-sensitive. */
export const fits = (pattern: string, text: string): boolean => {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.')
  return new RegExp(`^${source}$`, 's').test(text)
}

// Action names are case-insensitive, resources case-sensitive (IAM JSON policy elements).
const covers = (statement: Statement, action: string, resource: string | undefined): boolean =>
  asList(statement.Action).some((pattern) => fits(pattern.toLowerCase(), action.toLowerCase())) &&
  (resource === undefined || asList(statement.Resource).some((pattern) => fits(pattern, resource)))

type Compare = (pattern: string, value: string) => boolean

const operators: Record<string, Compare> = {
  StringEquals: (pattern, value) => pattern === value,
  StringEqualsIgnoreCase: (pattern, value) => pattern.toLowerCase() === value.toLowerCase(),
  StringLike: fits,
  ArnEquals: fits,
  ArnLike: fits,
  Bool: (pattern, value) => pattern.toLowerCase() === value.toLowerCase(),
  NumericEquals: (limit, value) => Number(value) === Number(limit),
  NumericLessThan: (limit, value) => Number(value) < Number(limit),
  NumericLessThanEquals: (limit, value) => Number(value) <= Number(limit),
  NumericGreaterThan: (limit, value) => Number(value) > Number(limit),
  NumericGreaterThanEquals: (limit, value) => Number(value) >= Number(limit)
}

/** Values of condition keys: one, or several of a key such as `aws:TagKeys`. */
export type Context = Readonly<Record<string, string | readonly string[]>>

interface Operator {
  compare: Compare
  /** `StringNotEquals` and its like. */
  isNegated: boolean
  /** `…IfExists`: met by a key that is absent. */
  ifExists: boolean
  /** The qualifiers for keys with several values: `ForAllValues:`, and `ForAnyValue:`. */
  every: boolean
  some: boolean
}

const parseOperator = (text: string): Operator => {
  const [, qualifier = '', name = '', ifExists = ''] =
    /^(ForAllValues:|ForAnyValue:)?(\w+?)(IfExists)?$/.exec(text) ?? []
  const positive = name.replace(/^(String|Arn|Numeric)Not/, '$1')
  const compare = operators[positive]
  if (compare === undefined) throw new Error(`The local cloud does not know the operator ${text}.`)
  const [every, some] = [qualifier === 'ForAllValues:', qualifier === 'ForAnyValue:']
  return { compare, isNegated: positive !== name, ifExists: ifExists !== '', every, some }
}

const meetsOne = (operator: string, patterns: string[], values: readonly string[]): boolean => {
  if (operator === 'Null') return patterns.includes(String(values.length === 0))
  const { compare, isNegated, ifExists, every, some } = parseOperator(operator)
  // An absent key has no value that a negated operator could find (IAM JSON policy elements: condition operators).
  if (values.length === 0) return ifExists || every || (isNegated && !some)
  const matches = (value: string): boolean =>
    patterns.some((pattern) => compare(pattern, value)) !== isNegated
  return every || (isNegated && !some) ? values.every(matches) : values.some(matches)
}

/** Keys of conditions are case-insensitive, also the names of tags in them (IAM JSON policy elements: Condition). */
const meets = ({ Condition = {} }: Statement, context: Context): boolean => {
  const known = new Map(Object.entries(context).map(([key, value]) => [key.toLowerCase(), [value].flat()]))
  return Object.entries(Condition).every(([operator, wanted]) =>
    Object.entries(wanted).every(([key, patterns]) =>
      meetsOne(operator, asList(patterns), known.get(key.toLowerCase()) ?? [])
    )
  )
}

export type Verdict = 'allowed' | 'explicit-deny' | 'implicit-deny'

/**
 * An explicit deny wins, then an allow; otherwise it is denied. With `resource` undefined, it asks about the action on any
 * resource. `context` has the values of the condition keys.
 */
export const evaluate = (
  policy: Policy,
  action: string,
  resource: string | undefined,
  context: Context = {}
): Verdict => {
  const matching = policy.Statement.filter(
    (statement) => covers(statement, action, resource) && meets(statement, context)
  )
  if (matching.some((statement) => statement.Effect === 'Deny')) return 'explicit-deny'
  return matching.length > 0 ? 'allowed' : 'implicit-deny'
}

export const administratorPolicy: Policy = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }]
}
