import { UserError } from '../errors.js'
import { faultOf, wordsOf } from '../domain/fault.js'
import { networkAdvice } from '../domain/network-advice.js'
import type { AssumeRole, Credentials, Identity } from '../domain/identity.js'
import type { IdentityInputs } from '../inputs/types.js'
import { renewing, type RenewOptions } from './renew.js'
import { explainRefusal } from './trust.js'

/** What identification needs of the outside. */
export interface IdentitySources extends RenewOptions {
  /** False when the job may not ask for OIDC tokens. */
  mayRequestToken: boolean
  /** A pull request from another repository: it never gets a token. */
  fromFork?: boolean
  requestToken(audience: string): Promise<string>
  assumeRole(request: AssumeRole): Promise<Credentials>
  /** The credentials that the job has by itself. */
  ambient(): Promise<Credentials>
  /** The account of the given credentials (GetCallerIdentity needs no permission). */
  account(credentials: Credentials): Promise<string>
  /** Told as soon as reading may begin; without a list of accounts that is before the account is known. */
  ready?(identity: Identity): void
}

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
  const isAny = inputs.allowedAccountIds.length === 0
  if (isAny) sources.ready?.(identity)
  const account = inputs.roleToAssume?.split(':')[4] ?? (await accountOf(first, sources))
  if (!isAny && !inputs.allowedAccountIds.includes(account))
    throw new UserError(
      `The credentials belong to account ${account}, which \`allowed-account-ids\` (${inputs.allowedAccountIds.join(', ')}) does not list.`,
      'Check `role-to-assume`, or the step that set the credentials. Nothing was done in that account.'
    )
  if (!isAny) sources.ready?.(identity)
  return { ...identity, account }
}

const accountOf = async (credentials: Credentials, sources: IdentitySources): Promise<string> => {
  try {
    return await sources.account(credentials)
  } catch (cause) {
    if (faultOf(cause) === 'canceled' || cause instanceof UserError) throw cause
    const advice = networkAdvice(cause)
    if (advice !== undefined)
      throw new UserError(`STS could not be asked whose credentials these are: ${wordsOf(cause)}.`, advice, {
        cause
      })
    throw new UserError(
      `The credentials of the job do not work: ${wordsOf(cause)}.`,
      'Check the step that set them (they may have run out), or set `role-to-assume` so that the action fetches its own. The action needs sts:GetCallerIdentity to be reachable.',
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
        'Run the job again. If it stays so, look at githubstatus.com; the job needs `permissions: id-token: write`.',
      { cause }
    )
  }
}

const noIdToken = (fromFork: boolean): UserError =>
  new UserError(
    'The job may not request an OIDC token, so `role-to-assume` cannot be used.',
    fromFork
      ? 'This pull request comes from a fork, and GitHub gives those no OIDC token. `command: preview` judges it without AWS; deploy after the merge.'
      : 'Add `permissions: id-token: write` to the job (with `contents: read` beside it).'
  )
