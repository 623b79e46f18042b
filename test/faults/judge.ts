import type { Row } from './cells.js'
import { expectedOf, isEndless, PARTS } from './expectation.js'

/** Ten minutes of watching, one of starting, the last hung call, and a little more. */
const PATIENCE_MS = (10 + 1 + 0.5) * 60_000

/** AccessDenied and invalid input are final: the run reports them at once. */
const AT_ONCE_MS = 2_000

/** The list of deployments is read side by side, so a refusal meets several calls. */
const SIDE_BY_SIDE = new Set(['BatchGetDeployments', 'ListDeploymentTargets', 'BatchGetDeploymentTargets'])
const AT_A_TIME = 10

/** A bare name, such as `ThrottlingException`, explains nothing. */
const ONLY_A_NAME = /^\S+$/

/** What is wrong with a row of the matrix; empty if the action ended well for the person who reads its log. */
export const problemsOf = (row: Row): string[] => {
  const problems: [boolean, string][] = [
    [row.failed === 0, 'the fault never occurred'],
    ...outcomeProblems(row),
    [row.made > 1, `${row.made} deployments were created`],
    [row.told > 1, `the same failure was reported ${row.told} times`],
    [
      row.leftUploads > 0 && !/abort-multipart-upload/.test(row.words),
      'parts were left behind and not reported'
    ],
    [row.tookMs - row.usualMs > PATIENCE_MS, `it took ${Math.round(row.tookMs / 1000)} s`]
  ]
  return problems
    .filter(([isTrue]) => isTrue)
    .map(([, what]) => `${row.scene}: ${row.operation} ${row.kind} ${row.times}: ${what}\n${row.words}`)
}

const outcomeProblems = (row: Row): [boolean, string][] => {
  const expected = row.isDoomed ? 'fails' : expectedOf(row)
  if (expected === 'survives')
    return [
      [row.code !== 0 || row.status !== 'succeeded', `it ended with ${row.code} (${row.status})`],
      [!row.isLive, 'a success was reported, but the commit is not live']
    ]
  const [message = '', hint = ''] = row.words.split('\n')
  return [
    [row.code === 0, 'it was reported as a success'],
    [row.words.includes('NOT FOR A PERSON'), 'the error is not for a person'],
    [
      ONLY_A_NAME.test(message) || hint.length < 10,
      'the error does not say what happened and what to do next'
    ],
    [!row.isDoomed && !namesTheCause(row), 'the error names neither the operation nor a cause'],
    [
      expected === 'fails at once' && !isEndless(row.times) && row.tookMs > row.usualMs + AT_ONCE_MS,
      'not at once'
    ],
    [
      expected === 'fails at once' && row.failed > (SIDE_BY_SIDE.has(row.operation) ? AT_A_TIME : 1),
      `it was called ${row.failed} times`
    ]
  ]
}

const namesTheCause = ({ words, operation }: Row): boolean =>
  words.includes(operation) ||
  (PARTS.has(operation) && words.includes('CompleteMultipartUpload')) ||
  (operation === 'GetIDToken' && words.includes('OIDC token')) ||
  (operation === 'AssumeRoleWithWebIdentity' && words.includes('could not be assumed')) ||
  (operation === 'GetCallerIdentity' && words.includes('credentials of the job'))
