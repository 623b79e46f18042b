import { randomUUID } from 'node:crypto'
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose'
import type { Switches } from '../contract.js'

/** Issuer of the tokens of GitHub Actions; its host is also the prefix of the trust policy's condition keys. */
export const ISSUER = 'https://token.actions.githubusercontent.com'

/** The workflow run for which tokens are issued. */
export interface Run {
  owner: string
  ownerId: number
  repository: string
  repositoryId: number
  /** `refs/heads/main`, `refs/tags/v1`, `refs/pull/1/merge` */
  ref: string
  event: string
  sha: string
  actor: string
  environment?: string
  /** The file of the reusable workflow that the job is in; the workflow's own by default. */
  jobWorkflowRef?: string
}

export interface Issuer {
  publicKey: CryptoKey
  jwks: { keys: JWK[] }
  /** A token for this audience, valid for five minutes (docs/service.md, reference 7.3). `now` is epoch milliseconds. */
  issue(run: Run, audience: string, now: number): Promise<string>
}

const LIFETIME_SECONDS = 300

const repositoryPart = (run: Run, form: Switches['subject']): string =>
  form === 'names'
    ? `${run.owner}/${run.repository}`
    : `${run.owner}@${run.ownerId}/${run.repository}@${run.repositoryId}`

const context = (run: Run): string => {
  if (run.environment !== undefined) return `environment:${run.environment}`
  return run.event === 'pull_request' ? 'pull_request' : `ref:${run.ref}`
}

/**
 * The `sub` of a token: an environment takes precedence over branch and pull request; newer repositories have ids in it
 * (docs/service.md, reference 7.3).
 */
export const subject = (run: Run, form: Switches['subject']): string =>
  `repo:${repositoryPart(run, form)}:${context(run)}`

/** What a token says, besides its times and its audience. */
export const claims = (run: Run, form: Switches['subject']): Record<string, unknown> => ({
  sub: subject(run, form),
  ref: run.ref,
  sha: run.sha,
  repository: `${run.owner}/${run.repository}`,
  repository_id: String(run.repositoryId),
  repository_owner: run.owner,
  repository_owner_id: String(run.ownerId),
  actor: run.actor,
  event_name: run.event,
  job_workflow_ref:
    run.jobWorkflowRef ?? `${run.owner}/${run.repository}/.github/workflows/deploy.yml@${run.ref}`,
  runner_environment: 'github-hosted',
  ...(run.environment === undefined ? {} : { environment: run.environment })
})

/** An issuer with its own key pair. `form` is read for each token, so that a test may change it. */
export const createIssuer = async (form: () => Switches['subject']): Promise<Issuer> => {
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true })
  const kid = randomUUID()
  const jwk = await exportJWK(publicKey)
  return {
    publicKey,
    jwks: { keys: [{ ...jwk, kid, alg: 'RS256', use: 'sig' }] },
    issue: (run, audience, now) => {
      const seconds = Math.floor(now / 1000)
      return new SignJWT(claims(run, form()))
        .setProtectedHeader({ alg: 'RS256', kid, typ: 'JWT' })
        .setIssuer(ISSUER)
        .setAudience(audience)
        .setJti(randomUUID())
        .setIssuedAt(seconds)
        .setNotBefore(seconds - 5)
        .setExpirationTime(seconds + LIFETIME_SECONDS)
        .sign(privateKey)
    }
  }
}
