/**
 * The policies in the CloudFormation templates are those of docs/iam, with the template's names: this writes them there. A policy is
 * found by its name, which is that of its document: `PolicyName: read-policy`.
 */

/** Paths of the templates, relative to the repository, and how each names the ARN of the bucket: its own, or one that it is given. */
export const STACKS: ReadonlyMap<string, string> = new Map([
  ['examples/aws/stack.yaml', '${Bundles.Arn}'],
  ['examples/aws/previews.yaml', 'arn:${AWS::Partition}:s3:::${Bucket}']
])

interface Statement {
  Sid?: string
  Effect: string
  Action: string | string[]
  Resource: string | string[]
  Condition?: Record<string, Record<string, string | string[]>>
}

const NAME = /PolicyName: (?:!Sub \$\{Name\}-)?([a-z-]+)$/

/** The bucket of docs/iam. */
const BUCKET = 'arn:aws:s3:::festival-bundles'

/** From the longest name of docs/iam to the shortest, so that none is found in another. */
const NAMES: readonly (readonly [string, string])[] = [
  ['festival-org/festival', '${Owner}/${Repository}'],
  ['arn:aws:', 'arn:${AWS::Partition}:'],
  ['ap-northeast-2', '${AWS::Region}'],
  ['111122223333', '${AWS::AccountId}'],
  ['CodeDeploy_web_', 'CodeDeploy_${Group}_'],
  ['festival/web', '${Name}/${Group}'],
  ['festival-web', '${Name}-${Group}'],
  ['festival', '${Name}']
]

/** A role or a bucket as a reference, so that CloudFormation makes it first. */
const WHOLE: Readonly<Record<string, string>> = {
  '${Bundles.Arn}': '!GetAtt Bundles.Arn',
  '${AWS::Region}': '!Ref AWS::Region',
  '${AWS::AccountId}': '!Ref AWS::AccountId',
  '${Name}': '!Ref Name',
  'arn:${AWS::Partition}:iam::${AWS::AccountId}:role/${Name}-codedeploy': '!GetAtt ServiceRole.Arn',
  'arn:${AWS::Partition}:iam::${AWS::AccountId}:role/${Name}-instance': '!GetAtt InstanceRole.Arn',
  'arn:${AWS::Partition}:iam::${AWS::AccountId}:role/${Name}-preview-codedeploy':
    '!GetAtt PreviewServiceRole.Arn',
  'arn:${AWS::Partition}:iam::${AWS::AccountId}:role/${Name}-preview-instance':
    '!GetAtt PreviewInstanceRole.Arn'
}

/** One value; `quote` where braces would end a mapping that is written on one line. */
const scalar = (value: string, quote = false): string => {
  const named = NAMES.reduce((text, [name, substitute]) => text.replaceAll(name, substitute), value)
  if (named.includes('${')) return WHOLE[named] ?? (quote ? `!Sub '${named}'` : `!Sub ${named}`)
  return /^[\w:/.-]+$/.test(value) && !/^(true|false|\d+)$/.test(value) ? value : `'${value}'`
}

const flow = (value: string | string[]): string =>
  Array.isArray(value) ? `[${value.map((item) => scalar(item, true)).join(', ')}]` : scalar(value, true)

/** Short lists of actions on one line; resources, which are long, each on a line of its own. */
const member = (key: string, value: string | string[]): string[] =>
  Array.isArray(value) && (value.length > 3 || key === 'Resource')
    ? [`${key}:`, ...value.map((item) => `  - ${scalar(item)}`)]
    : [`${key}: ${Array.isArray(value) ? flow(value) : scalar(value)}`]

const condition = (given: NonNullable<Statement['Condition']>): string => {
  const keys = (values: Record<string, string | string[]>): string =>
    Object.entries(values)
      .map(([key, value]) => `${key}: ${flow(value)}`)
      .join(', ')
  const operators = Object.entries(given).map(([operator, values]) => `${operator}: { ${keys(values)} }`)
  return `Condition: { ${operators.join(', ')} }`
}

const statement = ({ Sid, Effect, Action, Resource, Condition }: Statement): string[] => {
  const lines = [
    ...(Sid === undefined ? [] : [`Sid: ${Sid}`]),
    `Effect: ${Effect}`,
    ...member('Action', Action),
    ...member('Resource', Resource),
    ...(Condition === undefined ? [] : [condition(Condition)])
  ]
  return lines.map((line, index) => `${index === 0 ? '- ' : '  '}${line}`)
}

const indentOf = (line: string): number => /^ */.exec(line)?.[0].length ?? 0

/**
 * A template with the statements of docs/iam. `document` gives the JSON of a policy by its name, or undefined if there is none; then
 * the template keeps what it has. `bucket` is how the template names the ARN of the bucket.
 */
export const stackText = (
  text: string,
  { document, bucket }: { document: (name: string) => string | undefined; bucket: string }
): string => {
  const written: string[] = []
  let json: string | undefined
  let replacing = Infinity
  for (const line of text.split('\n')) {
    if (line.trim() !== '' && indentOf(line) > replacing) continue
    replacing = Infinity
    written.push(line)
    const name = NAME.exec(line)?.[1]
    if (name !== undefined) json = document(name)?.replaceAll(BUCKET, bucket)
    if (!/^ *Statement:$/.test(line) || json === undefined) continue
    replacing = indentOf(line)
    const { Statement } = JSON.parse(json) as { Statement: Statement[] }
    const lines = Statement.flatMap(statement)
    written.push(...lines.map((one) => `${' '.repeat(indentOf(line) + 2)}${one}`))
    json = undefined
  }
  return written.join('\n')
}
