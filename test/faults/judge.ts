import type { Row } from './cells.js'
import { expectedOf, isEndless, PARTS } from './expectation.js'

/** Ten minutes of watching, a minute of starting, what one hung call takes at the end, and a little. */
const PATIENCE_MS = (10 + 1 + 0.5) * 60_000

/** AccessDenied and mistakes are answers: the run says so at once. */
const AT_ONCE_MS = 2_000

/** Only a name, as `ThrottlingException`, tells nobody anything. */
const ONLY_A_NAME = /^\S+$/

/** What is wrong with a row of the matrix; nothing when the action did right by the person who reads its log. */
export const problemsOf = (row: Row): string[] => {
  const problems: [boolean, string][] = [
    [row.failed === 0, 'the fault never came'],
    ...outcomeProblems(row),
    [row.made > 1, `${row.made} deployments were made`],
    [row.told > 1, `the same trouble was told ${row.told} times`],
    [
      row.leftUploads > 0 && !/abort-multipart-upload/.test(row.words),
      'parts were left behind, and nobody was told'
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
      [!row.isLive, 'a success was told, but the commit is not live']
    ]
  const [message = '', hint = ''] = row.words.split('\n')
  return [
    [row.code === 0, 'it was told as a success'],
    [row.words.includes('NOT FOR A PERSON'), 'the error is not for a person'],
    [ONLY_A_NAME.test(message) || hint.length < 10, 'the words do not say what and what next'],
    [!row.isDoomed && !namesTheCause(row), 'neither the operation nor a cause is named'],
    [
      expected === 'fails at once' && !isEndless(row.times) && row.tookMs > row.usualMs + AT_ONCE_MS,
      'not at once'
    ],
    [expected === 'fails at once' && row.failed > 1, `it was asked ${row.failed} times`]
  ]
}

const namesTheCause = ({ words, operation }: Row): boolean =>
  words.includes(operation) ||
  (PARTS.has(operation) && words.includes('CompleteMultipartUpload')) ||
  (operation === 'GetIDToken' && words.includes('OIDC token')) ||
  (operation === 'AssumeRoleWithWebIdentity' && words.includes('could not be assumed')) ||
  (operation === 'GetCallerIdentity' && words.includes('credentials of the job'))
