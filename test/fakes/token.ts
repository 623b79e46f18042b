/** An OIDC token like GitHub's, with a signature that nobody checks. */
export const token = (claims: Record<string, unknown> = {}): string =>
  ['{"alg":"RS256"}', JSON.stringify({ ...CLAIMS, ...claims }), 'signature']
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.')

const CLAIMS = {
  sub: 'repo:org/app:ref:refs/heads/main',
  aud: 'sts.amazonaws.com',
  iss: 'https://token.actions.githubusercontent.com',
  repository: 'org/app',
  ref: 'refs/heads/main'
}
