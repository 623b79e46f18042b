/** One statement of a policy, with the parts that the cloud evaluates. */
export interface Statement {
  Sid?: string
  Effect: 'Allow' | 'Deny'
  Action: string | string[]
  Resource: string | string[]
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

export type Verdict = 'allowed' | 'explicit-deny' | 'implicit-deny'

/**
 * An explicit deny wins, then an allow; otherwise it is denied. With `resource` undefined, it asks about the action on any
 * resource.
 */
export const evaluate = (policy: Policy, action: string, resource: string | undefined): Verdict => {
  const matching = policy.Statement.filter((statement) => covers(statement, action, resource))
  if (matching.some((statement) => statement.Effect === 'Deny')) return 'explicit-deny'
  return matching.length > 0 ? 'allowed' : 'implicit-deny'
}

export const administratorPolicy: Policy = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }]
}
