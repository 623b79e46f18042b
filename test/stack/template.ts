import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, type CollectionTag, type ScalarTag, type YAMLMap, type YAMLSeq } from 'yaml'

/** Reads the templates of examples/aws, and evaluates them as CloudFormation would (CloudFormation user guide: intrinsic functions). */

export interface Resource {
  Type: string
  Condition?: string
  DependsOn?: string | string[]
  DeletionPolicy?: string
  UpdateReplacePolicy?: string
  Properties: Record<string, unknown>
}

export interface Template {
  Parameters: Record<string, { Type: string; Default?: string | number }>
  Conditions: Record<string, unknown>
  Mappings: Record<string, Record<string, Record<string, string>>>
  Rules: Record<string, unknown>
  Resources: Record<string, Resource>
  Outputs: Record<string, { Description: string; Value: unknown; Condition?: string }>
}

const TAGS = ['Sub', 'GetAtt', 'If', 'Not', 'Equals', 'FindInMap', 'Join', 'Select', 'Split', 'GetAZs']

/** `!Sub x` is short for `Fn::Sub: x`; of all, only Ref and Condition have no prefix. */
const long = (name: string, value: unknown): object => ({
  [name === 'Ref' ? name : `Fn::${name}`]:
    name === 'GetAtt' && typeof value === 'string' ? value.split('.') : value
})

const tagsOf = (name: string): (ScalarTag | CollectionTag)[] => [
  { tag: `!${name}`, resolve: (text) => long(name, text) },
  ...(['seq', 'map'] as const).map((collection) => ({
    tag: `!${name}`,
    collection,
    resolve: (node: YAMLMap | YAMLSeq) => long(name, node.toJSON())
  }))
]

export const TEMPLATE = 'examples/aws/stack.yaml'
/** The template beside it, for previews at addresses of their own. */
export const PREVIEWS = 'examples/aws/previews.yaml'

const textOf = (path: string): string => readFileSync(join(import.meta.dirname, '../..', path), 'utf8')

/** Reads a template; */
export const templateIn = (text: string): Template =>
  parse(text, { customTags: ['Ref', ...TAGS].flatMap(tagsOf) }) as Template

export const text = textOf(TEMPLATE)
export const template = templateIn(text)
export const previewsText = textOf(PREVIEWS)
export const previews = templateIn(previewsText)

const LISTENER =
  'arn:aws:elasticloadbalancing:ap-northeast-2:111122223333:listener/app/festival-previews/50dc6c495c0c9188'

/** The names of docs/iam, and one network. */
const NAMES: Readonly<Record<string, string>> = {
  'AWS::AccountId': '111122223333',
  'AWS::Partition': 'aws',
  'AWS::Region': 'ap-northeast-2',
  'AWS::URLSuffix': 'amazonaws.com',
  Bundles: 'festival-bundles',
  'Bundles.Arn': 'arn:aws:s3:::festival-bundles',
  SubnetA: 'subnet-1',
  SubnetB: 'subnet-2',
  Vpc: 'vpc-1',
  HttpListener: `${LISTENER}/f2f7dc8efc522ab2`,
  HttpsListener: `${LISTENER}/f2f7dc8efc522ab3`
}

export const PARAMETERS = {
  Owner: 'ORG',
  OwnerId: 'ORG_ID',
  Repository: 'REPOSITORY',
  RepositoryId: 'REPOSITORY_ID'
}

/** What the stack for previews must be given. */
export const PREVIEW_PARAMETERS = {
  ...PARAMETERS,
  Host: 'pr-{number}.preview.example.com',
  PreviewRole: 'festival-preview',
  Bucket: 'festival-bundles',
  VpcId: 'vpc-1',
  SubnetIds: 'subnet-1,subnet-2'
}

