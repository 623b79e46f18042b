import { describe, expect, test } from '@jest/globals'
import {
  conditionsIn,
  PREVIEW_PARAMETERS,
  previews,
  PREVIEWS,
  previewsText,
  referencesIn,
  stackOf,
  template,
  TEMPLATE,
  text
} from './template.js'

// What holds for each template of examples/aws.

const CERTIFICATE = 'arn:aws:acm:ap-northeast-2:111122223333:certificate/1'
const PSEUDO = [
  'AWS::AccountId',
  'AWS::NoValue',
  'AWS::Partition',
  'AWS::Region',
  'AWS::StackName',
  'AWS::URLSuffix'
]

const PUBLIC_VPC = { VpcId: 'vpc-1', SubnetIds: 'subnet-3,subnet-4' }

describe.each([
  {
    ...{ path: TEMPLATE, from: template, yaml: text, least: 20 },
    stacks: [
      ['everything', { CertificateArn: CERTIFICATE, AlarmEmail: 'team@example.com' }],
      ['what is not there yet', { ...PUBLIC_VPC, OidcProvider: 'existing' }],
      ['Ubuntu on ARM', { OperatingSystem: 'ubuntu-24.04', Processor: 'arm', AlarmsDuringRollback: 'keep' }]
    ] as [string, Record<string, string>][]
  },
  {
    ...{ path: PREVIEWS, from: previews, yaml: previewsText, least: 10 },
    stacks: [
      ['previews', PREVIEW_PARAMETERS],
      ['previews with a certificate', { ...PREVIEW_PARAMETERS, CertificateArn: CERTIFICATE }],
      ['previews on Ubuntu', { ...PREVIEW_PARAMETERS, OperatingSystem: 'ubuntu-24.04' }]
    ] as [string, Record<string, string>][]
  }
])('$path', ({ from, yaml, stacks, least }) => {
  const dependencies = Object.values(from.Resources).flatMap(({ DependsOn = [] }) => [DependsOn].flat())
  const references = [...referencesIn(from), ...dependencies]

  test('refers only to what it has', () => {
    const known = [...Object.keys(from.Parameters), ...Object.keys(from.Resources), ...PSEUDO]
    const [own] = [references.map((name) => name.split('.')[0] ?? '')]
    expect(own.filter((name) => !known.includes(name))).toEqual([])
  })

  test('uses every parameter, condition and mapping', () => {
    expect(Object.keys(from.Parameters).filter((name) => !references.includes(name))).toEqual([])
    const asked = [...conditionsIn(from), ...Object.values(from.Resources).map(({ Condition }) => Condition)]
    expect([...new Set(asked.filter((name) => name !== undefined))].sort()).toEqual(
      Object.keys(from.Conditions).sort()
    )
  })

  test.each(stacks)('makes %s without a reference to something that it does not make', (_, parameters) => {
    const stack = stackOf(parameters, from)
    expect(Object.keys(stack.resources).length).toBeGreaterThan(least)
    expect(stack.value(from.Outputs)).toBeDefined()
    expect(stack.missing).toEqual([])
  })

  test('is small enough for a command that uploads nothing, and has no aliases, which CloudFormation does not read', () => {
    expect(Buffer.byteLength(yaml)).toBeLessThan(51_200)
    expect(yaml).not.toMatch(/[:\-[,] [&*]\w/)
  })
})
