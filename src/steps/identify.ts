import { UserError } from '../errors.js'
import { isDenied, factsOf } from '../domain/fault.js'
import {
  claimsOf,
  matchingTrustPolicy,
  otherSubjectForm,
  type AssumeRole,
  type Credentials,
  type Identity
} from '../domain/identity.js'
import type { IdentityInputs } from '../inputs/types.js'

/** What identification needs of the outside. */
export interface IdentitySources {
  now(): number
  /** False when the job may not ask for OIDC tokens. */
  mayRequestToken: boolean
  requestToken(audience: string): Promise<string>
  assumeRole(request: AssumeRole): Promise<Credentials>
  /** The credentials that the job has by itself. */
  ambient(): Promise<Credentials>
  /** The account of the given credentials (GetCallerIdentity needs no permission). */
  account(credentials: Credentials): Promise<string>
  /** Hides a text from everything that is written from now on. */
  mask(secret: string): void
  tell(sentence: string): void
}

/** Renewed this long before they run out, or in the last third of a short life. */
const RENEW_BEFORE_MS = 5 * 60_000

/** After a renewal failed, the next is tried no sooner: the credentials still last. */
const RENEWAL_PAUSE_MS = 30_000

/**
 * OIDC token → AssumeRoleWithWebIdentity → Identity, or the ambient credentials; refuses an account that is not listed.
 * The first set is fetched here, so that a wrong trust policy is told at once and not in the middle of the work.
 */
export const identify = async (inputs: IdentityInputs, sources: IdentitySources): Promise<Identity> => {
  const fetch =
    inputs.roleToAssume === undefined
      ? ambientFetch(sources)
      : roleFetch(inputs, inputs.roleToAssume, sources)
  const identity = renewing(fetch, sources)
  const first = await identity.credentials()
  const account = inputs.roleToAssume?.split(':')[4] ?? (await sources.account(first))
  if (inputs.allowedAccountIds.length > 0 && !inputs.allowedAccountIds.includes(account))
    throw new UserError(
      `The credentials belong to account ${account}, which \`allowed-account-ids\` (${inputs.allowedAccountIds.join(', ')}) does not list.`,
      'Check `role-to-assume`, or the step that set the credentials. Nothing was done in that account.'
    )
  return { ...identity, account }
}

const ambientFetch = (sources: IdentitySources) => async (): Promise<Credentials> => {
  try {
    return await sources.ambient()
  } catch (cause) {
    throw new UserError(
      'There are no AWS credentials: `role-to-assume` is empty, and the job has none of its own.',
      'Set `role-to-assume` to the role to deploy with, and give the job `permissions: id-token: write`.',
      { cause }
    )
  }
}

const roleFetch =
  (inputs: IdentityInputs, roleArn: string, sources: IdentitySources) => async (): Promise<Credentials> => {
    if (!sources.mayRequestToken) throw noIdToken()
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
    throw new UserError(
      `GitHub did not give the job an OIDC token: ${factsOf(cause).message}`,
      'Run the job again. If it stays so, look at githubstatus.com; the job needs `permissions: id-token: write`.',
      { cause }
    )
  }
}

const noIdToken = (): UserError =>
  new UserError(
    'The job may not request an OIDC token, so `role-to-assume` cannot be used.',
    'Add `permissions: id-token: write` to the job (with `contents: read` beside it). A pull request from a fork never gets one.'
  )

/** AccessDenied is an answer, not a fault: what the token says, and the policy that would let it in. */
const explainRefusal = (error: unknown, roleArn: string, token: string): unknown => {
  const { name, message } = factsOf(error)
  const claims = claimsOf(token)
  if (name === 'InvalidIdentityTokenException' || name === 'InvalidIdentityToken')
    return new UserError(
      `${roleArn} could not be assumed: ${message} (${name}). The token says iss=${claims.iss} aud=${claims.aud}.`,
      'Create the IAM OIDC provider for that issuer in the account of the role, and list the audience in it (or set `audience` to the one it lists).',
      { cause: error }
    )
  if (!isDenied(error))
    return new UserError(`${roleArn} could not be assumed: ${message} (${name}).`, adviceFor(message), {
      cause: error
    })
  const [, partition = 'aws', , , account = ''] = roleArn.split(':')
  return new UserError(
    [
      `${roleArn} could not be assumed: ${message} (${name}).`,
      `The token of this job says sub=${claims.sub} aud=${claims.aud} repository=${claims.repository} environment=${claims.environment === '' ? '(none)' : claims.environment} ref=${claims.ref}.`
    ].join('\n'),
    [
      'Check that the role exists, and that its trust policy has a statement that matches this token (case matters):',
      matchingTrustPolicy(claims, account, partition),
      `The same subject in its other form, which some repositories send: ${otherSubjectForm(claims.sub)}`
    ].join('\n'),
    { cause: error }
  )
}

const adviceFor = (message: string): string =>
  /DurationSeconds/i.test(message)
    ? 'Lower `role-duration-seconds`, or raise the maximum session duration of the role. 3600 is enough for any deployment: credentials are renewed.'
    : 'Check `role-to-assume` and `aws-region`.'

/** Hands out one set until shortly before its end; a renewal that fails is forgiven while the old set lasts. */
const renewing = (fetch: () => Promise<Credentials>, sources: IdentitySources): Omit<Identity, 'account'> => {
  let current: Promise<Credentials> | undefined
  let renewAt = 0
  let told = false

  const renewed = async (): Promise<Credentials> => {
    const credentials = await fetch()
    sources.mask(credentials.secretAccessKey)
    if (credentials.sessionToken !== undefined) sources.mask(credentials.sessionToken)
    const lifeMs = (credentials.expiration?.getTime() ?? Number.POSITIVE_INFINITY) - sources.now()
    renewAt = sources.now() + lifeMs - Math.min(RENEW_BEFORE_MS, lifeMs / 3)
    return credentials
  }

  const forgiving = async (former: Promise<Credentials>): Promise<Credentials> => {
    try {
      const credentials = await renewed()
      told = false
      return credentials
    } catch (error) {
      const old = await former
      if ((old.expiration?.getTime() ?? 0) <= sources.now()) throw error
      renewAt = sources.now() + RENEWAL_PAUSE_MS
      if (!told) sources.tell(sayLateRefusal(error, old.expiration))
      told = true
      return old
    }
  }

  return {
    credentials: () => {
      if (current === undefined) current = renewed()
      else if (sources.now() >= renewAt) {
        renewAt = Number.POSITIVE_INFINITY
        current = forgiving(current)
      }
      current.catch(() => {
        current = undefined
      })
      return current
    },
    renew: () => {
      current = undefined
    }
  }
}

const sayLateRefusal = (error: unknown, expiration: Date | undefined): string =>
  `The credentials could not be renewed (${factsOf(error).message}). Watching goes on with the present ones until ${expiration?.toISOString() ?? 'their end'}.`