/** What Ref returns of these types is the name that one of their properties gives them. */
const NAMED: Readonly<Record<string, string>> = {
  'AWS::CloudWatch::Alarm': 'AlarmName',
  'AWS::CodeDeploy::Application': 'ApplicationName',
  'AWS::EC2::LaunchTemplate': 'LaunchTemplateName',
  'AWS::ElasticLoadBalancingV2::LoadBalancer': 'Name',
  'AWS::ElasticLoadBalancingV2::TargetGroup': 'Name',
  'AWS::IAM::InstanceProfile': 'InstanceProfileName',
  'AWS::IAM::Role': 'RoleName'
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const NOTHING = Symbol('AWS::NoValue')

/** A stack made from a template with these parameters. */
export interface Stack {
  /** A part of the template with every function evaluated. */
  value(part: unknown): unknown
  holds(condition: string | undefined): boolean
  /** The resources whose conditions hold, evaluated. */
  resources: Record<string, Resource>
  /** What was referred to although its condition does not hold. */
  missing: string[]
}

export const stackOf = (
  given: Readonly<Record<string, string | number>> = {},
  from: Template = template
): Stack => {
  const defaults = Object.entries(from.Parameters).map(([name, { Default }]) => [name, Default])
  const parameters = { ...Object.fromEntries(defaults), ...PARAMETERS, ...given } as Record<string, string>
  const missing: string[] = []

  const holds = (condition: string | undefined): boolean =>
    condition === undefined || value(from.Conditions[condition]) === true

  const nameOf = (logical: string): string => {
    const resource = from.Resources[logical]
    if (!holds(resource?.Condition)) missing.push(logical)
    const name = resource?.Properties[NAMED[resource.Type] ?? '']
    return NAMES[logical] ?? (name === undefined ? `<${logical}>` : String(value(name)))
  }
  const ref = (name: string): unknown => {
    if (name === 'AWS::NoValue') return NOTHING
    const value = parameters[name] ?? (name.startsWith('AWS::') ? NAMES[name] : nameOf(name))
    return from.Parameters[name]?.Type.startsWith('List<') === true ? String(value).split(',') : value
  }
  const attribute = ([logical = '', name = '']: string[]): string => {
    const own = nameOf(logical)
    if (from.Resources[logical]?.Type === 'AWS::IAM::Role')
      return `arn:aws:iam::${NAMES['AWS::AccountId']}:role/${own}`
    if (name === 'DNSName') return `${own}.example.com`
    return NAMES[`${logical}.${name}`] ?? (name === 'TargetGroupName' ? own : `<${logical}.${name}>`)
  }
  const sub = (given: unknown): string => {
    const [pattern, local = {}] = (Array.isArray(given) ? given : [given]) as [string, object?]
    const known = value(local) as Record<string, string>
    return pattern.replace(/\$\{([\w:.]+)\}/g, (_, name: string) =>
      String(known[name] ?? (name.includes('.') ? attribute(name.split('.')) : ref(name)))
    )
  }
  const functions: Record<string, (given: unknown) => unknown> = {
    Ref: (name) => ref(name as string),
    'Fn::GetAtt': (path) => attribute(path as string[]),
    'Fn::Sub': sub,
    'Fn::Base64': value,
    'Fn::If': (parts) => {
      const [condition, yes, no] = parts as [string, unknown, unknown]
      return value(holds(condition) ? yes : no)
    },
    'Fn::Not': (parts) => value((parts as unknown[])[0]) !== true,
    'Fn::Equals': (parts) => {
      const [one, other] = value(parts) as unknown[]
      return one === other
    },
    'Fn::FindInMap': (parts) => {
      const [map = '', first = '', second = ''] = value(parts) as string[]
      return from.Mappings[map]?.[first]?.[second]
    },
    'Fn::Split': (parts) => {
      const [separator = '', joined = ''] = value(parts) as string[]
      return joined.split(separator)
    },
    'Fn::Select': (parts) => {
      const [index, list] = value(parts) as [number, unknown[]]
      return list[index]
    },
    'Fn::GetAZs': () => ['ap-northeast-2a', 'ap-northeast-2b']
  }
  function value(part: unknown): unknown {
    if (Array.isArray(part)) return part.map(value).filter((item) => item !== NOTHING)
    if (!isObject(part)) return part
    const [first, ...others] = Object.entries(part)
    const [name, argument] = first ?? ['', undefined]
    const call = others.length === 0 ? functions[name] : undefined
    if (call !== undefined) return call(argument)
    if (name.startsWith('Fn::')) throw new Error(`The test does not know ${name}.`)
    return Object.fromEntries(
      Object.entries(part)
        .map(([key, member]) => [key, value(member)] as const)
        .filter(([, member]) => member !== NOTHING)
    )
  }

  const made = Object.entries(from.Resources).filter(([, { Condition }]) => holds(Condition))
  const resources = Object.fromEntries(
    made.map(([logical, resource]) => [
      logical,
      { ...resource, Properties: value(resource.Properties) as Resource['Properties'] }
    ])
  )
  return { value, holds, resources, missing }
}

/** Everything that a part of the template refers to: names of parameters, resources, and `Resource.Attribute`. */
export const referencesIn = (part: unknown): string[] => {
  if (Array.isArray(part)) return part.flatMap(referencesIn)
  if (!isObject(part)) return []
  return Object.entries(part).flatMap(([key, member]) => {
    if (key === 'Ref') return [member as string]
    if (key === 'Fn::GetAtt') return [(member as string[]).join('.')]
    if (key !== 'Fn::Sub') return referencesIn(member)
    const [pattern, local = {}] = (Array.isArray(member) ? member : [member]) as [string, object?]
    const names = [...pattern.matchAll(/\$\{([\w:.]+)\}/g)].map(([, name = '']) => name)
    return [...names.filter((name) => !Object.hasOwn(local, name)), ...referencesIn(local)]
  })
}

/** Every condition that a part of the template asks with Fn::If. */
export const conditionsIn = (part: unknown): string[] => {
  if (Array.isArray(part)) return part.flatMap(conditionsIn)
  if (!isObject(part)) return []
  return Object.entries(part).flatMap(([key, member]) => [
    ...(key === 'Fn::If' ? [(member as string[])[0] ?? ''] : []),
    ...conditionsIn(member)
  ])
}
