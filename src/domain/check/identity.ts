import type { CheckedIdentity } from './facts.js'
import { type CheckFinding, dependent, ok, warning } from './finding.js'

/** Who the run is, and which claims a trust policy sees. A run that cannot become its role ends before a check begins. */
export const identityFindings = (identity: CheckedIdentity): CheckFinding[] => [
  callerFinding(identity),
  ...tokenFindings(identity)
]

const callerFinding = ({
  account,
  region,
  role,
  mayRequestToken,
  lasting
}: CheckedIdentity): CheckFinding => {
  const where = `account ${account}, region ${region}`
  if (role !== undefined) return ok('Identity', `${role} in ${where}, by an OIDC token (\`id-token: write\`)`)
  const permission = mayRequestToken
    ? 'the job has `id-token: write`, but `role-to-assume` is empty'
    : 'the job has no `id-token: write`'
  if (!lasting)
    return ok('Identity', `temporary credentials that the job already had, in ${where}; ${permission}`)
  return warning(
    'Identity',
    `an access key without an end, in ${where}; ${permission}`,
    'Whoever gets hold of the key can use it until somebody deletes it.',
    'Set `role-to-assume`, and give the job `permissions: id-token: write` (docs/setup-by-hand.md).'
  )
}

const tokenFindings = ({ claims }: CheckedIdentity): CheckFinding[] => {
  if (claims === undefined) return []
  const { sub, aud, environment, ref } = claims
  const found = `sub=${sub} aud=${aud} environment=${environment || '(none)'} ref=${ref}`
  // The subject of a job without an environment in a pull request (docs/service.md, reference 7.3).
  if (!sub.endsWith(':pull_request')) return [ok('Token', found)]
  return [
    warning(
      'Token',
      found,
      'A role that trusts this subject can be used by every pull request of the repository, before anybody has reviewed it.',
      'Give the job an `environment:`, and let the trust policy name that environment instead (docs/iam/trust-policy.json).'
    )
  ]
}

/** How long AWS's own action, and most others, make credentials last if nothing else is set (API: AssumeRole, DurationSeconds). */
const USUAL_SESSION_MINUTES = 60

/** Whether the credentials last as long as a deployment takes, whose waits have so many minutes; undefined if they could not be read. */
export const sessionFindings = (
  { role, lasting, endsAt }: CheckedIdentity,
  waitMinutes: number | undefined,
  now: Date
): CheckFinding[] => {
  if (role !== undefined)
    return [ok('Session', 'the action renews the credentials of the role, however long a deployment takes')]
  if (lasting) return []
  if (waitMinutes === undefined) return [dependent('Session', 'the deployment group')]
  const enough =
    endsAt === undefined
      ? waitMinutes < USUAL_SESSION_MINUTES
      : endsAt.getTime() >= now.getTime() + waitMinutes * 60_000
  const end = endsAt === undefined ? 'it is not known when they end' : `they end at ${endsAt.toISOString()}`
  if (enough) return [ok('Session', `temporary credentials; ${end}`)]
  return [
    warning(
      'Session',
      `temporary credentials; ${end}, and the group waits ${waitMinutes} min in each deployment`,
      'Unless the runner renews them itself, as an instance with a role does, a run loses sight of its deployment when they end.',
      'Set `role-to-assume` instead of getting credentials in an earlier step, so that the action renews them; or let that step ask for a longer session.'
    )
  ]
}
