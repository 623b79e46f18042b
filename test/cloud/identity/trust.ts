import { fits } from './policy.js'

/** One statement of a role's trust policy for web identities. */
export interface TrustStatement {
  Effect: 'Allow'
  /** ARN of the identity provider. */
  Principal: { Federated: string }
  Action: 'sts:AssumeRoleWithWebIdentity'
  /** Operator → condition key → one value, or several of which one must match. */
  Condition?: Record<string, Record<string, string | string[]>>
}

export interface TrustPolicy {
  Version: '2012-10-17'
  Statement: TrustStatement[]
}

const operators: Record<string, (pattern: string, value: string) => boolean> = {
  StringEquals: (pattern, value) => pattern === value,
  StringEqualsIgnoreCase: (pattern, value) => pattern.toLowerCase() === value.toLowerCase(),
  StringLike: fits
}

const values = (claim: unknown): string[] => (Array.isArray(claim) ? claim : [claim]).map(String)

const holds = (
  operator: string,
  wanted: Record<string, string | string[]>,
  claims: Record<string, unknown>
): boolean => {
  const matches = operators[operator.replace(/^ForA(ny|ll)Value(s)?:/, '')]
  if (matches === undefined) return false
  return Object.entries(wanted).every(([key, patterns]) => {
    const claim = claims[key.slice(key.lastIndexOf(':') + 1).toLowerCase()]
    return (
      claim !== undefined &&
      values(claim).some((value) => [patterns].flat().some((pattern) => matches(pattern, value)))
    )
  })
}

/**
 * Whether a trust policy accepts a token: one of its statements is for the token's provider, and all its conditions hold.
 * Values are case-sensitive (docs/service.md, reference 7.3), names of keys are not.
 */
export const trusts = (policy: TrustPolicy, provider: string, claims: Record<string, unknown>): boolean =>
  policy.Statement.some(
    (statement) =>
      statement.Principal.Federated === provider &&
      Object.entries(statement.Condition ?? {}).every(([operator, wanted]) => holds(operator, wanted, claims))
  )
