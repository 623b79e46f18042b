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

const operators: Record<string, (pattern: string, value: string) => boolean> = {
  StringEquals: (pattern, value) => pattern === value,
  StringLike: fits
}

/** Keys of conditions are case-insensitive, also the names of tags in them (IAM JSON policy elements: Condition). */
const meets = ({ Condition = {} }: Statement, context: Readonly<Record<string, string>>): boolean => {
  const values = new Map(Object.entries(context).map(([key, value]) => [key.toLowerCase(), value]))
  return Object.entries(Condition).every(([operator, wanted]) => {
    const matches = operators[operator]
    if (matches === undefined) throw new Error(`The local cloud does not know the operator ${operator}.`)
    return Object.entries(wanted).every(([key, patterns]) => {
      const value = values.get(key.toLowerCase())
      return value !== undefined && asList(patterns).some((pattern) => matches(pattern, value))
    })
  })
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
  context: Readonly<Record<string, string>> = {}
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
