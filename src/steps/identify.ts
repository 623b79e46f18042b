import { factsOf, faultOf, isDenied, wordsOf } from '../domain/fault.js'
import {
  type AssumeRole,
  type Claims,
  claimsOf,
  type Credentials,
  type Identity,
  type IdentityInputs,
  matchingTrustPolicy,
  otherSubjectForm
} from '../domain/identity.js'
import { networkAdvice } from '../domain/network-advice.js'
import { UserError } from '../errors.js'
import { renewing, type RenewOptions } from './credentials.js'

export interface IdentitySources extends RenewOptions {
  /** False when the job may not ask for OIDC tokens. */
  mayRequestToken: boolean
  /** A pull request from another repository: it never gets a token. */
  fromFork?: boolean
  requestToken(audience: string): Promise<string>
  assumeRole(request: AssumeRole): Promise<Credentials>
  /** The credentials that the job already has. */
  ambient(): Promise<Credentials>
  /** The account of the given credentials (GetCallerIdentity needs no permission). */
  account(credentials: Credentials): Promise<string>
}

/** The identity of the run. The account is known one call later, unless `allowed-account-ids` had to be checked first. */
export interface Identified {
  identity: Identity
  account: Promise<string>
  /** What the first token says; undefined if the run needs none. */
  claims: Claims | undefined
}

/**
 * OIDC token → AssumeRoleWithWebIdentity → Identity, or the ambient credentials; refuses an account that is not listed.
 * The first set is fetched here, so that a wrong trust policy fails at once and not in the middle of the work.
 */
export const identify = async (inputs: IdentityInputs, sources: IdentitySources): Promise<Identified> => {
  let claims: Claims | undefined
  const fetch =
    inputs.roleToAssume === undefined
      ? ambientFetch(sources)
      : roleFetch(inputs, inputs.roleToAssume, {
          ...sources,
          requestToken: async (audience) => {
            const token = await sources.requestToken(audience)
            claims ??= claimsOf(token)
            return token
          }
        })
  const identity = renewing(fetch, sources)
  const first = await identity.credentials()
  const ofRole = inputs.roleToAssume?.split(':')[4]
  const asked = ofRole === undefined ? accountOf(first, sources) : Promise.resolve(ofRole)
  if (inputs.allowedAccountIds.length === 0) return { identity, account: asked, claims }
  const account = await asked
  if (!inputs.allowedAccountIds.includes(account))
    throw new UserError(
      `The credentials belong to account ${account}, which \`allowed-account-ids\` (${inputs.allowedAccountIds.join(', ')}) does not list.`,
      'Check `role-to-assume`, or the step that set the credentials. Nothing was done in that account.'
    )
  return { identity, account: Promise.resolve(account), claims }
}

const accountOf = async (credentials: Credentials, sources: IdentitySources): Promise<string> => {
  try {
    return await sources.account(credentials)
  } catch (cause) {
    if (faultOf(cause) === 'canceled' || cause instanceof UserError) throw cause
    const advice = networkAdvice(cause)
    if (advice !== undefined)
      throw new UserError(
        `STS could not be asked which account these credentials belong to: ${wordsOf(cause)}.`,
        advice,
        {
          cause
        }
      )
    throw new UserError(
      `The credentials of the job do not work: ${wordsOf(cause)}.`,
      'Check the step that set them (they may have expired), or set `role-to-assume` so that the action fetches its own. The action must be able to call sts:GetCallerIdentity.',
      { cause }
    )
  }
}

const ambientFetch = (sources: IdentitySources) => async (): Promise<Credentials> => {
  try {
    return await sources.ambient()
  } catch (cause) {
    const advice = networkAdvice(cause)
    if (advice !== undefined)
      throw new UserError(`The credentials of the job could not be fetched: ${wordsOf(cause)}.`, advice, {
        cause
      })
    throw new UserError(
      'There are no AWS credentials: `role-to-assume` is empty, and the job has none of its own.',
      'Set `role-to-assume` to the role to deploy with, and give the job `permissions: id-token: write`.',
      { cause }
    )
  }
}

const roleFetch =
  (inputs: IdentityInputs, roleArn: string, sources: IdentitySources) => async (): Promise<Credentials> => {
    if (!sources.mayRequestToken) throw noIdToken(sources.fromFork === true)
    const token = await requestToken(inputs.audience, sources)
    sources.mask(token)
    try {
      return await sources.assumeRole({
        roleArn,
        sessionName: inputs.roleSessionName,
        durationSeconds: inputs.roleDurationSeconds,
        token
      })
    } catch (error) {
      throw explainRefusal(error, roleArn, token)
    }
  }

const requestToken = async (audience: string, sources: IdentitySources): Promise<string> => {
  try {
    return await sources.requestToken(audience)
  } catch (cause) {
    if (cause instanceof UserError) throw cause
    throw new UserError(
      `GitHub did not give the job an OIDC token: ${wordsOf(cause)}.`,
      networkAdvice(cause) ??
        'Run the job again. If it keeps failing, check githubstatus.com; the job needs `permissions: id-token: write`.',
      { cause }
    )
  }
}

const noIdToken = (fromFork: boolean): UserError =>
  new UserError(
    'The job may not request an OIDC token, so `role-to-assume` cannot be used.',
    fromFork
      ? 'This pull request comes from a fork, and GitHub gives forks no OIDC token. `command: preview` checks the bundle without AWS; deploy after the merge.'
      : 'Add `permissions: id-token: write` to the job (with `contents: read` beside it).'
  )

/** Explains a refusal by what the token says, and shows the trust policy that would accept it. */
export const explainRefusal = (error: unknown, roleArn: string, token: string): unknown => {
  if (faultOf(error) === 'canceled' || error instanceof UserError) return error
  const { name, message } = factsOf(error)
  const claims = claimsOf(token)
  const failed = `${roleArn} could not be assumed: ${wordsOf(error)}.`
  if (name === 'InvalidIdentityTokenException' || name === 'InvalidIdentityToken')
    return new UserError(
      `${failed} The token says iss=${claims.iss} aud=${claims.aud}.`,
      'Create the IAM OIDC provider for that issuer in the account of that role, and list the audience in it (or set `audience` to the one it lists).',
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
    : 'Run the job again. If it keeps failing, check `aws-region`, and that the runner can reach STS there (proxy, DNS, clock).'
}
