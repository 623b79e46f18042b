import { UserError } from '../errors.js'
import { factsOf, faultOf, isDenied, wordsOf } from '../domain/fault.js'
import { networkAdvice } from '../domain/network-advice.js'
import { claimsOf, matchingTrustPolicy, otherSubjectForm, type Claims } from '../domain/identity.js'

/** AccessDenied is an answer, not a fault: what the token says, and the policy that would let it in. */
export const explainRefusal = (error: unknown, roleArn: string, token: string): unknown => {
  if (faultOf(error) === 'canceled' || error instanceof UserError) return error
  const { name, message } = factsOf(error)
  const claims = claimsOf(token)
  const failed = `${roleArn} could not be assumed: ${wordsOf(error)}.`
  if (name === 'InvalidIdentityTokenException' || name === 'InvalidIdentityToken')
    return new UserError(
      `${failed} The token says iss=${claims.iss} aud=${claims.aud}.`,
      'Create the IAM OIDC provider for that issuer in the account of the role, and list the audience in it (or set `audience` to the one it lists).',
      { cause: error }
    )
  if (!isDenied(error) || name.startsWith('RegionDisabled') || name.startsWith('IDPRejected'))
    return new UserError(failed, adviceFor(error, message), { cause: error })
  return new UserError(
    [
      failed,
      `The token of this job says sub=${claims.sub} aud=${claims.aud} repository=${claims.repository} environment=${claims.environment || '(none)'} ref=${claims.ref}.`
    ].join('\n'),
    adviceOnTrust(claims, roleArn),
    { cause: error }
  )
}

const adviceOnTrust = (claims: Claims, roleArn: string): string => {
  const [, partition = 'aws', , , account = ''] = roleArn.split(':')
  const other = otherSubjectForm(claims.sub)
  return [
    'Check that the role exists, and that its trust policy (docs/iam/trust-policy.json) has a statement that matches this token (case matters):',
    matchingTrustPolicy(claims, account, partition),
    ...(other === claims.sub
      ? []
      : [
          `The same subject in its other form, which some repositories send: ${other}${other.includes('*') ? ' (under StringLike)' : ''}`
        ])
  ].join('\n')
}

const adviceFor = (error: unknown, message: string): string => {
  if (/DurationSeconds/i.test(message))
    return 'Lower `role-duration-seconds`, or raise the maximum session duration of the role. 3600 is enough for any deployment: credentials are renewed.'
  const advice = networkAdvice(error)
  if (advice !== undefined) return advice
  return faultOf(error) === 'final'
    ? 'Check `role-to-assume` and `aws-region`.'
    : 'Run the job again. If it stays so, check `aws-region`, and that the runner reaches STS there (proxy, DNS, clock).'
}
